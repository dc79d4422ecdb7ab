import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteItems } from '../../shared/adapters/embedded/sqlite-items.ts';
import { createSystemClock } from '../../shared/adapters/system/clock.ts';
import type { ItemStore } from '../../shared/ports/item-store.ts';
import { pagesOf } from './items-builders.ts';
import { partitionOf, WRITERS, writeUntilKilled } from './items-writer.ts';

const KILLS = 5;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'items-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** How many transactions of one loop are in the store: all of what each wrote, or the test fails. */
async function countWhole(items: ItemStore, pk: string): Promise<number> {
  const stored = (await pagesOf(items, { pk, sk: { from: '0', to: '9' }, limit: 1000 })).flat();
  const twins = [];
  for (const { sk } of stored) twins.push(await items.get({ table: 'claims', key: { pk, sk } }));
  expect(stored.map(({ n }) => n)).toEqual(stored.map((_, index) => index + 1));
  expect(twins).toEqual(stored);
  const beyond = String(stored.length + 1).padStart(6, '0');
  expect(await items.get({ table: 'claims', key: { pk, sk: beyond } })).toBeUndefined();
  const counter = await items.get({ table: 'main', key: { pk, sk: 'count' } });
  expect(counter?.count ?? 0).toBe(stored.length);
  return stored.length;
}

test('a process killed while it writes has lost nothing that it acknowledged, and left nothing by half', async () => {
  const path = join(folder, 'items.sqlite');
  for (let round = 1; round <= KILLS; round += 1) {
    const told = await writeUntilKilled({ path, round, acknowledgements: 37 * round });
    expect(told.length).toBeGreaterThanOrEqual(37 * round);
    const { items, close } = openSqliteItems({ path, clock: createSystemClock() });
    for (let writer = 0; writer < WRITERS; writer += 1) {
      const acknowledged = told.filter((one) => one.writer === writer).length;
      const found = await countWhole(items, partitionOf(round, writer));
      // More may be there than was said: what is on its way to us when the process dies is lost, what it wrote is not.
      expect(found).toBeGreaterThanOrEqual(acknowledged);
    }
    await close();
  }
});
