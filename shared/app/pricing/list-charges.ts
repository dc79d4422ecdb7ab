import { INDEXES, TABLES } from '../../contracts/names.ts';
import { periodAt } from '../../domain/subscriptions/periods.ts';
import { defined } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { ok, type Result } from '../../kernel/result.ts';
import type { Clock } from '../../ports/clock.ts';
import { readCustomer } from '../customers/read-customer.ts';
import { completeThrough, readWatermark } from '../fences/watermark.ts';
import { pricesOf } from '../invoicing/draft-page.ts';
import type { InvoicingDeps } from '../invoicing/invoicing-deps.ts';
import { subscriptionFromItem, subscriptionsOwner } from '../records/subscription.ts';
import { readTenant } from '../tenants/read-tenant.ts';
import { type ChargeInForce, chargesInForce } from './charges-in-force.ts';
import { type RatedTotal, rateTotals } from './rate-totals.ts';

type ListChargesDeps = Pick<InvoicingDeps, 'items' | 'analytics'> & { readonly clock: Clock };

/** Where a list of a customer's charges is: they are ordered by subscription, start of the segment and charge. */
export interface ChargePosition {
  readonly subscription: string;
  readonly segmentStartMs: number;
  readonly charge: string;
}

interface ListChargesInput {
  readonly tenant: string;
  readonly customer: string;
  readonly limit: number;
  readonly after?: ChargePosition;
}

export interface ChargesPage {
  readonly charges: readonly RatedTotal[];
  /** The last one of the page where there are more. */
  readonly next: ChargePosition | null;
  /** The fence ahead of which usage counts; null: none has passed, and nothing is known to be counted. */
  readonly fence: number | null;
  readonly completeThroughMs: number | null;
}

/**
 * The charges of a customer in the periods that hold the tenant's present, as far as they have come: every charge in force,
 * also at zero. They are rated now, by the last fence that passed, as the invoice to come is. Error `customer.not_found`.
 */
export function listCharges(
  deps: ListChargesDeps,
): (input: ListChargesInput) => Promise<Result<ChargesPage>> {
  return async ({ tenant, customer, limit, after }) => {
    const { items } = deps;
    const found = await readCustomer({ items, tenant, key: customer });
    if (!found.ok) return found;
    const record = defined(await readTenant(items, tenant), `tenant ${tenant}`);
    const completeThroughMs = await completeThrough(items, record);
    const fence = (await readWatermark(items, tenant))?.fence ?? null;
    const nowMs = record.clockMs ?? deps.clock.nowMs();
    // One more tells whether there is another page.
    const listed = await listCurrent(deps, { tenant, customer, limit: limit + 1, nowMs, after });
    const charges = await rateTotals(deps, { tenant, fence: fence ?? 0, charges: listed.slice(0, limit) });
    const last = charges.at(-1)?.of;
    return ok({
      charges,
      next: listed.length > limit && last !== undefined ? positionOf(last) : null,
      fence,
      completeThroughMs,
    });
  };
}

async function listCurrent(
  { items }: ListChargesDeps,
  input: Omit<ListChargesInput, 'after'> & {
    readonly nowMs: number;
    readonly after: ChargePosition | undefined;
  },
): Promise<readonly ChargeInForce[]> {
  const { tenant, customer, limit, nowMs, after } = input;
  const query = {
    table: TABLES.main,
    index: INDEXES.byOwner,
    pk: subscriptionsOwner(tenant, customer),
    ...(after === undefined ? {} : { sk: { from: after.subscription } }),
    limit: LIMITS.pageSizeMax,
  };
  const found: ChargeInForce[] = [];
  let page = await items.query(query);
  for (;;) {
    const current = page.items.map(subscriptionFromItem).flatMap((subscription) => {
      const period = periodAt(subscription, nowMs);
      return period === null ? [] : [{ subscription, period }];
    });
    const prices = await pricesOf(
      { items },
      tenant,
      current.map(({ subscription }) => subscription),
    );
    for (const { subscription, period } of current) {
      const charges = chargesInForce({ tenant, subscription, period, prices: prices(subscription.plan) });
      const behind = charges.filter((charge) => after === undefined || comparePositions(charge, after) > 0);
      found.push(...behind.toSorted((left, right) => comparePositions(left, positionOf(right))));
      if (found.length >= limit) return found.slice(0, limit);
    }
    if (page.next === undefined) return found;
    page = await items.query({ ...query, startAfter: page.next });
  }
}

function positionOf({ terms, segment, charge }: ChargeInForce): ChargePosition {
  return { subscription: terms.subscription, segmentStartMs: segment.startMs, charge: charge.key };
}

function comparePositions(charge: ChargeInForce, other: ChargePosition): number {
  const at = positionOf(charge);
  return (
    compareKeys(at.subscription, other.subscription) ||
    at.segmentStartMs - other.segmentStartMs ||
    compareKeys(at.charge, other.charge)
  );
}

/** Keys are ASCII, so that this is the order of the store, too. */
function compareKeys(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
