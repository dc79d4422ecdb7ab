import { expect, test } from 'vitest';
import { usageRow } from '../../../test/contracts/analytics-builders.ts';
import { createMemoryItems } from '../../adapters/memory/items/memory-items.ts';
import { TABLES } from '../../contracts/names.ts';
import { dirtyHourFromItem, dirtyPartition } from '../records/dirty-hour.ts';
import { markHoursDirty } from './mark-dirty.ts';

const HOUR_MS = 3_600_000;
const NOON_MS = Date.UTC(2026, 10, 24, 12);

async function marksOf(items: ReturnType<typeof createMemoryItems>) {
  const pk = dirtyPartition('acme', 'tokens');
  const found = await items.query({ table: TABLES.main, pk, limit: 10 });
  return found.items.map((item) => {
    const { hourMs, revision } = dirtyHourFromItem(item);
    return [(hourMs - NOON_MS) / HOUR_MS, revision];
  });
}

test('an hour keeps the greatest revision that marked it, in whatever order the marks come', async () => {
  const items = createMemoryItems();
  const at = (ms: number, revision: number) => usageRow({ timeMs: NOON_MS + ms, revision });
  await markHoursDirty(items, [at(0, 4), at(1, 7), at(HOUR_MS - 1, 5), at(HOUR_MS, 2)]);
  expect(await marksOf(items)).toEqual([
    [0, 7],
    [1, 2],
  ]);
  await markHoursDirty(items, [at(5, 6), at(HOUR_MS, 3)]);
  expect(await marksOf(items)).toEqual([
    [0, 7],
    [1, 3],
  ]);
});

test('an hour that was marked before marks had revisions gets one', async () => {
  const items = createMemoryItems();
  const item = { pk: dirtyPartition('acme', 'tokens'), sk: new Date(NOON_MS).toISOString(), hourMs: NOON_MS };
  await items.put({ table: TABLES.main, item });
  expect(await marksOf(items)).toEqual([[0, 0]]);
  await markHoursDirty(items, [usageRow({ timeMs: NOON_MS, revision: 1 })]);
  expect(await marksOf(items)).toEqual([[0, 1]]);
});
