import { Temporal } from 'temporal-polyfill';
import { assert } from '../../kernel/assert.ts';
import { parseInstant } from '../../kernel/time.ts';
import type { InvoicePeriod } from './invoice-document.ts';

/** Epoch ms of an instant of the wire. */
export function instantMs(text: string): number {
  const parsed = parseInstant(text);
  assert(parsed.ok, 'a time of an invoice is an RFC 3339 date-time');
  return parsed.value;
}

/** The day of an instant in the time zone, `2023-11-01`. */
export function dateFigure(instant: string, timeZone: string): string {
  return localTime(instant, timeZone).toPlainDate().toString();
}

/** `2023-11-01 to 2023-12-01`; with times and the zone's name where a bound is not the start of a day there. */
export function periodFigure(period: InvoicePeriod, timeZone: string): string {
  const from = localTime(period.from, timeZone);
  const to = localTime(period.to, timeZone);
  if ([from, to].every((bound) => bound.equals(bound.startOfDay()))) {
    return `${from.toPlainDate()} to ${to.toPlainDate()}`;
  }
  return `${dayAndTime(from)} to ${dayAndTime(to)} ${timeZone}`;
}

/** Whether two periods are the same stretch of time, however their bounds are written. */
export function isSamePeriod(left: InvoicePeriod, right: InvoicePeriod): boolean {
  return instantMs(left.from) === instantMs(right.from) && instantMs(left.to) === instantMs(right.to);
}

function localTime(instant: string, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instantMs(instant)).toZonedDateTimeISO(timeZone);
}

function dayAndTime(local: Temporal.ZonedDateTime): string {
  const time = local.toPlainTime();
  const isWholeMinute = time.equals(time.round('minute'));
  const timeText = isWholeMinute ? time.toString({ smallestUnit: 'minute' }) : time.toString();
  return `${local.toPlainDate()} ${timeText}`;
}
