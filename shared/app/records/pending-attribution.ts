import { z } from 'zod';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { ITEM_FORMAT, itemFormat } from './item-format.ts';

/** All of these are found under this owner in the index. */
export const ATTRIBUTIONS_OWNER = 'attributions';

function pendingKey(tenant: string, revision: number): ItemKey {
  return { pk: `tenant#${tenant}#attributions`, sk: String(revision).padStart(16, '0') };
}

const pendingItem = z.object({
  v: itemFormat,
  tenant: z.string(),
  /** The catalogue revision that made these names somebody's. */
  revision: z.int(),
  references: z.array(z.string()).readonly(),
});

/** Names that became a customer's: events that were sent before are to be counted. */
export type PendingAttribution = Readonly<Omit<z.output<typeof pendingItem>, 'v'>>;

export function pendingAttributionToItem(record: PendingAttribution): Item {
  const { tenant, revision, references } = record;
  const key = pendingKey(tenant, revision);
  const owner = { ownerPk: ATTRIBUTIONS_OWNER, ownerSk: `${tenant}#${key.sk}` };
  return { ...key, ...owner, v: ITEM_FORMAT, tenant, revision, references: [...references] };
}

/** Throws when the item is none: then the store holds something we never wrote. */
export function pendingAttributionFromItem(item: Item): PendingAttribution & { readonly key: ItemKey } {
  const { v: _format, ...record } = pendingItem.parse(item);
  return { ...record, key: { pk: item.pk, sk: item.sk } };
}
