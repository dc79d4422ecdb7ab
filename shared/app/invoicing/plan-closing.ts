import type { ChargedSegment, EarlierCharge } from '../../domain/invoicing/draft-invoice.ts';
import type { BillingTerms, Closing, Invoiced, InvoiceLine } from '../../domain/invoicing/invoice.ts';
import { type Charge, kindOf, timingOf } from '../../domain/rating/charge.ts';
import { periodAt, periodsBetween } from '../../domain/subscriptions/periods.ts';
import type { Segment } from '../../domain/subscriptions/segments.ts';
import { assert, defined } from '../../kernel/assert.ts';
import { addExact, decimal, decimalText } from '../../kernel/decimal.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { addMoney, money } from '../../kernel/money.ts';
import type { QuarantinedLineRecord } from '../records/quarantined-lines.ts';
import type { SubscriptionRecord } from '../records/subscription.ts';
import type { TouchedPeriod } from '../records/touched-period.ts';
import { readLines, subscriptionInvoices } from './invoice-store.ts';
import type { InvoicingDeps } from './invoicing-deps.ts';
import { currencyOf, type PlanPrices } from './plan-prices.ts';
import { type Quarantine, readQuarantine } from './quarantine-store.ts';
import { NOTHING_TOUCHED, readTouchedPeriods, type TouchedPeriods } from './touched-periods.ts';

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
  readonly touched: TouchedPeriods;
  /** What could not be billed so far. Of it, `held` is what this closing does not try. */
  readonly quarantine: Quarantine;
  readonly held: readonly QuarantinedLineRecord[];
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
  if (kind === 'follow_up') {
    const endMs = defined(subscription.cancelAtMs, 'when the subscription ended');
    return { kind: 'period_end', period: { startMs: endMs, endMs: dueAtMs }, revision: 0 };
  }
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
  const quarantine = await readQuarantine(deps, input.tenant, subscription.key);
  const shared = {
    terms: termsOf(input.tenant, subscription, prices),
    closing,
    plan: subscription.plan,
    beginning: next === null ? [] : prices.segments(subscription, next),
    quarantine,
  };
  const later = quarantine.lines.filter((line) => line.startMs > atMs);
  const nothing = { ended: [], earlier: [], isProvisional: false, touched: NOTHING_TOUCHED };
  if (isStart) return { ...shared, ...nothing, held: later };
  const ended = endedSegments(input);
  const touched = await readTouchedPeriods(deps.items, input.tenant, subscription.key);
  const { rest, ...earlier } = await earlierCharges(deps, input, { ended, quarantine, touched });
  return { ...shared, ended, touched, ...earlier, held: [...later, ...rest] };
}

/** Of the period that ended; none after the end of the subscription. */
function endedSegments({ subscription, closing, prices }: Parameters<typeof planClosing>[1]) {
  const { startMs, endMs } = closing.period;
  const period = periodAt(subscription, startMs);
  if (period === null) {
    assert(startMs === subscription.cancelAtMs, 'only what ended has no period');
    return [];
  }
  assert(period.endMs === endMs, 'a period that was closed keeps its end');
  return prices.segments(subscription, period);
}

export function termsOf(tenant: string, subscription: SubscriptionRecord, prices: PlanPrices): BillingTerms {
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
 * All charges of earlier periods that an event may have reached since they were invoiced, those of touched periods and those
 * that could not be billed however old they are, and what was invoiced in advance for the period that ended.
 */
async function earlierCharges(
  deps: Pick<InvoicingDeps, 'items' | 'objects'>,
  { tenant, subscription, closing, prices }: Parameters<typeof planClosing>[1],
  known: {
    readonly ended: readonly ChargedSegment[];
    readonly quarantine: Quarantine;
    readonly touched: TouchedPeriods;
  },
): Promise<Pick<ClosingPlan, 'earlier' | 'isProvisional'> & { readonly rest: Quarantine['lines'] }> {
  const { startMs, endMs } = closing.period;
  const periods = periodsBetween({
    subscription,
    fromMs: startMs - LIMITS.eventPastMs,
    toMs: startMs,
    limit: LIMITS.closingsPerRun,
  });
  const reachedMs = periods[0]?.startMs ?? startMs;
  const { older, rest } = linesBefore(known.quarantine, reachedMs);
  const touched = known.touched.periods.filter((period) => period.startMs < reachedMs);
  const fromMs = Math.min(reachedMs, ...[older[0], touched[0]].flatMap((first) => first?.startMs ?? []));
  const asked = { tenant, subscription: subscription.key, fromMs, toMs: endMs };
  const records = await subscriptionInvoices(deps.items, asked);
  const lines = (await Promise.all(records.map((record) => readLines(deps.objects, record)))).flat();
  const invoiced = invoicedSoFar(lines);
  const before = periods.flatMap((period) => prices.segments(subscription, period));
  const inAdvance = known.ended.map(({ segment, charges }) => ({
    segment,
    charges: charges.filter((charge) => timingOf(charge) === 'advance'),
  }));
  const nothing: Invoiced = { quantity: '0', amount: money(0n, currencyOf(subscription.currency)) };
  const unbilled = older.flatMap((line) => chargeOf(line, subscription, prices));
  const again = touched.flatMap((period) => usageOf(period, subscription, prices));
  const due = [...unbilled, ...again, ...before, ...inAdvance].flatMap(({ segment, charges }) =>
    charges.map((charge) => {
      const key = invoicedKey(charge.key, segment);
      return [key, { charge, segment, invoiced: invoiced.get(key) ?? nothing }] as const;
    }),
  );
  // Each once: a touched period may have lines that could not be billed.
  const earlier = [...new Map(due).values()];
  return { earlier, isProvisional: records.some(({ status }) => status === 'draft'), rest };
}

/** The oldest of the lines before an instant, as many as one closing tries again, and the rest of them. */
function linesBefore({ lines }: Quarantine, beforeMs: number) {
  const all = lines.filter(({ startMs }) => startMs < beforeMs).toSorted((a, b) => a.startMs - b.startMs);
  const most = LIMITS.quarantinedLinesPerClosing;
  return { older: all.slice(0, most), rest: all.slice(most) };
}

/** What a quarantined line is to bill. Nothing where no period has it any more: then nothing is due. */
function chargeOf(
  { startMs, planVersion, charge }: QuarantinedLineRecord,
  subscription: SubscriptionRecord,
  prices: PlanPrices,
): readonly ChargedSegment[] {
  const period = periodAt(subscription, startMs);
  const segments = period === null ? [] : prices.segments(subscription, period);
  return segments
    .filter(({ segment }) => segment.startMs === startMs && segment.version === planVersion)
    .map(({ segment, charges }) => ({ segment, charges: charges.filter(({ key }) => key === charge) }));
}

/** What the rows of a touched period may have changed. */
function usageOf(
  { startMs, meter }: TouchedPeriod,
  subscription: SubscriptionRecord,
  prices: PlanPrices,
): readonly ChargedSegment[] {
  const period = periodAt(subscription, startMs);
  const isTouched = (charge: Charge) =>
    kindOf(charge) === 'usage' && (meter === null || charge.meter === meter);
  return (period === null ? [] : prices.segments(subscription, period)).map(({ segment, charges }) => ({
    segment,
    charges: charges.filter(isTouched),
  }));
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
