import type { SubscriptionDue } from './due.ts';
import { periodAt } from './periods.ts';
import type { SubscriptionTerms } from './subscription.ts';

/**
 * Where a subscription ends that is canceled now: at the present, or where the period ends that holds it. A
 * subscription without a period at present ends at the present. An end never moves later: canceling twice is safe.
 */
export function cancellationMs(input: {
  readonly subscription: SubscriptionTerms;
  readonly at: 'now' | 'period_end';
  readonly nowMs: number;
}): number {
  const { subscription, at, nowMs } = input;
  const periodEndMs = at === 'period_end' ? periodAt(subscription, nowMs)?.endMs : undefined;
  const wantedMs = periodEndMs ?? nowMs;
  return subscription.cancelAtMs === null ? wantedMs : Math.min(subscription.cancelAtMs, wantedMs);
}

/** What is due of a canceled subscription instead of `pending`: nothing happens later than its end. */
export function dueOnceCanceled(
  subscription: SubscriptionTerms & { readonly cancelAtMs: number },
  pending: SubscriptionDue | null,
): SubscriptionDue | null {
  if (pending === null) return null;
  const { startsAtMs, cancelAtMs } = subscription;
  if (pending.kind === 'period_start') return cancelAtMs <= startsAtMs ? null : pending;
  return { kind: 'period_end', dueAtMs: Math.min(pending.dueAtMs, cancelAtMs) };
}
