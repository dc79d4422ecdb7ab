import { Temporal } from 'temporal-polyfill';
import { assert } from './assert.ts';
import { type DateUnit, dateStep } from './date-unit.ts';
import type { Period } from './period.ts';
import { isInstant } from './time.ts';

export type Cadence = 'hour' | DateUnit;

/** Periods that repeat from an anchor, on the clocks of a time zone. */
interface Recurrence {
  readonly anchorMs: number;
  readonly timeZone: string;
  readonly cadence: Cadence;
}

const HOUR_MS = 3_600_000;

/** Mean lengths: only where a search starts, never a result. */
const MEAN_MS: Readonly<Record<Cadence, number>> = {
  hour: HOUR_MS,
  day: 24 * HOUR_MS,
  week: 7 * 24 * HOUR_MS,
  month: 730.485 * HOUR_MS,
  quarter: 3 * 730.485 * HOUR_MS,
  year: 12 * 730.485 * HOUR_MS,
};

/** Estimates are off by a few periods at most; more means a defect, not a long search. */
const CORRECTIONS_MAX = 16;

/**
 * The start of period `index` (0 starts at the anchor, negative ones lie before), always computed from the anchor:
 * Jan 31, Feb 28, Mar 31; a yearly Feb 29 is Feb 28 in common years and returns in leap years. Hours are exact time.
 * All other boundaries keep the anchor's local time of day: one that the clocks skip moves later by the length of the
 * gap, one that they repeat is its first occurrence. Ascending; equal to the next only where a zone left out a whole
 * day (Samoa, 2011-12-30).
 */
export function recurrenceBoundary(recurrence: Recurrence, index: number): number {
  const { anchorMs, timeZone, cadence } = recurrence;
  assert(isInstant(anchorMs) && Number.isSafeInteger(index), 'a recurrence has an anchor and whole periods');
  if (index === 0) return anchorMs;
  const boundaryMs =
    cadence === 'hour' ? anchorMs + index * HOUR_MS : knownBoundary(anchorMs, timeZone, cadence, index);
  assert(isInstant(boundaryMs), 'a boundary lies in the years 0000 to 9999');
  return boundaryMs;
}

/** Many subscriptions share their boundaries, and the calendar is slow. Beyond so many all are forgotten and computed again. */
const KNOWN_MAX = 10_000;
const KNOWN = new Map<string, number>();

function knownBoundary(anchorMs: number, timeZone: string, cadence: DateUnit, index: number): number {
  const key = `${anchorMs}#${timeZone}#${cadence}#${index}`;
  const known = KNOWN.get(key);
  if (known !== undefined) return known;
  const boundaryMs = localBoundary(anchorMs, timeZone, dateStep(cadence, index));
  if (KNOWN.size >= KNOWN_MAX) KNOWN.clear();
  KNOWN.set(key, boundaryMs);
  return boundaryMs;
}

function localBoundary(anchorMs: number, timeZone: string, step: Temporal.DurationLike): number {
  const anchor = Temporal.Instant.fromEpochMilliseconds(anchorMs)
    .toZonedDateTimeISO(timeZone)
    .toPlainDateTime();
  return anchor
    .add(step, { overflow: 'constrain' })
    .toZonedDateTime(timeZone, { disambiguation: 'compatible' }).epochMilliseconds;
}

/** The period that holds an instant: boundary(index) <= atMs < boundary(index + 1). Estimated, then corrected. */
export function recurrencePeriodAt(
  recurrence: Recurrence,
  atMs: number,
): Period & { readonly index: number } {
  assert(isInstant(atMs), 'a period is looked up for an instant');
  let index = Math.floor((atMs - recurrence.anchorMs) / MEAN_MS[recurrence.cadence]);
  for (let correction = 0; correction <= CORRECTIONS_MAX; correction += 1) {
    const startMs = recurrenceBoundary(recurrence, index);
    const endMs = recurrenceBoundary(recurrence, index + 1);
    if (startMs <= atMs && atMs < endMs) return { index, startMs, endMs };
    index += atMs < startMs ? -1 : 1;
  }
  assert(false, 'a period is found within a few corrections');
}
