import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFileObjects } from '../../shared/adapters/embedded/file-objects.ts';
import { openSqliteStream } from '../../shared/adapters/embedded/sqlite-stream.ts';
import { createSystemClock } from '../../shared/adapters/system/clock.ts';
import { readShard } from '../contracts/stream-builders.ts';
import { startChild } from './child.ts';

/** How many answers each life is given before it is killed. */
const LIVES = [1, 40, 333, 700];

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'killed-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Every line that the process wrote before and while it was killed, whole ones only. */
async function linesUntilKilled(file: string, args: readonly string[], count: number): Promise<string[]> {
  const child = startChild(file, args);
  const lines: string[] = [];
  const killed: Promise<void>[] = [];
  for (let line = await child.lines.next(); line.done !== true; line = await child.lines.next()) {
    lines.push(line.value);
    if (lines.length === count) killed.push(child.kill());
  }
  await Promise.all(killed);
  expect(lines.length).toBeGreaterThanOrEqual(count);
  return lines;
}

test('a stream whose process is killed has every acknowledged record, whole and in order', async () => {
  const path = join(folder, 'stream.sqlite');
  const acknowledged = new Map<string, string[]>();
  for (const [life, count] of LIVES.entries()) {
    for (const line of await linesUntilKilled('write-stream.child.ts', [path, `${life}`], count)) {
      const [key = '', text = ''] = line.split(' ');
      // The last line may have been cut off with its writer.
      if (text.length === 2_000) acknowledged.set(key, [...(acknowledged.get(key) ?? []), text]);
    }
    const { stream, close } = openSqliteStream({ path, shards: 2, clock: createSystemClock() });
    const stored = new Map<string, string[]>();
    for (const shardId of await stream.shards()) {
      for (const { partitionKey, data } of await readShard(stream, { shardId })) {
        stored.set(partitionKey, [...(stored.get(partitionKey) ?? []), Buffer.from(data).toString()]);
      }
    }
    await close();
    for (const [key, texts] of acknowledged) expect(stored.get(key)?.slice(0, texts.length)).toEqual(texts);
    for (const texts of stored.values()) for (const text of texts) expect(text).toHaveLength(2_000);
  }
  expect(acknowledged.size).toBeGreaterThanOrEqual(LIVES.length);
});

test('objects whose process is killed are there if acknowledged, whole, and once', async () => {
  const winners = new Map<string, string>();
  const deleted = new Set<string>();
  for (const [life, count] of LIVES.entries()) {
    for (const line of await linesUntilKilled('write-objects.child.ts', [folder, `${life}`], count)) {
      const [answer = '', key = '', of] = line.split(' ');
      if (of !== `${life}`) continue;
      if (answer === 'put') {
        expect(winners.get(key)).toBeUndefined();
        winners.set(key, of);
      }
      if (answer === 'deleted') deleted.add(key);
    }
    const objects = await openFileObjects({ folder });
    expect(await readdir(join(folder, 'writing'))).toEqual([]);
    for (const [key, of] of winners) {
      const body = await objects.get(key);
      // The writer may have been killed within its delete.
      const mayBeGone = !key.startsWith('shared/') && Number(key.split('.').at(-1)) % 3 === 2;
      if (deleted.has(key)) expect(body).toBeUndefined();
      else if (body !== undefined || !mayBeGone)
        expect(Buffer.from(body ?? []).toString()).toBe(`${key} of ${of}`.padEnd(20_000, '.'));
    }
    for (const key of (await objects.list({ prefix: '', limit: 1_000 })).keys) {
      expect(await objects.get(key)).toHaveLength(20_000);
    }
  }
  expect(winners.size).toBeGreaterThan(0);
});
