import { z } from 'zod';
import type { Lane } from '../../domain/events/lane.ts';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { ITEM_FORMAT, itemFormat } from './item-format.ts';

/** Tenants whose sub-lanes are being raised are found under this owner in the index. */
export const RAISING_OWNER = 'raising-sub-lanes';

export function subLanesKey(tenant: string): ItemKey {
  return { pk: `tenant#${tenant}`, sk: 'sub-lanes' };
}

const subLanesItem = z.object({
  v: itemFormat,
  tenant: z.string(),
  /** In force: producers may use them. */
  count: z.int().positive(),
  /** To be in force once a fence has passed in each of them. */
  pending: z.int().positive().nullable().default(null),
});

export type SubLanesRecord = Readonly<Omit<z.output<typeof subLanesItem>, 'v'>>;

export function subLanesToItem({ tenant, count, pending }: SubLanesRecord): Item {
  const raising = pending === null ? {} : { pending, ownerPk: RAISING_OWNER, ownerSk: tenant };
  return { ...subLanesKey(tenant), v: ITEM_FORMAT, tenant, count, ...raising };
}

/** Without an item a tenant has one lane. */
export function subLanesFromItem(tenant: string, item: Item | undefined): SubLanesRecord {
  if (item === undefined) return { tenant, count: 1, pending: null };
  const { v: _format, ...record } = subLanesItem.parse(item);
  return record;
}

/** Sub-lanes that any tenant may use: the issuer puts its fences into them. They are never taken out. */
export const FENCED_PARTITION = 'sub-lanes';

export function fencedLaneToItem(lane: Lane): Item {
  return { pk: FENCED_PARTITION, sk: lane, v: ITEM_FORMAT };
}
