import { defined } from '../../kernel/assert.ts';
import type { Item } from '../../ports/item-store.ts';

/**
 * What a process remembers of the slots that it met lately, at most so many. It spares reads and never decides: a slot is
 * written on condition that it still is as remembered, and whatever needs no write is read anew.
 */
export interface RecentSlots {
  /** As this process wrote it last; null where it only knows that there is one; undefined where it knows nothing. */
  get(name: string): Item | null | undefined;
  set(name: string, item: Item | null): void;
}

export function createRecentSlots(slotsMax: number): RecentSlots {
  const slots = new Map<string, Item | null>();
  return {
    get: (name) => slots.get(name),
    set: (name, item) => {
      slots.delete(name);
      slots.set(name, item);
      if (slots.size > slotsMax) slots.delete(defined(slots.keys().next().value, 'the oldest slot'));
    },
  };
}
