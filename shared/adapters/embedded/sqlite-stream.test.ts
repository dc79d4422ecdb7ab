import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EventStream, ReadableStream, StreamRecord } from '../../ports/event-stream.ts';
import { StoreError } from '../../ports/store-error.ts';
import { createVirtualClock } from '../memory/virtual-clock.ts';
import { openSqliteStream, type SqliteStream } from './sqlite-stream.ts';

const START_MS = Date.UTC(2026, 10, 24);
const MIB = 1024 * 1024;
const clock = createVirtualClock({ startMs: START_MS });

let folder = '';
let opened: SqliteStream[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stream-'));
});
afterEach(async () => {
  for (const stream of opened) await stream.close();
  opened = [];
  await rm(folder, { recursive: true, force: true });
});

function open(options: { readonly shards?: number; readonly pagesMax?: number } = {}): SqliteStream {
  const stream = openSqliteStream({ path: join(folder, 'stream.sqlite'), shards: 2, clock, ...options });
  opened.push(stream);
  return stream;
}

const put = (stream: EventStream, key: string, text: string) =>
  stream.putRecords([{ partitionKey: key, data: Buffer.from(text) }]);

async function readAll(stream: ReadableStream): Promise<readonly StreamRecord[]> {
  const shards = await stream.shards();
  const pages = await Promise.all(shards.map((shardId) => stream.read({ shardId, limit: 10_000 })));
  return pages.flat();
}

const textsOf = (records: readonly StreamRecord[]) =>
  records.map(({ partitionKey, data }) => `${partitionKey} ${Buffer.from(data).toString()}`).sort();

async function failureOf(work: Promise<unknown>): Promise<StoreError> {
  const thrown: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(thrown instanceof StoreError)) throw new Error(`no StoreError: ${String(thrown)}`);
  return thrown;
}

test('a stream that is opened again has every record where it was, and goes on behind', async () => {
  const first = open();
  for (let index = 0; index < 20; index += 1) await put(first.stream, `k${index % 5}`, String(index));
  const before = await readAll(first.stream);
  expect(before).toHaveLength(20);
  await first.close();
  const second = open();
  expect(await readAll(second.stream)).toEqual(before);
  const [next] = await put(second.stream, 'k0', 'next');
  const greatest = Math.max(...before.map(({ sequenceNumber }) => Number(sequenceNumber)));
  expect(next?.ok === true && Number(next.sequenceNumber)).toBeGreaterThan(greatest);
});

test('a position is not given again, even after all was deleted and the stream opened again', async () => {
  const first = open({ shards: 1 });
  await put(first.stream, 'k', '1');
  const [last] = await put(first.stream, 'k', '2');
  await clock.advance(1);
  const [shardId = ''] = await first.stream.shards();
  expect(await first.trim({ shardId, before: clock.nowMs(), upTo: '2' })).toBe(2);
  await first.close();
  expect(last).toMatchObject({ ok: true, sequenceNumber: '2' });
  expect(await put(open({ shards: 1 }).stream, 'k', '3')).toMatchObject([{ sequenceNumber: '3' }]);
});

test('records carry the time of the clock at which they arrived', async () => {
  const { stream } = open({ shards: 1 });
  const startMs = clock.nowMs();
  await put(stream, 'k', '1');
  await clock.advance(1_234);
  await put(stream, 'k', '2');
  expect((await readAll(stream)).map(({ arrivedAtMs }) => arrivedAtMs - startMs)).toEqual([0, 1_234]);
});

test('a stream is refused with another number of shards than it was made with, and keeps its own', async () => {
  const first = open({ shards: 2 });
  await put(first.stream, 'k', 'kept');
  await first.close();
  expect(() => open({ shards: 3 })).toThrow(
    expect.objectContaining({
      name: 'StoreError',
      outcome: 'refused',
      message: 'the stream was made with 2 shards and cannot be opened with 3',
    }),
  );
  expect(textsOf(await readAll(open({ shards: 2 }).stream))).toEqual(['k kept']);
});

