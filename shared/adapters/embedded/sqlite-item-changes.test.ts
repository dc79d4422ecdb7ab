import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ItemChanges } from '../../ports/item-changes.ts';
import { StoreError } from '../../ports/store-error.ts';
import { createVirtualClock } from '../memory/virtual-clock.ts';
import { type EmbeddedItems, openSqliteItems } from './sqlite-items.ts';

const clock = createVirtualClock({ startMs: Date.UTC(2026, 10, 24) });
const key = { pk: 'p', sk: 's' };
const table = 'outbox';

let folder = '';
let opened: EmbeddedItems[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sqlite-item-changes-'));
});
afterEach(async () => {
  for (const store of opened) await store.close();
  opened = [];
  await rm(folder, { recursive: true, force: true });
});

function open(options: { readonly pagesMax?: number } = {}): EmbeddedItems {
  const store = openSqliteItems({ path: join(folder, 'items.sqlite'), clock, ...options });
  opened.push(store);
  return store;
}

async function readAll(changes: ItemChanges) {
  const [shardId = ''] = await changes.shards(table);
  return await changes.read({ table, shardId, limit: 1_000 });
}

test('a feed that is opened again has every change where it was, and goes on behind', async () => {
  const first = open();
  for (let n = 0; n < 12; n += 1) await first.items.put({ table, item: { ...key, n, big: 10n ** 30n } });
  const before = await readAll(first.changes);
  expect(before).toHaveLength(12);
  await first.close();
  const second = open();
  expect(await readAll(second.changes)).toEqual(before);
  await second.items.delete({ table, key });
  const after = await readAll(second.changes);
  expect(after.slice(0, 12)).toEqual(before);
  expect(after.slice(12)).toMatchObject([{ before: { n: 11, big: 10n ** 30n }, after: null }]);
  expect(Number(after.at(-1)?.sequenceNumber)).toBeGreaterThan(Number(before.at(-1)?.sequenceNumber));
});

test('a position is not given again, even after all was deleted and the feed opened again', async () => {
  const first = open();
  for (const n of [1, 2, 3]) await first.items.put({ table, item: { ...key, n } });
  const last = (await readAll(first.changes)).at(-1)?.sequenceNumber;
  await clock.advance(1);
  expect(await first.trimChanges({ table, before: clock.nowMs() })).toBe(3);
  await first.close();
  const second = open();
  await second.items.put({ table, item: { ...key, n: 4 } });
  const [next] = await readAll(second.changes);
  expect(Number(next?.sequenceNumber)).toBeGreaterThan(Number(last));
});

test('nobody reads a change before the commit that made it', async () => {
  const { items, changes } = open();
  const writing = Promise.all([
    items.put({ table, item: { ...key, n: 1 } }),
    items.transact([{ op: 'put', table, item: { ...key, sk: 'other' } }]),
  ]);
  await Promise.resolve();
  expect(await readAll(changes)).toEqual([]);
  await writing;
  expect(await readAll(changes)).toHaveLength(2);
});

test('on a full disk each write is either done and one change, or not done and none', async () => {
  const { items, changes } = open({ pagesMax: 120 });
  const numbers = Array.from({ length: 40 }, (_, n) => n);
  const put = (n: number) => {
    const text = String(n).padEnd(20_000, 'x');
    return items.transact([
      { op: 'put', table: 'main', item: { ...key, sk: `${n}`, text } },
      { op: 'put', table, item: { ...key, sk: `${n}`, text } },
    ]);
  };
  const results = await Promise.allSettled(numbers.map(put));
  const done = numbers.filter((n) => results[n]?.status === 'fulfilled');
  expect(done.length).toBeGreaterThan(0);
  expect(done.length).toBeLessThan(numbers.length);
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ outcome: 'not_done' });
  }
  expect((await readAll(changes)).map((change) => change.key.sk)).toEqual(done.map(String));
});

test('a trim stops at the first change that is young, also where the clock was set back', async () => {
  let nowMs = 1_000;
  const set = { ...clock, nowMs: () => nowMs };
  const store = openSqliteItems({ path: join(folder, 'items.sqlite'), clock: set });
  opened.push(store);
  for (const atMs of [1_000, 3_000, 500, 4_000]) {
    nowMs = atMs;
    await store.items.put({ table, item: { ...key, atMs } });
  }
  const left = async () => (await readAll(store.changes)).map(({ changedAtMs }) => changedAtMs);
  expect(await store.trimChanges({ table, before: 2_000 })).toBe(1);
  expect(await left()).toEqual([3_000, 500, 4_000]);
  expect(await store.trimChanges({ table, before: 3_500 })).toBe(2);
  expect(await left()).toEqual([4_000]);
});

test('writes of tables without a feed leave nothing behind but themselves', async () => {
  const { items, changes, deleteExpired } = open();
  for (const other of ['main', 'claims']) {
    await items.put({ table: other, item: { ...key, ttl: 1 } });
    await items.update({ table: other, key, changes: { set: { n: 1 } } });
  }
  expect(await deleteExpired(2, 10)).toBe(2);
  expect(await readAll(changes)).toEqual([]);
});

test('a closed store answers nothing of its feed and says that nothing was done', async () => {
  const { changes, trimChanges, close } = open();
  await close();
  for (const asked of [readAll(changes), trimChanges({ table, before: 0 })]) {
    await expect(asked).rejects.toThrow(StoreError);
  }
});

test('a position of another feed is refused as a bug of the caller', async () => {
  const { changes } = open();
  const [shardId = ''] = await changes.shards(table);
  const after = '49606000000000000000000000000000000000000000000000000000';
  await expect(changes.read({ table, shardId, after, limit: 1 })).rejects.toThrow('another stream');
});
