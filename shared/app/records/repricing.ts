import { z } from 'zod';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs, ITEM_FORMAT, itemFormat } from './item-format.ts';

/** The partition of what of a tenant is to be priced again. */
export function repricingPartition(tenant: string): string {
  return `tenant#${tenant}#repricing`;
}

const repricingItem = z.object({
  v: itemFormat,
  kind: z.enum(['plan', 'subscription']),
  /** Of the plan or subscription. */
  key: z.string(),
  /** What the plan or subscription became, in a word that it never has again: no later change is taken for this one. */
  state: z.string(),
  /** An instant of the period whose amounts changed, on the tenant's clock. */
  atMs: epochMs,
});

/** A change of amounts that no usage tells of: a period began or was cut short, or a version was published. */
export type RepricingRecord = Readonly<Omit<z.output<typeof repricingItem>, 'v'>>;

export function repricingKey(tenant: string, { kind, key, state }: RepricingRecord): ItemKey {
  return { pk: repricingPartition(tenant), sk: `${kind}#${key}#${state}` };
}

export function repricingToItem(tenant: string, record: RepricingRecord): Item {
  return { ...repricingKey(tenant, record), v: ITEM_FORMAT, ...record };
}

/** Throws when the item is none: then the store holds something we never wrote. */
export function repricingFromItem(item: Item): RepricingRecord {
  const { v: _format, ...record } = repricingItem.parse(item);
  return record;
}
