import type { SimulatedTenant } from '../tenants.ts';
import type { Auditor } from './auditor.ts';
import type { KnownMeter } from './catalogue-ledger.ts';
import { exact, exactText } from './exact.ts';
import { directionOf, fold } from './fold.ts';
import { type UsageBounds, type UsageScope, usageBounds } from './known-events.ts';

/** One row of usage as somebody read it. */
export interface UsageSeen {
  readonly tenant: SimulatedTenant;
  readonly meter: KnownMeter;
  readonly scope: UsageScope;
  readonly value: string | null;
  /** Epoch ms; null: nothing is promised. */
  readonly completeThroughMs: number | null;
  readonly answeredMs: number;
  readonly skewMaxMs: number;
}

/**
 * An answer holds at least what it says to be complete, and nothing that was never sent: P9, while anything may go wrong.
 * Averages and latest values can rise and fall with every event; they are looked at when all is quiet.
 */
export function observeUsage(auditor: Auditor, seen: UsageSeen): void {
  const { tenant, meter, scope, value, answeredMs } = seen;
  const completeMs = completeUntilMs(auditor, seen);
  const { certain, possible, takenBack } = usageBounds({
    ...{ tenant, ledger: auditor.events, corrections: auditor.corrections, meter, scope, answeredMs },
    completeMs: completeMs ?? Number.NEGATIVE_INFINITY,
  });
  const { aggregation } = meter.meter;
  const direction = directionOf(aggregation, possible);
  if (direction === 0 || meter.former.some((former) => former.aggregation !== aggregation)) return;
  const most = fold(aggregation, possible);
  const least = lessWhatMayBeTakenBack(aggregation, fold(aggregation, certain), takenBack);
  auditor.verdict.checked('usage answers while faults strike');
  if (isWithin({ value, least, most, direction })) return;
  const asked = `${tenant.key}/${meter.meter.key} ${JSON.stringify(scope)}`;
  const bounds = `${least} by ${certain.length} events and ${most} by ${possible.length}`;
  const complete = completeMs === null ? 'nothing' : `what was accepted until ${completeMs}`;
  auditor.verdict.broken(
    'P9',
    `${asked} answered ${value}, not between ${bounds}; it said to hold ${complete}`,
  );
}

/** Sums and counts add up what rows say, and of two rows of one event the one that takes it back may be first. */
function lessWhatMayBeTakenBack(
  aggregation: KnownMeter['meter']['aggregation'],
  least: string | null,
  takenBack: UsageBounds['takenBack'],
): string | null {
  if (least === null || (aggregation !== 'sum' && aggregation !== 'count')) return least;
  return exactText(exact(least) - exact(fold(aggregation, takenBack) ?? '0'));
}

/** Until which true time everything accepted is promised to be counted. */
function completeUntilMs(
  { advances }: Auditor,
  { tenant, completeThroughMs, skewMaxMs }: UsageSeen,
): number | null {
  if (completeThroughMs === null) return null;
  // A fence's instant is read from its issuer's clock, which may be ahead of the true time.
  if (tenant.mode === 'live') return completeThroughMs - skewMaxMs;
  const wasMoved = tenant.clock !== null && completeThroughMs > tenant.clock.firstMs;
  return wasMoved ? advances.askedMs(tenant.key, completeThroughMs) : null;
}

function isWithin(input: {
  readonly value: string | null;
  readonly least: string | null;
  readonly most: string | null;
  readonly direction: -1 | 1;
}): boolean {
  const { value, least, most, direction } = input;
  if (value === null) return least === null;
  const isBeyond = (bound: string | null, sign: bigint) =>
    bound !== null && (exact(value) - exact(bound)) * sign * BigInt(direction) < 0n;
  return most !== null && !isBeyond(least, 1n) && !isBeyond(most, -1n);
}
