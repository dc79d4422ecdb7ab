import { TABLES } from '../../contracts/names.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { Item, ItemStore } from '../../ports/item-store.ts';
import {
  type RepricingRecord,
  repricingFromItem,
  repricingKey,
  repricingPartition,
} from '../records/repricing.ts';
import {
  type SubscriptionRecord,
  subscriptionFromItem,
  subscriptionKey,
  subscriptionsPartition,
} from '../records/subscription.ts';
import { type PricedBatch, priceUnits } from './price-units.ts';
import type { PricingDeps } from './pricing-deps.ts';
import { momentOf, type PricingMoment, readCountedFence } from './pricing-moment.ts';
import { unitsAt } from './pricing-units.ts';

/** Prices what no usage tells of: periods that began or were cut short, and plans with a new version. */
export async function* repriceChanges(deps: PricingDeps, tenant: string): AsyncGenerator<PricedBatch> {
  const query = { table: TABLES.main, pk: repricingPartition(tenant), limit: LIMITS.queryItems };
  let page = await deps.items.query(query);
  while (page.items.length > 0) {
    const records = page.items.map(repricingFromItem);
    // Read after what changed: usage that was priced without knowing of it lies ahead of this fence.
    const fence = await readCountedFence(deps, tenant);
    if (fence === null) return;
    const moment = await momentOf(deps, tenant, fence);
    yield* repriceSubscriptions(deps, moment, records);
    for (const record of records) if (record.kind === 'plan') yield* repriceFollowers(deps, moment, record);
    await Promise.all(records.map((record) => remove(deps.items, tenant, record)));
    if (page.next === undefined) return;
    page = await deps.items.query({ ...query, startAfter: page.next });
  }
}

async function* repriceSubscriptions(
  deps: PricingDeps,
  moment: PricingMoment,
  records: readonly RepricingRecord[],
): AsyncGenerator<PricedBatch> {
  const { tenant, nowMs } = moment;
  const changed = records.filter(({ kind }) => kind === 'subscription');
  const instants = Map.groupBy(changed, ({ key }) => key);
  const keys = [...instants.keys()].map((key) => subscriptionKey(tenant, key));
  const found: Item[] = [];
  for (let from = 0; from < keys.length; from += LIMITS.batchGetKeys) {
    const some = keys.slice(from, from + LIMITS.batchGetKeys);
    found.push(...(await deps.items.getMany({ table: TABLES.main, keys: some })));
  }
  const units = found.map(subscriptionFromItem).flatMap((subscription) => {
    const atMs = instants.get(subscription.key)?.map((record) => record.atMs) ?? [];
    return unitsAt(subscription, atMs, nowMs);
  });
  yield* priceUnits(deps, moment, units);
}

/** All subscriptions that follow a plan. */
async function* repriceFollowers(
  deps: PricingDeps,
  moment: PricingMoment,
  plan: RepricingRecord,
): AsyncGenerator<PricedBatch> {
  const { tenant, nowMs } = moment;
  const query = { table: TABLES.main, pk: subscriptionsPartition(tenant), limit: LIMITS.queryItems };
  const follows = ({ plan: key, version }: SubscriptionRecord) => key === plan.key && version === null;
  let page = await deps.items.query(query);
  for (;;) {
    const followers = page.items.map(subscriptionFromItem).filter(follows);
    const units = followers.flatMap((subscription) => unitsAt(subscription, [plan.atMs], nowMs));
    yield* priceUnits(deps, moment, units);
    if (page.next === undefined) return;
    page = await deps.items.query({ ...query, startAfter: page.next });
  }
}

/** Nobody writes it again: another change is another item. */
async function remove(items: ItemStore, tenant: string, record: RepricingRecord): Promise<void> {
  await items.delete({ table: TABLES.main, key: repricingKey(tenant, record) });
}
