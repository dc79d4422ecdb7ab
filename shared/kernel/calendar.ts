import { Temporal } from 'temporal-polyfill';
import { assert } from './assert.ts';
import { type DateUnit, dateStep } from './date-unit.ts';
import { err, ok, type Result } from './result.ts';
import { isInstant } from './time.ts';

export type CalendarUnit = 'minute' | 'hour' | DateUnit;

const CLOCK_UNIT_MS = { minute: 60_000, hour: 3_600_000 } as const;

/**
 * Cuts [fromMs, toMs) at every start of a calendar unit in the time zone: `fromMs`, each start strictly between, and
 * `toMs`, ascending. Weeks start on Monday. A day has 23 or 25 hours where the clocks change; an hour that the clocks
 * repeat is two hours, one for each offset from UTC. More than `limit` stretches are refused as `too_many`.
 */
export function calendarBoundaries(input: {
  readonly unit: CalendarUnit;
  readonly timeZone: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
}): Result<readonly number[], 'too_many'> {
  const { unit, timeZone, fromMs, toMs, limit } = input;
  assert(isInstant(fromMs) && isInstant(toMs) && fromMs < toMs, 'boundaries are asked for a stretch of time');
  const starts =
    unit === 'minute' || unit === 'hour'
      ? clockStarts(unit, timeZone, fromMs)
      : dateStarts(unit, timeZone, fromMs);
  const boundaries = [fromMs];
  for (const startMs of starts) {
    if (startMs >= toMs) break;
    if (boundaries.length >= limit) return err('too_many');
    boundaries.push(startMs);
  }
  boundaries.push(toMs);
  return ok(boundaries);
}

/** The starts after an instant, ascending without end: multiples on the local clock, and every change of offset. */
function* clockStarts(
  unit: keyof typeof CLOCK_UNIT_MS,
  timeZone: string,
  afterMs: number,
): Generator<number> {
  const unitMs = CLOCK_UNIT_MS[unit];
  let startMs = afterMs;
  while (true) {
    const here = Temporal.Instant.fromEpochMilliseconds(startMs).toZonedDateTimeISO(timeZone);
    const offsetMs = here.offsetNanoseconds / 1e6;
    const changeMs = here.getTimeZoneTransition('next')?.epochMilliseconds ?? Number.POSITIVE_INFINITY;
    let nextMs = (Math.floor((startMs + offsetMs) / unitMs) + 1) * unitMs - offsetMs;
    for (; nextMs < changeMs; nextMs += unitMs) yield nextMs;
    yield changeMs;
    startMs = changeMs;
  }
}

/**
 * The starts of days and longer units after an instant, ascending without end. A day starts at its first instant:
 * later than midnight where the clocks skip midnight; a date that the zone never had has no start of its own.
 */
function* dateStarts(unit: DateUnit, timeZone: string, afterMs: number): Generator<number> {
  const local = Temporal.Instant.fromEpochMilliseconds(afterMs).toZonedDateTimeISO(timeZone).toPlainDate();
  const first = firstDate(unit, local);
  let lastMs = afterMs;
  for (let index = 0; ; index += 1) {
    const startMs = first.add(dateStep(unit, index)).toZonedDateTime(timeZone).epochMilliseconds;
    if (startMs <= lastMs) continue;
    lastMs = startMs;
    yield startMs;
  }
}

function firstDate(unit: DateUnit, date: Temporal.PlainDate): Temporal.PlainDate {
  switch (unit) {
    case 'day':
      return date;
    case 'week':
      return date.subtract({ days: date.dayOfWeek - 1 });
    case 'month':
      return date.with({ day: 1 });
    case 'quarter':
      return date.with({ month: date.month - ((date.month - 1) % 3), day: 1 });
    case 'year':
      return date.with({ month: 1, day: 1 });
  }
}
