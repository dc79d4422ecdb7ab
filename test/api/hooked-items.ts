import { createMemoryItems, type MemoryItems } from '../../shared/adapters/memory/items/memory-items.ts';

/** What runs around each transaction: before it is decided, and when it is committed but not yet answered. */
interface Hooks {
  before?: () => Promise<void>;
  after?: () => Promise<void>;
}

export interface HookedItems extends MemoryItems {
  readonly hooks: Hooks;
}

/** The twin, with hooks for crashes and races around its transactions. */
export function createHookedItems(): HookedItems {
  const items = createMemoryItems();
  const hooks: Hooks = {};
  const transact: MemoryItems['transact'] = async (operations) => {
    await hooks.before?.();
    const done = await items.transact(operations);
    await hooks.after?.();
    return done;
  };
  return { ...items, transact, hooks };
}
