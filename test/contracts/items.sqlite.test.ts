import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { type EmbeddedItems, openSqliteItems } from '../../shared/adapters/embedded/sqlite-items.ts';
import { createSystemClock } from '../../shared/adapters/system/clock.ts';
import { defined } from '../../shared/kernel/assert.ts';
import { itemsContract } from './items.contract.ts';

describe('items in SQLite', () => {
  let folder: string;
  let opened: EmbeddedItems | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'items-'));
    opened = openSqliteItems({ path: join(folder, 'items.sqlite'), clock: createSystemClock() });
  });
  afterAll(async () => {
    await opened?.close();
    await rm(folder, { recursive: true, force: true });
  });
  itemsContract({ items: () => defined(opened, 'the store').items, runs: 60 });
});
