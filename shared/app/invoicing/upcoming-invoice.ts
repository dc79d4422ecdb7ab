import { defined } from '../../kernel/assert.ts';
import { appError } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { completeThrough, readWatermark } from '../fences/watermark.ts';
import type { SubscriptionRecord } from '../records/subscription.ts';
import { advanceSubscription } from '../subscriptions/advance-subscription.ts';
import { readSubscription } from '../subscriptions/read-subscription.ts';
import { readTenant } from '../tenants/read-tenant.ts';
import { openClosings } from './draft-page.ts';
import type { InvoicingDeps } from './invoicing-deps.ts';
import { rateClosings } from './rate-closings.ts';
import type { ShownInvoice } from './show-invoice.ts';

type UpcomingDeps = Pick<InvoicingDeps, 'items' | 'objects' | 'analytics'>;

interface UpcomingInvoice extends ShownInvoice {
  /** Everything acknowledged before this instant is on it; null where that is not known of any. Epoch ms. */
  readonly completeThroughMs: number | null;
}

/**
 * The subscription's next invoice as it would be drafted now, from what was counted ahead of the last fence that passed.
 * Rows that a store refuses are not on it, and hold back how far it is complete. Writes nothing. Errors `subscription.not_found`, and `invoice.none_upcoming` where all is billed or nothing is charged.
 */
export function upcomingInvoice(
  deps: UpcomingDeps,
): (name: { readonly tenant: string; readonly subscription: string }) => Promise<Result<UpcomingInvoice>> {
  return async ({ tenant, subscription: key }) => {
    const found = await readSubscription({ items: deps.items, tenant, key });
    if (!found.ok) return found;
    // Before the fence: what is said to be complete lies ahead of it.
    const record = defined(await readTenant(deps.items, tenant), `tenant ${tenant}`);
    const completeThroughMs = await completeThrough(deps.items, record);
    const fence = (await readWatermark(deps.items, tenant))?.fence ?? null;
    const first = await rateNext(deps, { tenant, fence, subscription: found.value });
    if (first !== null) return ok({ ...first, completeThroughMs });
    // A start at which nothing is charged in advance makes no invoice: the next one is that of the period.
    if (found.value.dueKind !== 'period_start') return err(appError('invoice.none_upcoming'));
    const subscription = advanceSubscription(tenant, found.value).outcome;
    const second = await rateNext(deps, { tenant, fence, subscription });
    return second === null ? err(appError('invoice.none_upcoming')) : ok({ ...second, completeThroughMs });
  };
}

async function rateNext(
  deps: UpcomingDeps,
  input: {
    readonly tenant: string;
    /** Null: none has passed, and nothing is known to be counted. */
    readonly fence: number | null;
    readonly subscription: SubscriptionRecord;
  },
): Promise<ShownInvoice | null> {
  const { tenant, fence, subscription } = input;
  if (subscription.dueAtMs === null) return null;
  const plans = [...(await openClosings(deps, tenant, [subscription])).values()];
  const { rated } = await rateClosings(deps, { tenant, fence: fence ?? 0, plans });
  const invoice = rated[0]?.drafted.invoice ?? null;
  if (invoice === null) return null;
  const head = { number: null, issuedAtMs: null, dueAtMs: null, finalizedAtMs: null };
  return { invoice, head: { ...head, status: 'draft', fence } };
}
