import { Temporal } from 'temporal-polyfill';
import { assert } from './assert.ts';
import { err, ok, type Result } from './result.ts';

/** Epoch ms of 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z: what four digits of a year can say. */
export const EARLIEST_MS = -62_167_219_200_000;
export const LATEST_MS = 253_402_300_799_999;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

type InstantError = 'malformed' | 'impossible' | 'out_of_range';

const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,18}))?(?:([Zz])|([+-])(\d\d):(\d\d))$/;

/**
 * Epoch ms of an RFC 3339 date-time. The offset is required; digits beyond milliseconds are cut, not rounded, so
 * that no event moves into the next period. `impossible`: such a date or time of day does not exist (leap seconds
 * included: no clock of ours can show them). `out_of_range`: outside the years 0000 to 9999 in UTC.
 */
export function parseInstant(text: string): Result<number, InstantError> {
  const match = RFC_3339.exec(text);
  if (match === null) return err('malformed');
  const field = (index: number) => Number(match[index] ?? 0);
  const [year, month, day] = [field(1), field(2), field(3)];
  const [hour, minute, second] = [field(4), field(5), field(6)];
  const [offsetHour, offsetMinute] = [field(10), field(11)];
  const possible =
    day >= 1 &&
    day <= daysInMonth(year, month) &&
    isTimeOfDay(hour, minute, second) &&
    isTimeOfDay(offsetHour, offsetMinute, 0);
  if (!possible) return err('impossible');

  const fractionMs = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const offsetMs = (match[9] === '-' ? -1 : 1) * (offsetHour * 60 + offsetMinute) * MINUTE_MS;
  // Date.UTC takes the years 0 to 99 for 1900 to 1999; the Gregorian calendar repeats after 400 years.
  const localMs = Date.UTC(year + 400, month - 1, day, hour, minute, second, fractionMs) - FOUR_CENTURIES_MS;
  const instantMs = localMs - offsetMs;
  return isInstant(instantMs) ? ok(instantMs) : err('out_of_range');
}

const FOUR_CENTURIES_MS = 146_097 * DAY_MS;
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** 0 for a month that does not exist. */
function daysInMonth(year: number, month: number): number {
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeapYear ? 29 : (MONTH_DAYS[month - 1] ?? 0);
}

function isTimeOfDay(hour: number, minute: number, second: number): boolean {
  return hour <= 23 && minute <= 59 && second <= 59;
}

/** Whether the number is an instant that can be written: whole milliseconds, years 0000 to 9999. */
export function isInstant(instantMs: number): boolean {
  return Number.isInteger(instantMs) && instantMs >= EARLIEST_MS && instantMs <= LATEST_MS;
}

/** `2026-11-24T13:00:00.000Z`, the one form of times on the wire. */
export function formatInstant(instantMs: number): string {
  assert(isInstant(instantMs), 'an instant is whole milliseconds in the years 0000 to 9999');
  const day = Math.floor(instantMs / DAY_MS);
  // Of events in order many share their day, whose date takes longer than all the rest.
  if (day !== lastDay.day) lastDay = { day, text: new Date(day * DAY_MS).toISOString().slice(0, 11) };
  const inDayMs = instantMs - day * DAY_MS;
  const minutes = Math.floor(inDayMs / MINUTE_MS);
  const inMinuteMs = inDayMs - minutes * MINUTE_MS;
  const seconds = Math.floor(inMinuteMs / 1_000);
  const time = `${digits2(Math.floor(minutes / 60))}:${digits2(minutes % 60)}:${digits2(seconds)}`;
  return `${lastDay.text}${time}.${digits3(inMinuteMs - seconds * 1_000)}Z`;
}

let lastDay = { day: 0, text: '1970-01-01T' };

function digits2(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function digits3(value: number): string {
  return value < 100 ? `0${digits2(value)}` : String(value);
}

/** The UTC day, `2026-11-24`. */
export function dayText(instantMs: number): string {
  return formatInstant(instantMs).slice(0, 10);
}

/** The UTC month, `202611`: the partitions of the analytics tables. */
export function monthPartition(instantMs: number): string {
  const text = formatInstant(instantMs);
  return text.slice(0, 4) + text.slice(5, 7);
}

/** A name of the time zone database; bare offsets such as +02:00 are refused, for they know no summer time. */
const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/;

/** Whether the text names a time zone of the IANA database (or UTC). */
export function isTimeZone(text: string): boolean {
  if (!ZONE_NAME.test(text)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
