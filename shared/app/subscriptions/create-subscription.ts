import { TABLES } from '../../contracts/names.ts';
import { timingOf } from '../../domain/rating/charge.ts';
import { firstDue } from '../../domain/subscriptions/due.ts';
import { takePlan } from '../../domain/subscriptions/plan-hold.ts';
import { appError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { TransactionOperation } from '../../ports/item-store.ts';
import { type Alongside, type ConfigurationDeps, commit, isRefusals, retryRaces } from '../commit.ts';
import { moveDue } from '../due/due-operations.ts';
import { fieldIssuesError } from '../field-issues.ts';
import { listForPricing, repriceSubscription } from '../pricing/repricing-operations.ts';
import { customerKey } from '../records/customer.ts';
import { planKey } from '../records/plan.ts';
import { type SubscriptionRecord, subscriptionKey, subscriptionToItem } from '../records/subscription.ts';
import type { TenantRecord } from '../records/tenant.ts';
import { presentInUse } from '../tenants/present-in-use.ts';
import type { SubscriptionAt } from './read-subscription.ts';
import { readSubscribable, type Subscribable } from './subscribable.ts';
import { dueFields, dueOf, readPlanHold, replacePlanHold } from './subscription-operations.ts';

interface CreateSubscriptionInput {
  readonly tenant: Pick<TenantRecord, 'key' | 'mode'>;
  /** A new id when absent. */
  readonly key?: string;
  readonly customer: string;
  readonly plan: string;
  /** Follows the plan when absent. */
  readonly version?: number;
  readonly startsAtMs: number;
  /** The start when absent. */
  readonly anchorMs?: number;
  /** IANA; UTC when absent. */
  readonly timeZone?: string;
  /** Decimal text; "1" when absent. */
  readonly quantity?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly alongside?: Alongside<SubscriptionAt>;
}

/**
 * The subscription with its first due item; a test tenant is in use from then on. Errors `subscription.exists`,
 * `subscription.overlap`, and those of `readSubscribable`.
 */
export function createSubscription(
  deps: ConfigurationDeps,
): (input: CreateSubscriptionInput) => Promise<Result<SubscriptionAt>> {
  return async (input) => {
    const { items } = deps;
    const tenant = input.tenant.key;
    const key = input.key ?? newId('sub', deps.ids.uuid());
    return retryRaces(deps, async () => {
      const present = await presentInUse(deps, input.tenant);
      const { nowMs } = present;
      // Before what else may be wrong: whoever sends a creation twice learns that it was done.
      const existing = await items.get({ table: TABLES.main, key: subscriptionKey(tenant, key) });
      if (existing !== undefined) return err(appError('subscription.exists'));
      const found = await readSubscribable({ ...input, items, tenant, version: input.version ?? null });
      if (!found.ok) return found;
      const subscription = newSubscription({ ...input, key }, found.value, nowMs);
      const hold = await holdPlan(deps, tenant, subscription, found.value);
      if (!hold.ok) return hold;
      const operations = [
        ...planCreation(tenant, subscription, found.value),
        ...hold.value,
        ...present.operations,
        repriceSubscription(tenant, subscription, subscription.startsAtMs),
        ...(await listForPricing(items, tenant)),
      ];
      const outcome = { subscription, nowMs };
      const created = await commit({ items, operations, outcome, alongside: input.alongside });
      if (created.ok) return created;
      return isRefusals(created.error) ? 'raced' : err(created.error);
    });
  };
}

function newSubscription(
  input: CreateSubscriptionInput & { readonly key: string },
  { customer, plan, version }: Subscribable,
  nowMs: number,
): SubscriptionRecord {
  const terms = {
    cadence: plan.cadence,
    startsAtMs: input.startsAtMs,
    anchorMs: input.anchorMs ?? input.startsAtMs,
    timeZone: input.timeZone ?? 'UTC',
    version: input.version ?? null,
    cancelAtMs: null,
  };
  const chargesInAdvance = version.charges.some((charge) => timingOf(charge) === 'advance');
  return {
    ...terms,
    ...dueFields(firstDue({ subscription: terms, chargesInAdvance, nowMs })),
    key: input.key,
    customer: customer.key,
    plan: plan.key,
    currency: customer.currency,
    quantity: input.quantity ?? '1',
    status: 'active',
    endedAtMs: null,
    metadata: { ...input.metadata },
    etag: 1,
    createdAtMs: nowMs,
  };
}

/** The subscription and its due item, while customer and plan are as they were read. */
function planCreation(
  tenant: string,
  subscription: SubscriptionRecord,
  { customer, plan }: Subscribable,
): readonly TransactionOperation[] {
  const table = TABLES.main;
  const unchanged = (etag: number) => ({ kind: 'equal', name: 'etag', value: etag }) as const;
  return [
    {
      op: 'put',
      table,
      item: subscriptionToItem(tenant, subscription),
      condition: { kind: 'item_absent' },
    },
    ...moveDue(null, dueOf(tenant, subscription)),
    { op: 'check', table, key: customerKey(tenant, customer.key), condition: unchanged(customer.etag) },
    { op: 'check', table, key: planKey(tenant, plan.key), condition: unchanged(plan.etag) },
  ];
}

/** Error `subscription.overlap` where the plan is for one subscription at a time and is taken. */
async function holdPlan(
  deps: ConfigurationDeps,
  tenant: string,
  subscription: SubscriptionRecord,
  { plan }: Subscribable,
): Promise<Result<readonly TransactionOperation[]>> {
  if (plan.overlap === 'allow') return ok([]);
  const name = { tenant, customer: subscription.customer, plan: plan.key };
  const held = await readPlanHold(deps.items, name);
  const { key, startsAtMs } = subscription;
  const next = takePlan(held, { subscription: key, startsAtMs });
  if (next !== null) return ok([replacePlanHold(name, next, held)]);
  const message = `the customer has subscription ${held?.subscription} of this plan at that time`;
  return err(fieldIssuesError([{ path: 'plan', code: 'subscription.overlap', message }]));
}
