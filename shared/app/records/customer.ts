import { z } from 'zod';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs, ITEM_FORMAT, itemFormat, metadataAttribute, present } from './item-format.ts';

/** The partition of a tenant's customers; the sort key is the customer's key. */
export function customersPartition(tenant: string): string {
  return `tenant#${tenant}#customers`;
}

export function customerKey(tenant: string, key: string): ItemKey {
  return { pk: customersPartition(tenant), sk: key };
}

const customerItem = z.object({
  v: itemFormat,
  key: z.string(),
  name: z.string(),
  /** ISO 4217. */
  currency: z.string(),
  /** IANA. */
  timeZone: z.string(),
  /** Other names that events may use; each has a reference item of its own. */
  subjects: z.array(z.string()),
  metadata: metadataAttribute,
  /** The catalogue revision of the last change of key, subjects or archival. */
  revision: z.int(),
  /** Raised by every change that the API shows; the ETag. */
  etag: z.int(),
  createdAtMs: epochMs,
  archivedAtMs: epochMs.nullable().default(null),
});

export type CustomerRecord = Readonly<Omit<z.output<typeof customerItem>, 'v'>>;

export function customerToItem(tenant: string, record: CustomerRecord): Item {
  return { ...customerKey(tenant, record.key), v: ITEM_FORMAT, ...present(record) };
}

/** Throws when the item is not a customer: then the store holds something we never wrote. */
export function customerFromItem(item: Item): CustomerRecord {
  const { v: _format, ...record } = customerItem.parse(item);
  return record;
}
