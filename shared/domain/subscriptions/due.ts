import { nextBoundary } from './periods.ts';
import type { SubscriptionTerms } from './subscription.ts';

/** What happens next to a subscription by itself. `follow_up`: it has ended, and is billed what could not be billed before. */
export interface SubscriptionDue {
  readonly kind: 'period_start' | 'period_end' | 'follow_up';
  readonly dueAtMs: number;
}

/**
 * What is due first: the start where something is charged in advance, or where it lies ahead, because such a version
 * may be published until then; else the end of the first period. Null for a subscription without any period.
 */
export function firstDue(input: {
  readonly subscription: SubscriptionTerms;
  readonly chargesInAdvance: boolean;
  readonly nowMs: number;
}): SubscriptionDue | null {
  const { subscription } = input;
  const end = dueAfter(subscription, subscription.startsAtMs);
  if (end === null) return null;
  const startIsDue = input.chargesInAdvance || subscription.startsAtMs > input.nowMs;
  return startIsDue ? { kind: 'period_start', dueAtMs: subscription.startsAtMs } : end;
}

/** What is due once everything up to the instant was done: the next end of a period, null when there is none. */
export function dueAfter(subscription: SubscriptionTerms, doneMs: number): SubscriptionDue | null {
  const dueAtMs = nextBoundary(subscription, doneMs);
  return dueAtMs === null ? null : { kind: 'period_end', dueAtMs };
}
