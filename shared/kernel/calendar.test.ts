import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CalendarUnit, calendarBoundaries } from './calendar.ts';
import { formatInstant } from './time.ts';

const HOUR_MS = 3_600_000;
const ms = (text: string) => Date.parse(text);

function boundaries(unit: CalendarUnit, timeZone: string, from: string, to: string): readonly number[] {
  const cut = calendarBoundaries({ unit, timeZone, fromMs: ms(from), toMs: ms(to), limit: 10_000 });
  return cut.ok ? cut.value : [];
}

const hoursBetween = (instants: readonly number[]) =>
  instants.slice(1).map((instantMs, index) => (instantMs - (instants[index] ?? 0)) / HOUR_MS);

describe('where the clocks change', () => {
  test.each([
    ['Europe/Berlin', '2026-03-27T23:00:00Z', '2026-03-30T22:00:00Z', [24, 23, 24]],
    ['Europe/Berlin', '2026-10-23T22:00:00Z', '2026-10-26T23:00:00Z', [24, 25, 24]],
    ['America/New_York', '2026-03-07T05:00:00Z', '2026-03-10T04:00:00Z', [24, 23, 24]],
    ['America/New_York', '2026-10-31T04:00:00Z', '2026-11-03T05:00:00Z', [24, 25, 24]],
    // Midnight itself is skipped: the day starts at 01:00.
    ['America/Sao_Paulo', '2018-11-03T03:00:00Z', '2018-11-06T02:00:00Z', [24, 23, 24]],
    // 00:00 to 01:00 is repeated: the day starts at the first midnight.
    ['America/Havana', '2026-10-31T04:00:00Z', '2026-11-03T05:00:00Z', [24, 25, 24]],
    // 2011-12-30 did not exist.
    ['Pacific/Apia', '2011-12-29T10:00:00Z', '2012-01-01T10:00:00Z', [24, 24, 24]],
    ['Asia/Kathmandu', '2026-03-27T18:15:00Z', '2026-03-29T18:15:00Z', [24, 24]],
  ])('days of %s from %s have %j hours', (timeZone, from, to, hours) => {
    expect(hoursBetween(boundaries('day', timeZone, from, to))).toEqual(hours);
  });

  test.each([
    // 02:00 to 03:00 twice: two windows of one hour.
    ['Europe/Berlin', '2026-10-24T23:00:00Z', '2026-10-25T03:00:00Z', [1, 1, 1, 1]],
    // Nothing between 02:00 and 03:00.
    ['Europe/Berlin', '2026-03-29T00:00:00Z', '2026-03-29T03:00:00Z', [1, 1, 1]],
    ['Asia/Kolkata', '2026-03-29T00:00:00Z', '2026-03-29T02:00:00Z', [0.5, 1, 0.5]],
    // The clocks go back by half an hour, from 02:00 to 01:30: each offset has its own window.
    ['Australia/Lord_Howe', '2026-04-04T14:00:00Z', '2026-04-04T16:30:00Z', [1, 0.5, 1]],
  ])('hours of %s from %s have %j hours', (timeZone, from, to, hours) => {
    expect(hoursBetween(boundaries('hour', timeZone, from, to))).toEqual(hours);
  });
});

describe('longer units', () => {
  test.each<[CalendarUnit, string, string, string, string[]]>([
    [
      'minute',
      'UTC',
      '2026-01-01T00:00:30Z',
      '2026-01-01T00:02:30Z',
      ['2026-01-01T00:01', '2026-01-01T00:02'],
    ],
    ['week', 'UTC', '2026-11-24T13:00:00Z', '2026-12-08T00:00:00Z', ['2026-11-30T00:00', '2026-12-07T00:00']],
    ['week', 'Europe/Berlin', '2026-11-29T23:00:00Z', '2026-12-07T00:00:00Z', ['2026-12-06T23:00']],
    [
      'month',
      'UTC',
      '2026-01-31T00:00:00Z',
      '2026-04-01T00:00:00Z',
      ['2026-02-01T00:00', '2026-03-01T00:00'],
    ],
    [
      'quarter',
      'UTC',
      '2026-05-15T00:00:00Z',
      '2027-01-01T00:00:00.001Z',
      ['2026-07-01T00:00', '2026-10-01T00:00', '2027-01-01T00:00'],
    ],
    [
      'year',
      'Asia/Tokyo',
      '2024-02-29T00:00:00Z',
      '2026-06-01T00:00:00Z',
      ['2024-12-31T15:00', '2025-12-31T15:00'],
    ],
  ])('%s in %s from %s to %s starts at %4$j', (unit, timeZone, from, to, inner) => {
    const cut = boundaries(unit, timeZone, from, to);
    expect(cut.slice(1, -1).map((instantMs) => formatInstant(instantMs).slice(0, 16))).toEqual(inner);
    expect([cut[0], cut.at(-1)]).toEqual([ms(from), ms(to)]);
  });
});

