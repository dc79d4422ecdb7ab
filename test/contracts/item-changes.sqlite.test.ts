import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { type EmbeddedItems, openSqliteItems } from '../../shared/adapters/embedded/sqlite-items.ts';
import { createVirtualClock } from '../../shared/adapters/memory/virtual-clock.ts';
import { defined } from '../../shared/kernel/assert.ts';
import { itemChangesContract } from './item-changes.contract.ts';
import { itemChangesTrimContract } from './item-changes-trim.ts';

describe('changes of items in SQLite', () => {
  const clock = createVirtualClock({ startMs: Date.UTC(2026, 10, 24) });
  const opened: EmbeddedItems[] = [];
  let folder: string;
  const open = () => {
    const store = openSqliteItems({ path: join(folder, `${opened.length}.sqlite`), clock });
    opened.push(store);
    return store;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'item-changes-'));
    open();
  });
  afterAll(async () => {
    for (const store of opened) await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  const first = () => defined(opened[0], 'the store');
  itemChangesContract({ items: () => first().items, changes: () => first().changes, runs: 40 });
  itemChangesTrimContract({
    clock,
    open: async () => {
      const { items, changes, trimChanges, deleteExpired } = open();
      const expire = async (nowSeconds: number) => {
        await deleteExpired(nowSeconds, 100);
      };
      return { items, changes, trim: trimChanges, expire };
    },
  });
});
