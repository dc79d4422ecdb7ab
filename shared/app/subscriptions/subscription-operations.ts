import { TABLES } from '../../contracts/names.ts';
import type { SubscriptionDue } from '../../domain/subscriptions/due.ts';
import type { Condition, ItemStore, TransactionOperation } from '../../ports/item-store.ts';
import type { DueRecord } from '../records/due-item.ts';
import {
  type PlanHoldName,
  type PlanHoldRecord,
  planHoldFromItem,
  planHoldKey,
  planHoldToItem,
} from '../records/plan-hold.ts';
import { type SubscriptionRecord, subscriptionToItem } from '../records/subscription.ts';

/** Writes the subscription over the state that was read: of a cancellation and a run at the same time one fails. */
export function replaceSubscription(
  tenant: string,
  next: SubscriptionRecord,
  read: SubscriptionRecord,
): TransactionOperation {
  const sameDue: Condition =
    read.dueAtMs === null
      ? { kind: 'attribute_absent', name: 'dueAtMs' }
      : { kind: 'equal', name: 'dueAtMs', value: read.dueAtMs };
  return {
    op: 'put',
    table: TABLES.main,
    item: subscriptionToItem(tenant, next),
    condition: { kind: 'all', of: [{ kind: 'equal', name: 'etag', value: read.etag }, sameDue] },
  };
}

/** The due item of a subscription, null where it has none. */
export function dueOf(tenant: string, subscription: SubscriptionRecord): DueRecord | null {
  const { key: id, dueKind: kind, dueAtMs } = subscription;
  return kind === null || dueAtMs === null ? null : { tenant, kind, dueAtMs, id };
}

/** What a subscription keeps of its due item. */
export function dueFields(due: SubscriptionDue | null): Pick<SubscriptionRecord, 'dueKind' | 'dueAtMs'> {
  return { dueKind: due?.kind ?? null, dueAtMs: due?.dueAtMs ?? null };
}

export async function readPlanHold(
  items: ItemStore,
  name: PlanHoldName,
): Promise<PlanHoldRecord | undefined> {
  const item = await items.get({ table: TABLES.main, key: planHoldKey(name) });
  return item === undefined ? undefined : planHoldFromItem(item);
}

/** Writes the hold over what was read, so that of several subscriptions at the same time one gets the plan. */
export function replacePlanHold(
  name: PlanHoldName,
  next: Omit<PlanHoldRecord, 'etag'>,
  read: PlanHoldRecord | undefined,
): TransactionOperation {
  const etag = (read?.etag ?? 0) + 1;
  const condition: Condition =
    read === undefined ? { kind: 'item_absent' } : { kind: 'equal', name: 'etag', value: read.etag };
  return { op: 'put', table: TABLES.main, item: planHoldToItem(name, { ...next, etag }), condition };
}
