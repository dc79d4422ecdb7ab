import { z } from 'zod';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { ITEM_FORMAT, itemFormat } from './item-format.ts';

/** There is one rebuild of a meter at a time. */
export function openRebuildKey(tenant: string, meter: string): ItemKey {
  return { pk: `tenant#${tenant}#rebuilds`, sk: meter };
}

const openRebuildItem = z.object({ v: itemFormat, job: z.string() });

export function openRebuildToItem(rebuild: {
  readonly tenant: string;
  readonly meter: string;
  readonly job: string;
}): Item {
  return { ...openRebuildKey(rebuild.tenant, rebuild.meter), v: ITEM_FORMAT, job: rebuild.job };
}

/** The id of the job. */
export function openRebuildFromItem(item: Item): string {
  return openRebuildItem.parse(item).job;
}
