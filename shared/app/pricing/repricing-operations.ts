import { TABLES } from '../../contracts/names.ts';
import type { ItemStore, TransactionOperation } from '../../ports/item-store.ts';
import type { MeterRecord } from '../records/meter.ts';
import type { PlanRecord } from '../records/plan.ts';
import { newMarkerAttributes, pricingMarkerKey } from '../records/pricing-marker.ts';
import { type RepricingRecord, repricingToItem } from '../records/repricing.ts';
import type { SubscriptionRecord } from '../records/subscription.ts';

/** Has the period that holds an instant priced again, in the transaction of what the subscription becomes. */
export function repriceSubscription(
  tenant: string,
  { key, etag, dueAtMs }: SubscriptionRecord,
  atMs: number,
): TransactionOperation {
  // Whoever changes a subscription raises its version or moves its due item on.
  return reprice(tenant, { kind: 'subscription', key, state: `${etag}.${dueAtMs ?? 'none'}`, atMs });
}

/** The same for all that follow a plan, in the transaction of what the plan becomes. */
export function repricePlan(tenant: string, { key, etag }: PlanRecord, atMs: number): TransactionOperation {
  return reprice(tenant, { kind: 'plan', key, state: String(etag), atMs });
}

/** The same for all that count with a meter, in the transaction of what the meter becomes. */
export function repriceMeter(tenant: string, { key, version }: MeterRecord): TransactionOperation {
  return reprice(tenant, { kind: 'meter', key, state: String(version) });
}

function reprice(tenant: string, record: RepricingRecord): TransactionOperation {
  return { op: 'put', table: TABLES.main, item: repricingToItem(tenant, record) };
}

/** Lists the tenant among those that are priced, in the transaction of a subscription; nothing where it is listed. */
export async function listForPricing(
  items: ItemStore,
  tenant: string,
): Promise<readonly TransactionOperation[]> {
  const table = TABLES.main;
  const key = pricingMarkerKey(tenant);
  // Read first: an item that every subscription writes would make them wait for one another.
  if ((await items.get({ table, key })) !== undefined) return [];
  return [{ op: 'update', table, key, changes: { set: newMarkerAttributes(tenant) } }];
}
