import { z } from 'zod';
import type { PlanHold } from '../../domain/subscriptions/plan-hold.ts';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs, ITEM_FORMAT, itemFormat, present } from './item-format.ts';

/** Names a plan of a customer: the item that all subscriptions of one to the other must pass. */
export interface PlanHoldName {
  readonly tenant: string;
  readonly customer: string;
  readonly plan: string;
}

export function planHoldKey({ tenant, customer, plan }: PlanHoldName): ItemKey {
  return { pk: `tenant#${tenant}#customer#${customer}`, sk: `plan-hold#${plan}` };
}

const planHoldItem = z.object({
  v: itemFormat,
  subscription: z.string(),
  freeFromMs: epochMs.nullable().default(null),
  earlierFreeFromMs: epochMs,
  /** Raised by every change. */
  etag: z.int(),
});

export type PlanHoldRecord = PlanHold & { readonly etag: number };

export function planHoldToItem(name: PlanHoldName, record: PlanHoldRecord): Item {
  return { ...planHoldKey(name), v: ITEM_FORMAT, ...present({ ...record }) };
}

/** Throws when the item is not a hold: then the store holds something we never wrote. */
export function planHoldFromItem(item: Item): PlanHoldRecord {
  const { v: _format, ...record } = planHoldItem.parse(item);
  return record;
}
