import { z } from 'zod';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs, ITEM_FORMAT, itemFormat, present } from './item-format.ts';

export function backfillsPartition(tenant: string): string {
  return `tenant#${tenant}#backfills`;
}

export function backfillKey(tenant: string, id: string): ItemKey {
  return { pk: backfillsPartition(tenant), sk: id };
}

const backfillItem = z.object({
  v: itemFormat,
  id: z.string(),
  state: z.enum(['collecting', 'applied', 'reverted']),
  reason: z.string(),
  /** Of the events' times; half-open. */
  fromMs: epochMs,
  toMs: epochMs,
  /** Objects that hold the events, and how many events these are. */
  batches: z.int().default(0),
  events: z.int().default(0),
  /** The jobs that count the events, and that take them back. */
  applyJob: z.string().nullable().default(null),
  revertJob: z.string().nullable().default(null),
  createdAtMs: epochMs,
});

/** Events of any time that are collected, looked at, counted together, and can be taken back together. */
export type BackfillRecord = Readonly<Omit<z.output<typeof backfillItem>, 'v'>>;

export function backfillToItem(tenant: string, record: BackfillRecord): Item {
  return { ...backfillKey(tenant, record.id), v: ITEM_FORMAT, ...present(record) };
}

/** Throws when the item is not a backfill: then the store holds something we never wrote. */
export function backfillFromItem(item: Item): BackfillRecord {
  const { v: _format, ...record } = backfillItem.parse(item);
  return record;
}
