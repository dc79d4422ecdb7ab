import { describe } from 'vitest';
import { createMemoryItems } from '../../shared/adapters/memory/items/memory-items.ts';
import { createVirtualClock } from '../../shared/adapters/memory/virtual-clock.ts';
import { itemChangesContract } from './item-changes.contract.ts';
import { itemChangesTrimContract } from './item-changes-trim.ts';

describe('changes of items in memory', () => {
  const clock = createVirtualClock({ startMs: Date.UTC(2026, 10, 24) });
  const items = createMemoryItems({ clock });
  itemChangesContract({ items: () => items, changes: () => items.changes, runs: 100 });
  itemChangesTrimContract({
    clock,
    open: async () => {
      const opened = createMemoryItems({ clock });
      const { changes, trimChanges } = opened;
      return { items: opened, changes, trim: trimChanges, expire: async (now) => opened.expire(now) };
    },
  });
});
