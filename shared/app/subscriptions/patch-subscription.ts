import { TABLES } from '../../contracts/names.ts';
import { appError } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { type SubscriptionRecord, subscriptionFromItem, subscriptionKey } from '../records/subscription.ts';
import { readSubscription } from './read-subscription.ts';

interface PatchSubscriptionInput {
  readonly tenant: string;
  readonly key: string;
  readonly ifMatch: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Changes single attributes, for the due item may move meanwhile. Errors `subscription.not_found`,
 * `request.precondition_failed`.
 */
export function patchSubscription(deps: {
  readonly items: ItemStore;
}): (input: PatchSubscriptionInput) => Promise<Result<SubscriptionRecord>> {
  return async ({ tenant, key, ifMatch, metadata }) => {
    const current = await readSubscription({ items: deps.items, tenant, key });
    if (!current.ok) return current;
    const updated = await deps.items.update({
      table: TABLES.main,
      key: subscriptionKey(tenant, key),
      changes: { set: { etag: ifMatch + 1, ...(metadata === undefined ? {} : { metadata }) } },
      condition: { kind: 'equal', name: 'etag', value: ifMatch },
    });
    return updated.ok
      ? ok(subscriptionFromItem(updated.value))
      : err(appError('request.precondition_failed'));
  };
}
