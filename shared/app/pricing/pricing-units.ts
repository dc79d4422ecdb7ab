import { periodAt, periodsBetween } from '../../domain/subscriptions/periods.ts';
import type { BillingPeriod } from '../../domain/subscriptions/subscription.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { LATEST_MS } from '../../kernel/time.ts';
import type { SubscriptionRecord } from '../records/subscription.ts';

const HOUR_MS = 3_600_000;

/** A subscription and one of its periods: what is priced as a whole. */
export interface PricingUnit {
  readonly subscription: SubscriptionRecord;
  /** Null: no charge is in force in the range. */
  readonly period: BillingPeriod | null;
  /** Amounts of segments that start in this half-open range and are in force no more are withdrawn. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** The periods that usage of some hours falls in, as far as they have begun. */
export function unitsOfHours(
  subscription: SubscriptionRecord,
  hoursMs: readonly number[],
  nowMs: number,
): readonly PricingUnit[] {
  const found: BillingPeriod[] = [];
  for (const hourMs of hoursMs) {
    const fromMs = Math.max(hourMs, found.at(-1)?.endMs ?? hourMs);
    const toMs = Math.min(hourMs + HOUR_MS, nowMs + 1);
    found.push(...periodsBetween({ subscription, fromMs, toMs, limit: LIMITS.closingsPerRun }));
  }
  return found.map((period) => unitOf(subscription, period));
}

/** The periods that events may still reach, as far as they have begun. */
export function openUnits(subscription: SubscriptionRecord, nowMs: number): readonly PricingUnit[] {
  const range = { fromMs: nowMs - LIMITS.eventPastMs, toMs: nowMs + 1 };
  const periods = periodsBetween({ subscription, ...range, limit: LIMITS.closingsPerRun });
  return periods.map((period) => unitOf(subscription, period));
}

/**
 * The periods that hold one of the instants or the present, as far as they have begun; and what comes after the present one,
 * where nothing is in force.
 */
export function unitsAt(
  subscription: SubscriptionRecord,
  instantsMs: readonly number[],
  nowMs: number,
): readonly PricingUnit[] {
  const current = periodAt(subscription, nowMs);
  const instants = instantsMs.filter((atMs) => atMs <= nowMs);
  const periods = [...instants.map((atMs) => periodAt(subscription, atMs)), current];
  const begun = new Map(periods.flatMap((period) => (period === null ? [] : [[period.startMs, period]])));
  const afterMs = current?.endMs ?? subscription.cancelAtMs ?? subscription.startsAtMs;
  const after = { subscription, period: null, fromMs: afterMs, toMs: LATEST_MS };
  return [...[...begun.values()].map((period) => unitOf(subscription, period)), after];
}

function unitOf(subscription: SubscriptionRecord, period: BillingPeriod): PricingUnit {
  return { subscription, period, fromMs: period.startMs, toMs: period.endMs };
}
