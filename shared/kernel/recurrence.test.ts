import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cadence, recurrenceBoundary, recurrencePeriodAt } from './recurrence.ts';
import { formatInstant } from './time.ts';

const ms = (text: string) => Date.parse(text);
const text = (instantMs: number) => formatInstant(instantMs).replace(/:00\.000Z$/, '');

const starts = (cadence: Cadence, timeZone: string, anchor: string, indices: readonly number[]) =>
  indices.map((index) => text(recurrenceBoundary({ anchorMs: ms(anchor), timeZone, cadence }, index)));

describe('boundaries come from the anchor, never from the last one', () => {
  test.each<[Cadence, string, string, number[], string[]]>([
    [
      'month',
      'UTC',
      '2026-01-31T00:00:00Z',
      [1, 2, 3, -2],
      ['2026-02-28T00:00', '2026-03-31T00:00', '2026-04-30T00:00', '2025-11-30T00:00'],
    ],
    ['month', 'UTC', '2024-01-30T00:00:00Z', [1, 2], ['2024-02-29T00:00', '2024-03-30T00:00']],
    [
      'year',
      'UTC',
      '2024-02-29T12:00:00Z',
      [1, 3, 4, -1],
      ['2025-02-28T12:00', '2027-02-28T12:00', '2028-02-29T12:00', '2023-02-28T12:00'],
    ],
    ['quarter', 'UTC', '2025-11-30T00:00:00Z', [1, 2], ['2026-02-28T00:00', '2026-05-30T00:00']],
    ['week', 'UTC', '2026-12-28T09:30:00Z', [1, -1], ['2027-01-04T09:30', '2026-12-21T09:30']],
    ['hour', 'Europe/Berlin', '2026-03-29T00:30:00Z', [1, 2], ['2026-03-29T01:30', '2026-03-29T02:30']],
    // Local midnight stays local midnight across the change of clocks.
    [
      'month',
      'Europe/Berlin',
      '2026-01-30T23:00:00Z',
      [1, 2, 3],
      ['2026-02-27T23:00', '2026-03-30T22:00', '2026-04-29T22:00'],
    ],
    // 02:30 does not exist on 2026-03-29: it moves to 03:30, and the next day is 02:30 again.
    ['day', 'Europe/Berlin', '2026-03-28T01:30:00Z', [1, 2], ['2026-03-29T01:30', '2026-03-30T00:30']],
    // 02:30 comes twice on 2026-10-25: the first one counts.
    ['day', 'Europe/Berlin', '2026-10-24T00:30:00Z', [1, 2], ['2026-10-25T00:30', '2026-10-26T01:30']],
    // An anchor in the second 02:30 stays where it is.
    [
      'day',
      'Europe/Berlin',
      '2026-10-25T01:30:00Z',
      [-1, 0, 1],
      ['2026-10-24T00:30', '2026-10-25T01:30', '2026-10-26T01:30'],
    ],
  ])('%s in %s from %s', (cadence, timeZone, anchor, indices, expected) => {
    expect(starts(cadence, timeZone, anchor, indices)).toEqual(expected);
  });
});