test('a stretch within one unit has only its ends, whatever its length in time', () => {
  expect(boundaries('day', 'UTC', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z')).toHaveLength(2);
  expect(boundaries('year', 'UTC', '2026-01-01T00:00:00.001Z', '2026-12-31T23:59:59.999Z')).toHaveLength(2);
});

test('the limit counts stretches: as many are cut, one more is refused', () => {
  const day = { unit: 'hour', timeZone: 'UTC', fromMs: 0 } as const;
  expect(calendarBoundaries({ ...day, toMs: 24 * HOUR_MS, limit: 24 })).toMatchObject({ ok: true });
  expect(calendarBoundaries({ ...day, toMs: 24 * HOUR_MS + 1, limit: 24 })).toEqual({
    ok: false,
    error: 'too_many',
  });
});

const zone = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Africa/Casablanca',
  'Asia/Kathmandu',
  'America/Havana',
  'Antarctica/Troll',
);
const unit = fc.constantFrom<CalendarUnit>('minute', 'hour', 'day', 'week', 'month', 'quarter', 'year');
const LONGEST_MS = {
  minute: 60_000,
  hour: HOUR_MS,
  day: 26,
  week: 171,
  month: 746,
  quarter: 2_234,
  year: 8_810,
};

test('boundaries ascend strictly, tile the stretch, and no stretch is longer than its unit can be', () => {
  fc.assert(
    fc.property(
      unit,
      zone,
      fc.integer({ min: ms('1990-01-01T00:00:00Z'), max: ms('2037-01-01T00:00:00Z') }),
      fc.integer({ min: 1, max: 3_000 }),
      (by, timeZone, fromMs, units) => {
        const longestMs = LONGEST_MS[by] * (by === 'minute' || by === 'hour' ? 1 : HOUR_MS);
        const toMs = fromMs + Math.min(units * longestMs, 400 * 24 * HOUR_MS);
        const cut = calendarBoundaries({ unit: by, timeZone, fromMs, toMs, limit: 100_000 });
        if (!cut.ok) throw new Error('too many');
        expect([cut.value[0], cut.value.at(-1)]).toEqual([fromMs, toMs]);
        for (const hours of hoursBetween(cut.value)) {
          expect(hours).toBeGreaterThan(0);
          expect(hours * HOUR_MS).toBeLessThanOrEqual(longestMs);
        }
      },
    ),
  );
});

test('cutting in two steps gives the same boundaries as cutting at once', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<CalendarUnit>('hour', 'day', 'week', 'month'),
      zone,
      fc.integer({ min: ms('2005-01-01T00:00:00Z'), max: ms('2030-01-01T00:00:00Z') }),
      fc.tuple(fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: 1, max: 2_000 })),
      (by, timeZone, fromMs, [first, second]) => {
        const middleMs = fromMs + first * 977_123;
        const toMs = middleMs + second * 977_123;
        const cut = (startMs: number, endMs: number) => {
          const result = calendarBoundaries({
            unit: by,
            timeZone,
            fromMs: startMs,
            toMs: endMs,
            limit: 100_000,
          });
          return result.ok ? result.value : [];
        };
        const joined = new Set([...cut(fromMs, middleMs), ...cut(middleMs, toMs)]);
        const whole = new Set([...cut(fromMs, toMs), middleMs]);
        expect(joined).toEqual(whole);
      },
    ),
  );
});
