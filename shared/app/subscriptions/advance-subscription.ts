import { dueAfter } from '../../domain/subscriptions/due.ts';
import { assert } from '../../kernel/assert.ts';
import type { TransactionOperation } from '../../ports/item-store.ts';
import { moveDue } from '../due/due-operations.ts';
import type { SubscriptionRecord } from '../records/subscription.ts';
import { dueFields, dueOf, replaceSubscription } from './subscription-operations.ts';

/**
 * The subscription once its due item is done, and the operations that make it so, for the transaction of what was
 * done: the due item goes, the next one comes, and after the last one the subscription has ended. They fail where
 * somebody else did it, or canceled the subscription, since it was read.
 */
export function advanceSubscription(
  tenant: string,
  read: SubscriptionRecord,
): { readonly outcome: SubscriptionRecord; readonly operations: readonly TransactionOperation[] } {
  const done = dueOf(tenant, read);
  assert(done !== null, 'a subscription is advanced by what is due');
  const due = dueAfter(read, done.dueAtMs);
  const hasEnded = due === null && read.status !== 'ended';
  const outcome: SubscriptionRecord = {
    ...read,
    ...dueFields(due),
    ...(hasEnded ? { status: 'ended', endedAtMs: read.cancelAtMs, etag: read.etag + 1 } : {}),
  };
  return {
    outcome,
    operations: [replaceSubscription(tenant, outcome, read), ...moveDue(done, dueOf(tenant, outcome))],
  };
}
