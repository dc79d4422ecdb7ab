import { TABLES } from '../../contracts/names.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { Item, ItemStore } from '../../ports/item-store.ts';
import { pricesOf } from '../invoicing/draft-page.ts';
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
import { openUnits, unitsAt } from './pricing-units.ts';

/** Prices what no usage tells of: periods that began or were cut short, plans and meters with a new version. */
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
    for (const record of records) yield* repriceMany(deps, moment, record);
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
  const changed = records.filter((record) => record.kind === 'subscription');
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

/** All subscriptions that follow a plan, or that count with a meter. */
async function* repriceMany(
  deps: PricingDeps,
  moment: PricingMoment,
  record: RepricingRecord,
): AsyncGenerator<PricedBatch> {
  if (record.kind === 'subscription') return;
  const { tenant, nowMs } = moment;
  const query = { table: TABLES.main, pk: subscriptionsPartition(tenant), limit: LIMITS.queryItems };
  let page = await deps.items.query(query);
  for (;;) {
    const subscriptions = page.items.map(subscriptionFromItem);
    const units =
      record.kind === 'plan'
        ? subscriptions
            .filter(({ plan, version }) => plan === record.key && version === null)
            .flatMap((subscription) => unitsAt(subscription, [record.atMs], nowMs))
        : (await countingWith(deps, tenant, record.key, subscriptions)).flatMap((subscription) =>
            openUnits(subscription, nowMs),
          );
    yield* priceUnits(deps, moment, units);
    if (page.next === undefined) return;
    page = await deps.items.query({ ...query, startAfter: page.next });
  }
}

/** Those whose plan has a charge of the meter, in whatever version. */
async function countingWith(
  deps: PricingDeps,
  tenant: string,
  meter: string,
  subscriptions: readonly SubscriptionRecord[],
): Promise<readonly SubscriptionRecord[]> {
  const prices = await pricesOf(deps, tenant, subscriptions);
  const counts = (plan: string) =>
    prices(plan).versions.some(({ charges }) => charges.some((charge) => charge.meter === meter));
  return subscriptions.filter(({ plan }) => counts(plan));
}

/** Nobody writes it again: another change is another item. */
async function remove(items: ItemStore, tenant: string, record: RepricingRecord): Promise<void> {
  await items.delete({ table: TABLES.main, key: repricingKey(tenant, record) });
}
