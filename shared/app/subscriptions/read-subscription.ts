import { INDEXES, TABLES } from '../../contracts/names.ts';
import { periodAt } from '../../domain/subscriptions/periods.ts';
import { appError } from '../../kernel/errors.ts';
import type { Period } from '../../kernel/period.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import type { Page, PageRequest } from '../page.ts';
import {
  type SubscriptionRecord,
  subscriptionFromItem,
  subscriptionKey,
  subscriptionsOwner,
  subscriptionsPartition,
} from '../records/subscription.ts';

/** A subscription and the tenant's present, which decides its current period. */
export interface SubscriptionAt {
  readonly subscription: SubscriptionRecord;
  readonly nowMs: number;
}

/** Error `subscription.not_found`. */
export async function readSubscription(input: {
  readonly items: ItemStore;
  readonly tenant: string;
  readonly key: string;
}): Promise<Result<SubscriptionRecord>> {
  const key = subscriptionKey(input.tenant, input.key);
  const item = await input.items.get({ table: TABLES.main, key });
  return item === undefined ? err(appError('subscription.not_found')) : ok(subscriptionFromItem(item));
}

/** By key, of all customers or of one. Those of one come from the index, which may lag. */
export function listSubscriptions(deps: {
  readonly items: ItemStore;
}): (
  request: PageRequest & { readonly tenant: string; readonly customer?: string },
) => Promise<Page<SubscriptionRecord>> {
  return async ({ tenant, customer, ...request }) => {
    const where =
      customer === undefined
        ? { pk: subscriptionsPartition(tenant) }
        : { index: INDEXES.byOwner, pk: subscriptionsOwner(tenant, customer) };
    const page = await deps.items.query({ table: TABLES.main, ...where, ...request });
    return {
      records: page.items.map(subscriptionFromItem),
      ...(page.next === undefined ? {} : { next: page.next }),
    };
  };
}

/** Null before the start and from the end on. */
export function currentPeriod({ subscription, nowMs }: SubscriptionAt): Period | null {
  return periodAt(subscription, nowMs);
}
