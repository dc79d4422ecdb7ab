import { z } from 'zod';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { ITEM_FORMAT, itemFormat } from './item-format.ts';

/**
 * What an event's `customer` may say: one item for each customer's key and one for each subject, so that a name is
 * unique in the tenant and is resolved with one strongly consistent read.
 */
export function referenceKey(tenant: string, reference: string): ItemKey {
  return { pk: `tenant#${tenant}#references`, sk: reference };
}

const referenceItem = z.object({
  v: itemFormat,
  customer: z.string(),
  archived: z.boolean(),
  /** The catalogue revision of the last change of this reference. */
  revision: z.int(),
});

type CustomerReference = Readonly<Omit<z.output<typeof referenceItem>, 'v'>> & {
  readonly reference: string;
};

export function referenceToItem(tenant: string, record: CustomerReference): Item {
  const { reference, ...attributes } = record;
  return { ...referenceKey(tenant, reference), v: ITEM_FORMAT, ...attributes };
}

/** Throws when the item is not a reference: then the store holds something we never wrote. */
export function referenceFromItem(item: Item): CustomerReference {
  const { v: _format, ...record } = referenceItem.parse(item);
  return { ...record, reference: item.sk };
}
