import { INDEXES, TABLES } from '../../contracts/names.ts';
import { periodAt, periodsBetween } from '../../domain/subscriptions/periods.ts';
import type { BillingPeriod } from '../../domain/subscriptions/subscription.ts';
import { assert, defined } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { formatInstant } from '../../kernel/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Condition, ItemStore, TransactionOperation } from '../../ports/item-store.ts';
import { StoreError } from '../../ports/store-error.ts';
import { queryAll } from '../query-all.ts';
import {
  type SubscriptionRecord,
  subscriptionFromItem,
  subscriptionKey,
  subscriptionsOwner,
} from '../records/subscription.ts';
import {
  type TouchedPeriod,
  touchedPeriodFromItem,
  touchedPeriodsPartition,
  touchedPeriodToItem,
} from '../records/touched-period.ts';
import { followUpOperations } from '../subscriptions/advance-subscription.ts';
import { readTenant, tenantNowMs } from '../tenants/read-tenant.ts';

interface TouchDeps {
  readonly items: ItemStore;
  readonly clock: Clock;
}

interface TouchPeriodsInput {
  readonly tenant: string;
  /** Keys of the customer and, where they are of one meter only, of the meter. */
  readonly customer: string;
  readonly meter?: string;
  /** The times of the rows lie in [fromMs, toMs). */
  readonly fromMs: number;
  readonly toMs: number;
  /** A fence that was drawn after the rows were acknowledged: they lie ahead of it. */
  readonly belowFence: number;
}

/**
 * To be called once rows have landed that are older than closings look back: the next closing of each of the customer's
 * subscriptions counts their closed periods in the range again, and bills what they lack. Idempotent. Subscriptions are found
 * by the index: one that is too new to be there has not closed these periods for good.
 */
export function touchPeriods(deps: TouchDeps): (input: TouchPeriodsInput) => Promise<void> {
  return async (input) => {
    assert(input.fromMs < input.toMs, 'a range of times is touched');
    const found = await queryAll(deps.items, {
      table: TABLES.main,
      index: INDEXES.byOwner,
      pk: subscriptionsOwner(input.tenant, input.customer),
    });
    for (const { key } of found.map(subscriptionFromItem)) await touchSubscription(deps, input, key);
  };
}

async function touchSubscription(deps: TouchDeps, input: TouchPeriodsInput, key: string): Promise<void> {
  let fromMs: number | null = input.fromMs;
  for (let failures = 0; failures < LIMITS.catalogueAttempts; ) {
    const item = await deps.items.get({ table: TABLES.main, key: subscriptionKey(input.tenant, key) });
    const subscription = subscriptionFromItem(defined(item, 'the subscription of a customer'));
    const periods = closedPeriods(subscription, { fromMs, toMs: input.toMs });
    const last = periods.at(-1);
    if (last === undefined) return;
    const done = await touchAll(deps, input, { subscription, periods });
    if (done) fromMs = last.endMs;
    failures = done ? 0 : failures + 1;
  }
  const message = `the touched periods of ${key} change all the time`;
  throw new StoreError({ message, outcome: 'not_done', reason: 'throttled' });
}

/** The first of those that have ended and been drafted; any other is counted when it is. */
function closedPeriods(
  subscription: SubscriptionRecord,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): readonly BillingPeriod[] {
  const limit = LIMITS.periodsTouchedAtOnce;
  const closedMs = Math.min(toMs, openFromMs(subscription));
  return periodsBetween({ subscription, fromMs, toMs: closedMs, limit });
}

/** Where the period begins that is to close next. */
function openFromMs(subscription: SubscriptionRecord): number {
  const { dueKind, dueAtMs, startsAtMs } = subscription;
  if (dueAtMs === null || dueKind === 'follow_up') return Number.POSITIVE_INFINITY;
  if (dueKind === 'period_start') return startsAtMs;
  return defined(periodAt(subscription, dueAtMs - 1), 'the period that is open').startMs;
}

/** False where the subscription or one of the periods has changed since it was read. */
async function touchAll(
  deps: TouchDeps,
  input: TouchPeriodsInput,
  read: { readonly subscription: SubscriptionRecord; readonly periods: readonly BillingPeriod[] },
): Promise<boolean> {
  const { tenant, meter = null, belowFence } = input;
  const { subscription, periods } = read;
  const known = await readTouched(deps.items, input, read);
  const puts = periods.flatMap(({ startMs }): TransactionOperation[] => {
    const before = known.find((touched) => touched.startMs === startMs && touched.meter === meter);
    if (before !== undefined && before.belowFence >= belowFence) return [];
    const condition: Condition =
      before === undefined
        ? { kind: 'item_absent' }
        : { kind: 'equal', name: 'belowFence', value: before.belowFence };
    const item = touchedPeriodToItem(tenant, subscription.key, { startMs, meter, belowFence });
    return [{ op: 'put', table: TABLES.main, item, condition }];
  });
  if (puts.length === 0) return true;
  const closing = await closingOperations(deps, tenant, subscription);
  return (await deps.items.transact([...closing, ...puts])).ok;
}

async function readTouched(
  items: ItemStore,
  { tenant }: TouchPeriodsInput,
  { subscription, periods }: Parameters<typeof touchAll>[2],
): Promise<readonly TouchedPeriod[]> {
  const [first, last] = [defined(periods[0], 'a period'), defined(periods.at(-1), 'a period')];
  const found = await queryAll(items, {
    table: TABLES.main,
    pk: touchedPeriodsPartition(tenant, subscription.key),
    // `$` comes after the `#` behind the instant.
    sk: { from: formatInstant(first.startMs), to: `${formatInstant(last.startMs)}$` },
  });
  return found.map(touchedPeriodFromItem);
}

/** Makes sure that a closing comes, as it was read or, after the last one, by a follow-up. */
async function closingOperations(
  deps: TouchDeps,
  key: string,
  subscription: SubscriptionRecord,
): Promise<readonly TransactionOperation[]> {
  const { dueAtMs } = subscription;
  if (dueAtMs === null) {
    const tenant = defined(await readTenant(deps.items, key), `tenant ${key}`);
    return followUpOperations(key, subscription, await tenantNowMs(deps, tenant));
  }
  const condition = { kind: 'equal', name: 'dueAtMs', value: dueAtMs } as const;
  return [{ op: 'check', table: TABLES.main, key: subscriptionKey(key, subscription.key), condition }];
}
