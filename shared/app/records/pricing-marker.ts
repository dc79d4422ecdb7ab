import { z } from 'zod';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { ITEM_FORMAT, itemFormat } from './item-format.ts';

/** All tenants that have a subscription are found under this owner in the index. */
export const PRICING_OWNER = 'pricing';

export function pricingMarkerKey(tenant: string): ItemKey {
  return { pk: `tenant#${tenant}#pricing`, sk: 'marker' };
}

const markerItem = z.object({
  v: itemFormat,
  tenant: z.string(),
  /** Usage ahead of it is priced; null before the first run. */
  fence: z.int().nullable().default(null),
});

/** How far the usage of a tenant is priced. It only moves forward. */
export type PricingMarker = Readonly<Omit<z.output<typeof markerItem>, 'v'>>;

/** Of a tenant whose first subscription begins. */
export function newMarkerAttributes(tenant: string) {
  return { v: ITEM_FORMAT, tenant, ownerPk: PRICING_OWNER, ownerSk: tenant };
}

/** Throws when the item is not a marker: then the store holds something we never wrote. */
export function pricingMarkerFromItem(item: Item): PricingMarker {
  const { v: _format, ...record } = markerItem.parse(item);
  return record;
}