test('a full disk refuses what does not fit, certainly not done, and keeps and takes the rest', async () => {
  const { stream } = open({ pagesMax: 200 });
  await put(stream, 'k', 'small');
  const large = [{ partitionKey: 'k', data: new Uint8Array(MIB - 1) }];
  const failures = await Promise.all([1, 2, 3].map(() => failureOf(stream.putRecords(large))));
  for (const failure of failures) expect(failure).toMatchObject({ outcome: 'not_done', reason: 'disk_full' });
  await put(stream, 'k', 'after');
  expect(textsOf(await readAll(stream))).toEqual(['k after', 'k small']);
});

test('on a full disk every put is either acknowledged and kept, or not there', async () => {
  const { stream } = open({ pagesMax: 300 });
  const texts = Array.from({ length: 40 }, (_, index) => `${index}`.padEnd(50_000, 'x'));
  const results = await Promise.allSettled(texts.map((text) => put(stream, 'k', text)));
  const acknowledged = texts.filter((_, index) => results[index]?.status === 'fulfilled');
  expect(acknowledged.length).toBeLessThan(texts.length);
  expect(textsOf(await readAll(stream))).toEqual(acknowledged.map((text) => `k ${text}`).sort());
});

test('deleting makes room on a full disk', async () => {
  const { stream, trim } = open({ shards: 1, pagesMax: 300 });
  let upTo = '0';
  const text = 'x'.repeat(100_000);
  for (;;) {
    const [result] = await put(stream, 'k', text).catch(() => []);
    if (result?.ok !== true) break;
    upTo = result.sequenceNumber;
  }
  await clock.advance(1);
  expect(await trim({ shardId: 'shardId-000000000000', before: clock.nowMs(), upTo })).toBe(Number(upTo));
  expect(await put(stream, 'k', text)).toMatchObject([{ ok: true }]);
});

test('what waits for one commit is bounded: beyond, records are throttled and not written', async () => {
  const { stream } = open();
  const put5 = () =>
    stream.putRecords(
      Array.from({ length: 5 }, (_, index) => ({ partitionKey: `${index}`, data: new Uint8Array(MIB - 1) })),
    );
  const results = (await Promise.all(Array.from({ length: 15 }, put5))).flat();
  const written = results.filter((result) => result.ok);
  expect(written).toHaveLength(60);
  for (const result of results) if (!result.ok) expect(result.code).toBe('throttled');
  expect(await put5()).toHaveLength(5);
  let stored = 0;
  for (const shardId of await stream.shards()) {
    let after = '0';
    for (;;) {
      const page = await stream.read({ shardId, after, limit: 100 });
      stored += page.length;
      if (page.length === 0) break;
      after = page.at(-1)?.sequenceNumber ?? '';
    }
  }
  expect(stored).toBe(65);
});

test('a trim deletes more than one commit may, and no more than asked', async () => {
  const { stream, trim } = open({ shards: 1 });
  const records = Array.from({ length: 500 }, (_, index) => ({
    partitionKey: 'k',
    data: Buffer.from(`${index}`),
  }));
  await stream.putRecords(records);
  await stream.putRecords(records);
  await clock.advance(1);
  expect(await trim({ shardId: 'shardId-000000000000', before: clock.nowMs(), upTo: '700' })).toBe(700);
  expect((await readAll(stream)).map(({ sequenceNumber }) => Number(sequenceNumber))).toEqual(
    Array.from({ length: 300 }, (_, index) => 701 + index),
  );
});

test('a closed stream answers nothing and says that nothing was done', async () => {
  const { stream, close } = open();
  await close();
  expect(await failureOf(put(stream, 'k', 'late'))).toMatchObject({ outcome: 'not_done' });
  expect(await failureOf(stream.read({ shardId: 'shardId-000000000000', limit: 1 }))).toMatchObject({
    outcome: 'not_done',
  });
});
