import type { BillingTerms } from '../../domain/invoicing/invoice.ts';
import type { Charge } from '../../domain/rating/charge.ts';
import type { Segment } from '../../domain/subscriptions/segments.ts';
import type { BillingPeriod } from '../../domain/subscriptions/subscription.ts';
import { termsOf } from '../invoicing/plan-closing.ts';
import type { PlanPrices } from '../invoicing/plan-prices.ts';
import type { SubscriptionRecord } from '../records/subscription.ts';

/** A charge that is in force in a segment of a subscription's period. */
export interface ChargeInForce {
  readonly terms: BillingTerms;
  /** Key. */
  readonly plan: string;
  readonly period: BillingPeriod;
  readonly segment: Segment;
  readonly charge: Charge;
}

/** By segment, then in the order of the plan's version. */
export function chargesInForce(input: {
  readonly tenant: string;
  readonly subscription: SubscriptionRecord;
  readonly period: BillingPeriod;
  readonly prices: PlanPrices;
}): readonly ChargeInForce[] {
  const { tenant, subscription, period, prices } = input;
  const terms = termsOf(tenant, subscription, prices);
  const { plan } = subscription;
  return prices
    .segments(subscription, period)
    .flatMap(({ segment, charges }) => charges.map((charge) => ({ terms, plan, period, segment, charge })));
}
