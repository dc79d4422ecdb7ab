import { cancellationMs, dueOnceCanceled } from '../../domain/subscriptions/cancellation.ts';
import { endHold } from '../../domain/subscriptions/plan-hold.ts';
import { err, type Result } from '../../kernel/result.ts';
import type { ItemStore, TransactionOperation } from '../../ports/item-store.ts';
import { type Alongside, type ConfigurationDeps, commit, isRefusals, retryRaces } from '../commit.ts';
import { moveDue } from '../due/due-operations.ts';
import { repriceSubscription } from '../pricing/repricing-operations.ts';
import type { SubscriptionRecord } from '../records/subscription.ts';
import type { TenantRecord } from '../records/tenant.ts';
import { presentInUse } from '../tenants/present-in-use.ts';
import { readSubscription, type SubscriptionAt } from './read-subscription.ts';
import {
  dueFields,
  dueOf,
  readPlanHold,
  replacePlanHold,
  replaceSubscription,
} from './subscription-operations.ts';

interface CancelSubscriptionInput {
  readonly tenant: Pick<TenantRecord, 'key' | 'mode'>;
  readonly key: string;
  readonly at: 'now' | 'period_end';
  readonly alongside?: Alongside<SubscriptionAt>;
}

/**
 * Ends the subscription at the tenant's present or with the period that holds it, and moves its due item there. An
 * end never moves later; what changes nothing is no error. Error `subscription.not_found`.
 */
export function cancelSubscription(
  deps: ConfigurationDeps,
): (input: CancelSubscriptionInput) => Promise<Result<SubscriptionAt>> {
  return (input) =>
    retryRaces(deps, async () => {
      const { items } = deps;
      const tenant = input.tenant.key;
      const present = await presentInUse(deps, input.tenant);
      const { nowMs } = present;
      const current = await readSubscription({ items, tenant, key: input.key });
      if (!current.ok) return current;
      const subscription = canceled(current.value, input.at, nowMs);
      const isSame = subscription === current.value;
      const operations = isSame
        ? []
        : [
            replaceSubscription(tenant, subscription, current.value),
            ...moveDue(dueOf(tenant, current.value), dueOf(tenant, subscription)),
            ...(await releasePlan(items, tenant, subscription)),
            // The last instant of what is left: its period ends earlier now.
            repriceSubscription(tenant, subscription, subscription.cancelAtMs - 1),
            ...present.operations,
          ];
      const outcome = { subscription, nowMs };
      const written = await commit({ items, operations, outcome, alongside: input.alongside });
      if (written.ok) return written;
      return isRefusals(written.error) ? 'raced' : err(written.error);
    });
}

/** The very same record where nothing changes. */
function canceled(
  current: SubscriptionRecord,
  at: CancelSubscriptionInput['at'],
  nowMs: number,
): SubscriptionRecord & { readonly cancelAtMs: number } {
  const cancelAtMs = cancellationMs({ subscription: current, at, nowMs });
  const isOver = cancelAtMs <= nowMs;
  const status = isOver ? ('ended' as const) : ('canceled' as const);
  const next = { ...current, cancelAtMs, status, endedAtMs: isOver ? cancelAtMs : null };
  if (current.status === status && current.cancelAtMs === cancelAtMs) return current as typeof next;
  const { dueKind: kind, dueAtMs } = current;
  const pending = kind === null || dueAtMs === null ? null : { kind, dueAtMs };
  return { ...next, ...dueFields(dueOnceCanceled(next, pending)), etag: current.etag + 1 };
}

/** Lets the next subscription of the plan start where this one ends. Plans that allow several have no hold. */
async function releasePlan(
  items: ItemStore,
  tenant: string,
  subscription: SubscriptionRecord & { readonly cancelAtMs: number },
): Promise<readonly TransactionOperation[]> {
  const name = { tenant, customer: subscription.customer, plan: subscription.plan };
  const held = await readPlanHold(items, name);
  if (held?.subscription !== subscription.key) return [];
  return [replacePlanHold(name, endHold(held, subscription), held)];
}
