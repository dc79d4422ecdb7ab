import { INDEXES, TABLES } from '../../contracts/names.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { ChangedCustomer } from '../../ports/analytics.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { queryAll } from '../query-all.ts';
import type { PricingMarker } from '../records/pricing-marker.ts';
import {
  type SubscriptionRecord,
  subscriptionFromItem,
  subscriptionsOwner,
} from '../records/subscription.ts';
import { type PricedBatch, priceUnits } from './price-units.ts';
import type { PricingDeps } from './pricing-deps.ts';
import { moveMarker, readMarker } from './pricing-marker.ts';
import { momentOf, type PricingMoment, readCountedFence } from './pricing-moment.ts';
import { type PricingUnit, unitsOfHours } from './pricing-units.ts';
import { repriceChanges } from './reprice-changes.ts';

/** Customers whose subscriptions are read at the same time. */
const CUSTOMERS_AT_ONCE = 100;

/**
 * Prices what changed of one tenant: the usage between the marker and the last fence that passed, then what no usage tells
 * of. A run that ends anywhere is done again from where it began. Pauses after each batch, so that others get a turn.
 */
export async function* priceTenant(deps: PricingDeps, listed: PricingMarker): AsyncGenerator<PricedBatch> {
  yield* priceChangedUsage(deps, listed);
  yield* repriceChanges(deps, listed.tenant);
}

async function* priceChangedUsage(deps: PricingDeps, listed: PricingMarker): AsyncGenerator<PricedBatch> {
  const { tenant } = listed;
  const fence = await readCountedFence(deps, tenant);
  if (fence === null) return;
  // One that lags is behind: then some usage is priced again. That there is none must be certain.
  const fromFence = listed.fence ?? (await readMarker(deps.items, tenant)).fence;
  if (fromFence === null) {
    // All subscriptions still wait for their first pricing, which is by everything that is counted then.
    await moveMarker(deps.items, tenant, fence);
    return;
  }
  if (fence <= fromFence) return;
  const changes = { tenant, fromFence, belowFence: fence, limit: LIMITS.snapshotCustomers };
  let page = await deps.analytics.customersChanged(changes);
  // Where nothing changed nothing is written, and the next question begins at the same fence.
  if (page.length === 0) return;
  const moment = await momentOf(deps, tenant, fence);
  for (;;) {
    yield* priceCustomers(deps, moment, page);
    const after = page.at(-1)?.customer;
    if (after === undefined || page.length < changes.limit) break;
    page = await deps.analytics.customersChanged({ ...changes, after });
  }
  await moveMarker(deps.items, tenant, fence);
}

async function* priceCustomers(
  deps: PricingDeps,
  moment: PricingMoment,
  changed: readonly ChangedCustomer[],
): AsyncGenerator<PricedBatch> {
  const { tenant, nowMs } = moment;
  const units: PricingUnit[] = [];
  for (let from = 0; from < changed.length; from += CUSTOMERS_AT_ONCE) {
    const found = await Promise.all(
      changed.slice(from, from + CUSTOMERS_AT_ONCE).map(async ({ customer, hoursMs }) => {
        const subscriptions = await subscriptionsOf(deps.items, tenant, customer);
        return subscriptions.flatMap((subscription) => unitsOfHours(subscription, hoursMs, nowMs));
      }),
    );
    units.push(...found.flat());
  }
  yield* priceUnits(deps, moment, units);
}

/** From the index. One that it does not show yet is still to be priced for the first time. */
async function subscriptionsOf(
  items: ItemStore,
  tenant: string,
  customer: string,
): Promise<readonly SubscriptionRecord[]> {
  const index = INDEXES.byOwner;
  const found = await queryAll(items, {
    table: TABLES.main,
    index,
    pk: subscriptionsOwner(tenant, customer),
  });
  return found.map(subscriptionFromItem);
}
