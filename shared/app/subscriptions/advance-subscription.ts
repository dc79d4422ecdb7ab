import { dueAfter, type SubscriptionDue } from '../../domain/subscriptions/due.ts';
import { assert } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { TransactionOperation } from '../../ports/item-store.ts';
import { moveDue } from '../due/due-operations.ts';
import { repriceSubscription } from '../pricing/repricing-operations.ts';
import type { SubscriptionRecord } from '../records/subscription.ts';
import { dueFields, dueOf, replaceSubscription } from './subscription-operations.ts';

interface Advanced {
  readonly outcome: SubscriptionRecord;
  readonly operations: readonly TransactionOperation[];
}

/**
 * The subscription once its due item is done, and the operations that make it so, for the transaction of what was
 * done: the due item goes, the next one comes, and after the last one the subscription has ended. They fail where
 * somebody else did it, or canceled the subscription, since it was read. `isOwed`: something could not be billed, so that
 * after the last one a follow-up is due.
 */
export function advanceSubscription(tenant: string, read: SubscriptionRecord, isOwed = false): Advanced {
  const done = dueOf(tenant, read);
  assert(done !== null, 'a subscription is advanced by what is due');
  const due = dueAfter(read, done.dueAtMs);
  const hasEnded = due === null && read.status !== 'ended';
  const outcome: SubscriptionRecord = {
    ...read,
    ...dueFields(due ?? (isOwed ? followUp(done.dueAtMs) : null)),
    ...(hasEnded ? { status: 'ended', endedAtMs: read.cancelAtMs, etag: read.etag + 1 } : {}),
  };
  return {
    outcome,
    operations: [
      replaceSubscription(tenant, outcome, read),
      ...moveDue(done, dueOf(tenant, outcome)),
      // A period begins.
      repriceSubscription(tenant, outcome, done.dueAtMs),
    ],
  };
}

/** Makes a follow-up due of a subscription to which nothing would happen by itself any more; nothing where something does. */
export function followUpOperations(
  tenant: string,
  read: SubscriptionRecord,
  atMs: number,
): readonly TransactionOperation[] {
  if (read.dueAtMs !== null) return [];
  const next = { ...read, ...dueFields(followUp(atMs)) };
  return [replaceSubscription(tenant, next, read), ...moveDue(null, dueOf(tenant, next))];
}

function followUp(atMs: number): SubscriptionDue {
  return { kind: 'follow_up', dueAtMs: atMs + LIMITS.followUpMs };
}
