import type { ChargedSegment, EarlierCharge } from '../../domain/invoicing/draft-invoice.ts';
import type { BillingTerms, Closing, Invoiced, InvoiceLine } from '../../domain/invoicing/invoice.ts';
import { type Charge, kindOf, timingOf } from '../../domain/rating/charge.ts';
import { periodAt, periodsBetween } from '../../domain/subscriptions/periods.ts';
import type { Segment } from '../../domain/subscriptions/segments.ts';
import { assert, defined } from '../../kernel/assert.ts';
import { addExact, decimal, decimalText } from '../../kernel/decimal.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { addMoney, money } from '../../kernel/money.ts';
import type { SubscriptionRecord } from '../records/subscription.ts';
import { readLines, subscriptionInvoices } from './invoice-store.ts';
import type { InvoicingDeps } from './invoicing-deps.ts';
import { currencyOf, type PlanPrices } from './plan-prices.ts';

/** What is billed at a closing instant, but for the usage. */
export interface ClosingPlan {
  readonly terms: BillingTerms;
  readonly closing: Closing;
  readonly plan: string;
  readonly ended: readonly ChargedSegment[];
  readonly beginning: readonly ChargedSegment[];
  readonly earlier: readonly Omit<EarlierCharge, 'usage'>[];
  /** What was invoiced so far may still change: an earlier invoice, which has a part of it, is a draft. */
  readonly isProvisional: boolean;
}

/** A usage charge in a segment: what a meter is asked for. */
export interface UsageNeed {
  readonly customer: string;
  readonly charge: Charge;
  readonly segment: Segment;
}

/** The closing that is due of a subscription; null where it was canceled at its start, and has no period. */
export function closingDue(subscription: SubscriptionRecord): Closing | null {
  const dueAtMs = defined(subscription.dueAtMs, 'when the subscription is due');
  const kind = defined(subscription.dueKind, 'what of the subscription is due');
  const inPeriodMs = kind === 'period_start' ? dueAtMs : dueAtMs - 1;
  const period = periodAt(subscription, inPeriodMs);
  if (period === null) return null;
  return { kind, period: { startMs: period.startMs, endMs: period.endMs }, revision: 0 };
}

/** Reads what was invoiced so far, as far back as events may still arrive, and puts it beside what is in force. */
export async function planClosing(
  deps: Pick<InvoicingDeps, 'items' | 'objects'>,
  input: {
    readonly tenant: string;
    readonly subscription: SubscriptionRecord;
    readonly closing: Closing;
    readonly prices: PlanPrices;
  },
): Promise<ClosingPlan> {
  const { subscription, closing, prices } = input;
  const isStart = closing.kind === 'period_start';
  const atMs = isStart ? closing.period.startMs : closing.period.endMs;
  const next = periodAt(subscription, atMs);
  const shared = {
    terms: termsOf(input.tenant, subscription, prices),
    closing,
    plan: subscription.plan,
    beginning: next === null ? [] : prices.segments(subscription, next),
  };
  if (isStart) return { ...shared, ended: [], earlier: [], isProvisional: false };
  const period = defined(periodAt(subscription, closing.period.startMs), 'the period that ended');
  assert(period.endMs === closing.period.endMs, 'a period that was closed keeps its end');
  const ended = prices.segments(subscription, period);
  return { ...shared, ended, ...(await earlierCharges(deps, input, ended)) };
}

function termsOf(tenant: string, subscription: SubscriptionRecord, prices: PlanPrices): BillingTerms {
  return {
    tenant,
    subscription: subscription.key,
    customer: subscription.customer,
    currency: currencyOf(subscription.currency),
    planCurrency: prices.currency,
    timeZone: subscription.timeZone,
    quantity: subscription.quantity,
  };
}

/**
 * All charges of earlier periods that an event may have reached since they were invoiced, and what was invoiced in advance
 * for the period that ended.
 */
async function earlierCharges(
  deps: Pick<InvoicingDeps, 'items' | 'objects'>,
  { tenant, subscription, closing, prices }: Parameters<typeof planClosing>[1],
  ended: readonly ChargedSegment[],
): Promise<Pick<ClosingPlan, 'earlier' | 'isProvisional'>> {
  const { startMs, endMs } = closing.period;
  const periods = periodsBetween({
    subscription,
    fromMs: startMs - LIMITS.eventPastMs,
    toMs: startMs,
    limit: LIMITS.closingsPerRun,
  });
  const fromMs = periods[0]?.startMs ?? startMs;
  const asked = { tenant, subscription: subscription.key, fromMs, toMs: endMs };
  const records = await subscriptionInvoices(deps.items, asked);
  const lines = (await Promise.all(records.map((record) => readLines(deps.objects, record)))).flat();
  const invoiced = invoicedSoFar(lines);
  const before = periods.flatMap((period) => prices.segments(subscription, period));
  const inAdvance = ended.map(({ segment, charges }) => ({
    segment,
    charges: charges.filter((charge) => timingOf(charge) === 'advance'),
  }));
  const nothing: Invoiced = { quantity: '0', amount: money(0n, currencyOf(subscription.currency)) };
  const earlier = [...before, ...inAdvance].flatMap(({ segment, charges }) =>
    charges.map((charge) => ({
      charge,
      segment,
      invoiced: invoiced.get(invoicedKey(charge.key, segment)) ?? nothing,
    })),
  );
  return { earlier, isProvisional: records.some(({ status }) => status === 'draft') };
}

function invoicedKey(charge: string, { version, startMs }: Segment): string {
  return `${startMs}#${version}#${charge}`;
}

function invoicedSoFar(lines: readonly InvoiceLine[]): ReadonlyMap<string, Invoiced> {
  const sums = new Map<string, Invoiced>();
  for (const { charge, segment, quantity, amount } of lines) {
    const key = invoicedKey(charge, segment);
    const sum = sums.get(key);
    const added =
      sum === undefined
        ? { quantity, amount }
        : {
            quantity: decimalText(addExact(decimal(sum.quantity), decimal(quantity))),
            amount: addMoney(sum.amount, amount),
          };
    sums.set(key, added);
  }
  return sums;
}

/** Everything that a meter has to be asked for. */
export function usageNeeds({ terms, ended, earlier }: ClosingPlan): readonly UsageNeed[] {
  const { customer } = terms;
  const due = ended.flatMap(({ segment, charges }) => charges.map((charge) => ({ charge, segment })));
  return [...due, ...earlier]
    .filter(({ charge }) => kindOf(charge) === 'usage')
    .map(({ charge, segment }) => ({ customer, charge, segment }));
}
