import { TABLES } from '../../contracts/names.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { Item, ItemStore } from '../../ports/item-store.ts';
import { StoreError } from '../../ports/store-error.ts';
import { mapInFlight } from './map-in-flight.ts';
import { createRecentNames, type RecentNames } from './recent-names.ts';
import { slotFromItem } from './slot-item.ts';
import { type SlotVisit, slotKey, visitsBelow } from './slot-place.ts';
import { type SlotStep, stepAt } from './slot-step.ts';

export interface Slots {
  /** The chunk that holds each entry's hash, by the entry's index: `chunk` where nobody held it before. Throws StoreError. */
  settle(input: {
    readonly chunk: string;
    readonly visits: readonly SlotVisit[];
    readonly nowMs: number;
  }): Promise<ReadonlyMap<number, string>>;
}

export function createSlots(deps: { readonly items: ItemStore }): Slots {
  const known = createRecentNames(LIMITS.slotNamesKept);
  return {
    settle: async ({ chunk, visits, nowMs }) => {
      const owners = new Map<number, string>();
      let level = visits;
      while (level.length > 0) {
        const below = await mapInFlight(level, LIMITS.slotsInFlight, async (visit) => {
          const step = await settleAt({ items: deps.items, known, chunk, nowMs }, visit);
          for (const [index, owner] of step.owners) owners.set(index, owner);
          return visitsBelow(visit, step.below);
        });
        level = below.flat();
      }
      return owners;
    },
  };
}

interface SettleDeps {
  readonly items: ItemStore;
  readonly known: RecentNames;
  readonly chunk: string;
  readonly nowMs: number;
}

/** Each try that fails has read what somebody else wrote meanwhile. */
async function settleAt({ items, known, chunk, nowMs }: SettleDeps, visit: SlotVisit): Promise<SlotStep> {
  const key = slotKey(visit);
  const name = `${key.pk}/${key.sk}`;
  // Most slots are met first by whoever fills them: writing at once spares the read. This is never more than a guess.
  let item = known.has(name) ? await items.get({ table: TABLES.claims, key }) : undefined;
  for (let attempt = 1; attempt <= LIMITS.slotAttempts; attempt += 1) {
    const slot = item === undefined ? undefined : slotFromItem(item);
    const step = stepAt({ visit, slot, chunk, nowMs });
    if (step.write === null) return step;
    const refused = await writeSlot(items, step.write);
    known.add(name);
    if (refused === null) return step;
    item = refused.existing;
  }
  const message = `others wrote a slot ${LIMITS.slotAttempts} times meanwhile`;
  throw new StoreError({ message, outcome: 'not_done', reason: 'throttled' });
}

/** Null when done; else the slot as it stands instead. */
async function writeSlot(
  items: ItemStore,
  write: NonNullable<SlotStep['write']>,
): Promise<{ readonly existing: Item | undefined } | null> {
  const written = write.op === 'put' ? await items.put(write) : await items.update(write);
  return written.ok ? null : { existing: written.error.existing };
}
