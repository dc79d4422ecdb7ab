import { z } from 'zod';
import { formatInstant } from '../../kernel/time.ts';
import type { Condition, Item } from '../../ports/item-store.ts';
import { epochMs } from './item-format.ts';

const HOUR_MS = 3_600_000;

/** All dirty hours are found under this owner in the index, the earliest first. */
export const DIRTY_HOURS_OWNER = 'dirty-hours';

/** Before there were rebuilds, an item had nothing but its hour. */
const dirtyHourItem = z.object({
  tenant: z.string().default(''),
  meter: z.string().default(''),
  hourMs: epochMs,
  /** The greatest catalogue revision of the plans whose rows made it dirty. */
  revision: z.int().default(0),
});

/** An hour of one meter whose rollups may not equal its rows; it is answered from the rows until they are made anew. */
export type DirtyHour = Readonly<z.output<typeof dirtyHourItem>>;

export function dirtyPartition(tenant: string, meter: string): string {
  return `dirty#${tenant}#${meter}`;
}

export function dirtyHourToItem(record: DirtyHour): Item {
  const { tenant, meter, hourMs } = record;
  const sk = formatInstant(hourMs);
  const owner = { ownerPk: DIRTY_HOURS_OWNER, ownerSk: `${sk}#${tenant}#${meter}` };
  return { pk: dirtyPartition(tenant, meter), sk, ...owner, ...record };
}

export function dirtyHourFromItem(item: Item): DirtyHour {
  return dirtyHourItem.parse(item);
}

/** That no plan of this catalogue revision or a later one marked the hour. */
export function markedBelow(revision: number): Condition {
  const below = { kind: 'less', name: 'revision', value: revision } as const;
  return { kind: 'any', of: [{ kind: 'attribute_absent', name: 'revision' }, below] };
}

export function hourOf(timeMs: number): number {
  return Math.floor(timeMs / HOUR_MS) * HOUR_MS;
}