describe('the period that holds an instant', () => {
  test.each<[Cadence, string, string, string, string]>([
    ['day', '2023-12-31T00:00:00Z', '2024-01-01T00:00:00Z', '2024-01-01T00:00', '2024-01-02T00:00'],
    ['day', '2023-12-31T00:00:00Z', '2023-12-31T23:00:00Z', '2023-12-31T00:00', '2024-01-01T00:00'],
    ['day', '2024-01-02T00:00:00Z', '2023-12-31T23:00:00Z', '2023-12-31T00:00', '2024-01-01T00:00'],
    ['day', '2024-02-20T00:00:00Z', '2023-12-31T23:00:00Z', '2023-12-31T00:00', '2024-01-01T00:00'],
    ['week', '2023-12-31T00:00:00Z', '2024-01-01T00:00:00Z', '2023-12-31T00:00', '2024-01-07T00:00'],
    ['week', '2024-01-02T00:00:00Z', '2024-01-01T00:00:00Z', '2023-12-26T00:00', '2024-01-02T00:00'],
    ['month', '2024-01-01T00:00:00Z', '2024-01-02T00:00:00Z', '2024-01-01T00:00', '2024-02-01T00:00'],
    ['month', '2025-01-29T12:00:00Z', '2025-01-29T12:10:00Z', '2025-01-29T12:00', '2025-02-28T12:00'],
    ['month', '2025-01-31T15:00:00Z', '2025-08-13T20:00:00Z', '2025-07-31T15:00', '2025-08-31T15:00'],
    ['month', '2025-01-31T15:00:00Z', '2025-09-30T15:00:00Z', '2025-09-30T15:00', '2025-10-31T15:00'],
    ['month', '2025-01-30T15:00:00Z', '2025-02-13T20:00:00Z', '2025-01-30T15:00', '2025-02-28T15:00'],
  ])('%s from %s, at %s: [%s, %s)', (cadence, anchor, at, start, end) => {
    const found = recurrencePeriodAt({ anchorMs: ms(anchor), timeZone: 'UTC', cadence }, ms(at));
    expect([text(found.startMs), text(found.endMs)]).toEqual([start, end]);
  });
});

const recurrence = fc.record({
  anchorMs: fc.integer({ min: ms('1975-01-01T00:00:00Z'), max: ms('2060-01-01T00:00:00Z') }),
  timeZone: fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'America/St_Johns',
    'Australia/Lord_Howe',
    'Africa/Casablanca',
    'America/Havana',
  ),
  cadence: fc.constantFrom<Cadence>('hour', 'day', 'week', 'month', 'quarter', 'year'),
});

test('boundaries ascend strictly', () => {
  fc.assert(
    fc.property(recurrence, fc.integer({ min: -40, max: 40 }), (every, index) => {
      expect(recurrenceBoundary(every, index)).toBeLessThan(recurrenceBoundary(every, index + 1));
    }),
    { numRuns: 500 },
  );
});

test('every instant lies in exactly one period, and the next period starts where it ends', () => {
  fc.assert(
    fc.property(
      recurrence,
      fc.integer({ min: ms('1950-01-01T00:00:00Z'), max: ms('2090-01-01T00:00:00Z') }),
      (every, atMs) => {
        const found = recurrencePeriodAt(every, atMs);
        expect(found.startMs).toBeLessThanOrEqual(atMs);
        expect(atMs).toBeLessThan(found.endMs);
        expect(recurrencePeriodAt(every, found.endMs).startMs).toBe(found.endMs);
        expect(recurrencePeriodAt(every, found.endMs).index).toBe(found.index + 1);
        expect(recurrencePeriodAt(every, found.startMs)).toEqual(found);
        expect(recurrencePeriodAt(every, found.startMs - 1).endMs).toBe(found.startMs);
      },
    ),
    { numRuns: 500 },
  );
});

test('a day that the zone left out makes an empty period, and every instant still has one', () => {
  const samoa = { anchorMs: ms('2011-12-28T22:00:00Z'), timeZone: 'Pacific/Apia', cadence: 'day' } as const;
  const days = [0, 1, 2, 3].map((index) => text(recurrenceBoundary(samoa, index)));
  expect(days).toEqual(
    ['2011-12-28T22:00', '2011-12-29T22:00', '2011-12-30T22:00', '2011-12-30T22:00'].toSorted(),
  );
  const found = recurrencePeriodAt(samoa, ms('2011-12-30T22:00:00Z'));
  expect([found.startMs, found.endMs].map(text)).toEqual(['2011-12-30T22:00', '2011-12-31T22:00']);
});

test('a boundary beyond the year 9999 throws instead of being wrong', () => {
  expect(() => recurrenceBoundary({ anchorMs: 0, timeZone: 'UTC', cadence: 'year' }, 9_000)).toThrow('9999');
});
