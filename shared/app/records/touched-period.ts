import { z } from 'zod';
import { formatInstant } from '../../kernel/time.ts';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs, ITEM_FORMAT, itemFormat, present } from './item-format.ts';

/** The partition of a subscription's touched periods; sort keys order by the period's start. */
export function touchedPeriodsPartition(tenant: string, subscription: string): string {
  return `tenant#${tenant}#subscription#${subscription}#touched`;
}

const touchedPeriodItem = z.object({
  v: itemFormat,
  /** The start of the period. */
  startMs: epochMs,
  /** The meter whose rows they are; null: any. */
  meter: z.string().nullable().default(null),
  /** The rows lie ahead of this fence. */
  belowFence: z.int().positive(),
});

/** A closed period for which rows have arrived that no closing may have counted. */
export type TouchedPeriod = Readonly<Omit<z.output<typeof touchedPeriodItem>, 'v'>>;

export function touchedPeriodKey(
  tenant: string,
  subscription: string,
  { startMs, meter }: Pick<TouchedPeriod, 'startMs' | 'meter'>,
): ItemKey {
  const pk = touchedPeriodsPartition(tenant, subscription);
  return { pk, sk: `${formatInstant(startMs)}#${meter ?? ''}` };
}

export function touchedPeriodToItem(tenant: string, subscription: string, record: TouchedPeriod): Item {
  return { ...touchedPeriodKey(tenant, subscription, record), v: ITEM_FORMAT, ...present(record) };
}

/** Throws when the item is not a touched period: then the store holds something we never wrote. */
export function touchedPeriodFromItem(item: Item): TouchedPeriod {
  const { v: _format, ...record } = touchedPeriodItem.parse(item);
  return record;
}
