import { assert } from '../../kernel/assert.ts';
import { recurrenceBoundary, recurrencePeriodAt } from '../../kernel/recurrence.ts';
import type { BillingPeriod, SubscriptionTerms } from './subscription.ts';

/**
 * The period that holds an instant, null before the start and from the end on. The first one runs from the start to
 * the first boundary after it, the last one to the end; both may be partial.
 */
export function periodAt(subscription: SubscriptionTerms, atMs: number): BillingPeriod | null {
  if (atMs < subscription.startsAtMs || atMs >= endMs(subscription)) return null;
  const { startMs, endMs: fullEndMs } = recurrencePeriodAt(subscription, atMs);
  return cut(subscription, startMs, fullEndMs);
}

/**
 * The periods that have an instant in [fromMs, toMs), whole, ascending, `limit` at most: go on from the end of the
 * last one. Each boundary is computed from the anchor.
 */
export function periodsBetween(input: {
  readonly subscription: SubscriptionTerms;
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
}): readonly BillingPeriod[] {
  const { subscription, limit } = input;
  assert(Number.isInteger(limit) && limit > 0, 'periods are listed up to a limit');
  const fromMs = Math.max(input.fromMs, subscription.startsAtMs);
  const toMs = Math.min(input.toMs, endMs(subscription));
  const periods: BillingPeriod[] = [];
  if (fromMs >= toMs) return periods;
  let { index } = recurrencePeriodAt(subscription, fromMs);
  let startMs = recurrenceBoundary(subscription, index);
  while (startMs < toMs && periods.length < limit) {
    index += 1;
    const nextMs = recurrenceBoundary(subscription, index);
    // A zone may leave out a whole date, and with it the only day of a period.
    if (startMs < nextMs) periods.push(cut(subscription, startMs, nextMs));
    startMs = nextMs;
  }
  return periods;
}

/** The first instant after `afterMs` at which a period ends; null when the last one has ended by then. */
export function nextBoundary(subscription: SubscriptionTerms, afterMs: number): number | null {
  const current = periodAt(subscription, Math.max(afterMs, subscription.startsAtMs));
  return current === null ? null : current.endMs;
}

function cut(subscription: SubscriptionTerms, startMs: number, fullEndMs: number): BillingPeriod {
  return {
    startMs: Math.max(startMs, subscription.startsAtMs),
    endMs: Math.min(fullEndMs, endMs(subscription)),
    full: { startMs, endMs: fullEndMs },
  };
}

function endMs({ cancelAtMs }: SubscriptionTerms): number {
  return cancelAtMs ?? Number.POSITIVE_INFINITY;
}
