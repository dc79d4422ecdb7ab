import { expect, test } from 'vitest';
import { createMemoryItems } from '../../adapters/memory/items/memory-items.ts';
import { laneOfTenant } from '../../domain/events/lane.ts';
import { laneKey } from '../records/lane.ts';
import { parkedToItem } from '../records/parked-part.ts';
import { completeThrough } from './watermark.ts';

const T_MS = Date.UTC(2026, 10, 24);
const CLOCK_MS = Date.UTC(2020, 0, 1);

async function createWorld() {
  const items = createMemoryItems();
  const changes = { set: { passedNumber: 7, passedTimeMs: T_MS } };
  await items.update({ table: 'main', key: laneKey(laneOfTenant('acme')), changes });
  const part = { tenant: 'acme', chunk: 'c', table: 'usage', partition: '202611', rows: 1 } as const;
  return {
    items,
    park: async (watermarkMs: number) => {
      const item = parkedToItem({ ...part, reason: 'refused', parkedAtMs: T_MS, watermarkMs });
      await items.put({ table: 'main', item });
    },
    complete: (clockMs: number | null, clockFence: number | null) =>
      completeThrough(items, { key: 'acme', clockMs, clockFence }),
  };
}

test('in real time usage is complete through the instant of the last fence that passed, or what parked rows hold back', async () => {
  const { complete, park } = await createWorld();
  expect(await complete(null, null)).toBe(T_MS);
  await park(T_MS - 5);
  expect(await complete(null, null)).toBe(T_MS - 5);
});

test('on a clock that stands it is complete through that clock once its fence has passed and no rows are parked', async () => {
  const { complete, park } = await createWorld();
  expect(await complete(CLOCK_MS, null)).toBeNull();
  expect(await complete(CLOCK_MS, 8)).toBeNull();
  expect(await complete(CLOCK_MS, 7)).toBe(CLOCK_MS);
  await park(T_MS - 5);
  expect(await complete(CLOCK_MS, 7)).toBeNull();
});
