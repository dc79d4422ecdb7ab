import { z } from 'zod';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs, ITEM_FORMAT, itemFormat, metadataAttribute, present } from './item-format.ts';

/** The partition of a tenant's subscriptions; the sort key is the subscription's key. */
export function subscriptionsPartition(tenant: string): string {
  return `tenant#${tenant}#subscriptions`;
}

export function subscriptionKey(tenant: string, key: string): ItemKey {
  return { pk: subscriptionsPartition(tenant), sk: key };
}

/** Under which owner the index lists the subscriptions of a customer. */
export function subscriptionsOwner(tenant: string, customer: string): string {
  return `tenant#${tenant}#subscriptions#${customer}`;
}

const subscriptionItem = z.object({
  v: itemFormat,
  key: z.string(),
  /** Keys of the customer and the plan. */
  customer: z.string(),
  plan: z.string(),
  /** The version of the plan that holds for ever; null: the subscription follows the plan. */
  version: z.int().nullable().default(null),
  /** What it is billed in, whatever the customer's currency becomes. ISO 4217. */
  currency: z.string(),
  /** Of the plan, which never changes it once it is published. */
  cadence: z.enum(['hour', 'day', 'week', 'month', 'quarter', 'year']),
  startsAtMs: epochMs,
  anchorMs: epochMs,
  /** IANA. */
  timeZone: z.string(),
  /** Decimal text. */
  quantity: z.string(),
  /** `canceled`: it goes on until `cancelAtMs`. `ended`: the tenant's present is not before `endedAtMs`. */
  status: z.enum(['active', 'canceled', 'ended']),
  cancelAtMs: epochMs.nullable().default(null),
  endedAtMs: epochMs.nullable().default(null),
  /** The one due item of the subscription; null: nothing happens to it by itself any more. */
  dueKind: z.enum(['period_start', 'period_end', 'follow_up']).nullable().default(null),
  dueAtMs: epochMs.nullable().default(null),
  metadata: metadataAttribute,
  /** Raised by every change that the API shows; the ETag. */
  etag: z.int(),
  createdAtMs: epochMs,
});

export type SubscriptionRecord = Readonly<Omit<z.output<typeof subscriptionItem>, 'v'>>;

export function subscriptionToItem(tenant: string, record: SubscriptionRecord): Item {
  return {
    ...subscriptionKey(tenant, record.key),
    ownerPk: subscriptionsOwner(tenant, record.customer),
    ownerSk: record.key,
    v: ITEM_FORMAT,
    ...present(record),
  };
}

/** Throws when the item is not a subscription: then the store holds something we never wrote. */
export function subscriptionFromItem(item: Item): SubscriptionRecord {
  const { v: _format, ...record } = subscriptionItem.parse(item);
  return record;
}
