import type { Item, ItemKey } from '../../ports/item-store.ts';
import { ITEM_FORMAT } from './item-format.ts';

/** There is one rebuild of a meter at a time: the item is there while its job is open. */
export function openRebuildKey(tenant: string, meter: string): ItemKey {
  return { pk: `tenant#${tenant}#rebuilds`, sk: meter };
}

export function openRebuildToItem(rebuild: {
  readonly tenant: string;
  readonly meter: string;
  readonly job: string;
}): Item {
  return { ...openRebuildKey(rebuild.tenant, rebuild.meter), v: ITEM_FORMAT, job: rebuild.job };
}
