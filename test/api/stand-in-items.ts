import { createMemoryItems } from '../../shared/adapters/memory/items/memory-items.ts';
import type { Item, ItemStore } from '../../shared/ports/item-store.ts';

/** The item store of these tests: the twin in memory, with a hook before and after each transaction. */
export interface StandInItems extends ItemStore {
  all(): readonly Item[];
  /** Runs before and after the commit of each transaction. */
  hooks: { before?: () => Promise<void>; after?: () => Promise<void> };
}

export function createStandInItems(): StandInItems {
  const memory = createMemoryItems();
  const hooks: StandInItems['hooks'] = {};
  return {
    ...memory,
    hooks,
    transact: async (operations) => {
      await hooks.before?.();
      const done = await memory.transact(operations);
      await hooks.after?.();
      return done;
    },
  };
}
