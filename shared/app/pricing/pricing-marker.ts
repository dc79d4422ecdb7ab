import { INDEXES, TABLES } from '../../contracts/names.ts';
import { defined } from '../../kernel/assert.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { queryAll } from '../query-all.ts';
import {
  PRICING_OWNER,
  type PricingMarker,
  pricingMarkerFromItem,
  pricingMarkerKey,
} from '../records/pricing-marker.ts';

/** The markers of all tenants that have a subscription. The index may lag: a marker may have moved on since. */
export async function listMarkers(items: ItemStore): Promise<readonly PricingMarker[]> {
  const query = { table: TABLES.main, index: INDEXES.byOwner, pk: PRICING_OWNER };
  return (await queryAll(items, query)).map(pricingMarkerFromItem);
}

export async function readMarker(items: ItemStore, tenant: string): Promise<PricingMarker> {
  const item = await items.get({ table: TABLES.main, key: pricingMarkerKey(tenant) });
  return pricingMarkerFromItem(defined(item, `the pricing marker of ${tenant}`));
}

/** Never backwards: of two runs at the same time the one that priced more decides. */
export async function moveMarker(items: ItemStore, tenant: string, fence: number): Promise<void> {
  await items.update({
    table: TABLES.main,
    key: pricingMarkerKey(tenant),
    changes: { set: { fence } },
    condition: {
      kind: 'any',
      of: [
        { kind: 'attribute_absent', name: 'fence' },
        { kind: 'less', name: 'fence', value: fence },
      ],
    },
  });
}
