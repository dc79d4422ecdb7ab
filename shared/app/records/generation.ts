import { z } from 'zod';
import { dayText } from '../../kernel/time.ts';
import type { Condition, Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs, ITEM_FORMAT, itemFormat } from './item-format.ts';

/** Sort keys begin with the day, so that a plan reads all meters of its day at once. */
export function generationsPartition(tenant: string): string {
  return `tenant#${tenant}#generations`;
}

export function generationKey({ tenant, meter, dayMs }: MeterDay): ItemKey {
  return { pk: generationsPartition(tenant), sk: `${dayPrefix(dayMs)}${meter}` };
}

export function dayPrefix(dayMs: number): string {
  return `${dayText(dayMs)}#`;
}

interface MeterDay {
  readonly tenant: string;
  readonly meter: string;
  /** Start of a UTC day. */
  readonly dayMs: number;
}

const generationItem = z.object({
  v: itemFormat,
  tenant: z.string(),
  meter: z.string(),
  dayMs: epochMs,
  /** The generation that rollup reads take. */
  current: z.int().nonnegative(),
  /** The greatest that was ever begun; above `current` while the day is rebuilt. */
  newest: z.int().positive(),
  /**
   * From which catalogue revision on plans write which generation: final for a revision, since an entry is written in the
   * transaction that raises the revision. What no plan under way can need is left out.
   */
  entries: z.array(z.object({ generation: z.int(), sinceRevision: z.int() })).readonly(),
  /** When `current` became so, wall time. */
  flippedAtMs: epochMs.nullable().default(null),
});

/** Which rollups are in force for a meter and day, and which are being made. No item: generation 0, as it was first counted. */
export type GenerationRecord = Readonly<Omit<z.output<typeof generationItem>, 'v'>>;

export function isBuilding({ current, newest }: Pick<GenerationRecord, 'current' | 'newest'>): boolean {
  return newest > current;
}

export function generationToItem(record: GenerationRecord): Item {
  const { flippedAtMs, entries, ...rest } = record;
  return {
    ...generationKey(record),
    v: ITEM_FORMAT,
    ...rest,
    entries: entries.map((entry) => ({ ...entry })),
    ...(flippedAtMs === null ? {} : { flippedAtMs }),
  };
}

/** Throws when the item is none: then the store holds something we never wrote. */
export function generationFromItem(item: Item): GenerationRecord {
  const { v: _format, ...record } = generationItem.parse(item);
  return record;
}

/** That nobody changed it since it was read; null: that there is none yet. */
export function asRead(read: GenerationRecord | null): Condition {
  if (read === null) return { kind: 'item_absent' };
  return {
    kind: 'all',
    of: [
      { kind: 'equal', name: 'current', value: read.current },
      { kind: 'equal', name: 'newest', value: read.newest },
    ],
  };
}
