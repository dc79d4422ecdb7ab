import { z } from 'zod';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs, ITEM_FORMAT, itemFormat } from './item-format.ts';

/** The partition of what of a tenant is to be priced again. */
export function repricingPartition(tenant: string): string {
  return `tenant#${tenant}#repricing`;
}

const named = {
  v: itemFormat,
  /** Of the meter, plan or subscription. */
  key: z.string(),
  /** What it became, in a word that it never has again: no later change is taken for this one. */
  state: z.string(),
};

/** `atMs`: an instant of the period whose amounts changed, on the tenant's clock. A meter changes all that is still open. */
const repricingItem = z.discriminatedUnion('kind', [
  z.object({ ...named, kind: z.literal('meter') }),
  z.object({ ...named, kind: z.literal('plan'), atMs: epochMs }),
  z.object({ ...named, kind: z.literal('subscription'), atMs: epochMs }),
]);

type Stored = Readonly<z.output<typeof repricingItem>>;
type WithoutFormat<T> = T extends unknown ? Omit<T, 'v'> : never;

/** A change of amounts that no usage tells of: a period began or was cut short, a plan or a meter has a new version. */
export type RepricingRecord = WithoutFormat<Stored>;

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
