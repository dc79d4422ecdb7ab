import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createVirtualClock } from '../shared/adapters/memory/virtual-clock.ts';
import { type OpenStores, openStores } from './stores.ts';

const HOUR_MS = 3_600_000;
const clock = createVirtualClock({ startMs: Date.UTC(2026, 10, 24) });
let folder = '';
let stores: OpenStores | undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stores-'));
});
afterEach(async () => {
  await stores?.close();
  await rm(folder, { recursive: true, force: true });
});

test('a trim forgets changes after 24 hours, and deletes expired items, which is a change itself', async () => {
  stores = await openStores({ folder, clock });
  const { items, changes, trim } = stores;
  const ttl = Math.floor(clock.nowMs() / 1000) + 1;
  const key = (sk: string) => ({ pk: 'p', sk });
  await items.put({ table: 'outbox', item: { ...key('expired'), ttl } });
  await clock.advance(1);
  await items.put({ table: 'outbox', item: key('kept') });
  await clock.advance(24 * HOUR_MS);
  await trim({ nowMs: clock.nowMs(), retentionMs: HOUR_MS, handledUpTo: async () => undefined });
  const [shardId = ''] = await changes.shards('outbox');
  const left = await changes.read({ table: 'outbox', shardId, limit: 10 });
  expect(left.map((change) => [change.key.sk, change.cause])).toEqual([
    ['kept', 'write'],
    ['expired', 'expiry'],
  ]);
  const page = await items.query({ table: 'outbox', pk: 'p', limit: 10 });
  expect(page.items).toEqual([key('kept')]);
});
