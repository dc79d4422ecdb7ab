import { z } from 'zod';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs, ITEM_FORMAT, itemFormat, metadataAttribute, present } from './item-format.ts';

/** The partition of a tenant's meters; the sort key is the meter's key. */
export function metersPartition(tenant: string): string {
  return `tenant#${tenant}#meters`;
}

export function meterKey(tenant: string, key: string): ItemKey {
  return { pk: metersPartition(tenant), sk: key };
}

const definitionSchema = z.object({
  eventType: z.string(),
  aggregation: z.enum(['count', 'sum', 'min', 'max', 'avg', 'latest', 'unique_count']),
  value: z.string().nullable(),
  groupBy: z.record(z.string(), z.string()),
  filter: z.string().nullable(),
});

const meterItem = z.object({
  v: itemFormat,
  key: z.string(),
  name: z.string(),
  unit: z.string().nullable().default(null),
  metadata: metadataAttribute,
  definition: definitionSchema,
  /** Of the definition; usage rows name it. */
  version: z.int(),
  /** The catalogue revision at which this version came into force. */
  revision: z.int(),
  /** Definitions before this one, newest first: a plan counts by the one that was in force at its revision. */
  earlier: z
    .array(z.object({ version: z.int(), revision: z.int(), definition: definitionSchema }))
    .default([]),
  /** The catalogue revision at which the meter stopped counting; null: it counts. */
  archivedRevision: z.int().nullable().default(null),
  /** Raised by every change that the API shows; the ETag. */
  etag: z.int(),
  createdAtMs: epochMs,
  archivedAtMs: epochMs.nullable().default(null),
});

export type MeterRecord = Readonly<Omit<z.output<typeof meterItem>, 'v'>>;

export function meterToItem(tenant: string, record: MeterRecord): Item {
  return { ...meterKey(tenant, record.key), v: ITEM_FORMAT, ...present(record) };
}

/** Throws when the item is not a meter: then the store holds something we never wrote. */
export function meterFromItem(item: Item): MeterRecord {
  const { v: _format, ...record } = meterItem.parse(item);
  return record;
}
