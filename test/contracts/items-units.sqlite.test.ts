import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { type EmbeddedItems, openSqliteItems } from '../../shared/adapters/embedded/sqlite-items.ts';
import { createSystemClock } from '../../shared/adapters/system/clock.ts';
import { defined } from '../../shared/kernel/assert.ts';
import { itemUnitsContract } from './items-units.contract.ts';

describe('units of items in SQLite', () => {
  let folder: string;
  let opened: EmbeddedItems | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'units-'));
    opened = openSqliteItems({ path: join(folder, 'items.sqlite'), clock: createSystemClock() });
  });
  afterAll(async () => {
    await opened?.close();
    await rm(folder, { recursive: true, force: true });
  });
  const store = () => defined(opened, 'the store');
  itemUnitsContract({ items: () => store().items, units: () => store().units });
});
