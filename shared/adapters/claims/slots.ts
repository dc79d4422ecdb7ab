import { TABLES } from '../../contracts/names.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { ok, type Result } from '../../kernel/result.ts';
import type { ConditionFailed, Item, ItemStore, PutInput } from '../../ports/item-store.ts';
import { StoreError } from '../../ports/store-error.ts';
import { mapInFlight } from './map-in-flight.ts';
import { createRecentSlots, type RecentSlots } from './recent-slots.ts';
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
  const recent = createRecentSlots(LIMITS.slotsKept);
  return {
    settle: async ({ chunk, visits, nowMs }) => {
      const owners = new Map<number, string>();
      let level = visits;
      while (level.length > 0) {
        const below = await mapInFlight(level, LIMITS.slotsInFlight, async (visit) => {
          const step = await settleAt({ items: deps.items, recent, chunk, nowMs }, visit);
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
  readonly recent: RecentSlots;
  readonly chunk: string;
  readonly nowMs: number;
}

/** Each try that fails has read what somebody else wrote meanwhile. */
async function settleAt(deps: SettleDeps, visit: SlotVisit): Promise<SlotStep> {
  const { items, recent, chunk, nowMs } = deps;
  const key = slotKey(visit);
  const name = `${key.pk}/${key.sk}`;
  const read = () => items.get({ table: TABLES.claims, key });
  const remembered = recent.get(name);
  // Most slots are met first by whoever fills them: a slot that nobody here knows is taken for absent.
  let isRead = remembered === null;
  let item = remembered === null ? await read() : remembered;
  for (let attempt = 1; attempt <= LIMITS.slotAttempts; attempt += 1) {
    const step = stepAt({ visit, slot: item === undefined ? undefined : slotFromItem(item), chunk, nowMs });
    if (step.write !== null) {
      const written = await writeSlot(deps, name, step.write);
      if (written.ok) return step;
      item = written.error.existing;
    } else if (isRead) return step;
    else item = await read();
    isRead = true;
  }
  const message = `others wrote a slot ${LIMITS.slotAttempts} times meanwhile`;
  throw new StoreError({ message, outcome: 'not_done', reason: 'throttled' });
}

/** Where it is refused, with the slot as it stands instead. */
async function writeSlot(
  { items, recent }: SettleDeps,
  name: string,
  write: NonNullable<SlotStep['write']>,
): Promise<Result<void, ConditionFailed>> {
  // Until it is known what became of the write.
  recent.set(name, null);
  const written = write.op === 'put' ? await put(items, write) : await items.update(write);
  if (!written.ok) return written;
  // What is sealed needs no write any more, and so is read each time.
  recent.set(name, written.value.sealed === true ? null : written.value);
  return ok(undefined);
}

async function put(items: ItemStore, input: PutInput): Promise<Result<Item, ConditionFailed>> {
  const written = await items.put(input);
  return written.ok ? ok(input.item) : written;
}
