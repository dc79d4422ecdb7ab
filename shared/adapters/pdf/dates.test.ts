import { expect, test } from 'vitest';
import { dateFigure, isSamePeriod, periodFigure } from './dates.ts';

test.each([
  ['2023-11-01T00:00:00Z', '2023-12-01T00:00:00Z', 'UTC', '2023-11-01 to 2023-12-01'],
  ['2023-10-31T23:00:00Z', '2023-11-30T23:00:00Z', 'Europe/Berlin', '2023-11-01 to 2023-12-01'],
  // The clocks of Berlin change in between, so both bounds are midnights of different offsets.
  ['2023-09-30T22:00:00Z', '2023-10-31T23:00:00Z', 'Europe/Berlin', '2023-10-01 to 2023-11-01'],
  ['2023-11-01T10:00:00Z', '2023-11-01T11:00:00Z', 'UTC', '2023-11-01 10:00 to 2023-11-01 11:00 UTC'],
  [
    '2023-11-01T00:00:00Z',
    '2023-11-01T09:30:15.250Z',
    'Asia/Tokyo',
    '2023-11-01 09:00 to 2023-11-01 18:30:15.25 Asia/Tokyo',
  ],
])('[%s, %s) in %s is %s', (from, to, timeZone, figure) => {
  expect(periodFigure({ from, to }, timeZone)).toBe(figure);
});

test('a date is the day that the zone has at that instant', () => {
  expect(dateFigure('2023-12-31T23:30:00Z', 'UTC')).toBe('2023-12-31');
  expect(dateFigure('2023-12-31T23:30:00Z', 'Europe/Berlin')).toBe('2024-01-01');
});

test('periods are compared as instants, not as texts', () => {
  const period = { from: '2023-11-01T00:00:00Z', to: '2023-12-01T00:00:00Z' };
  const other = { from: '2023-11-01T01:00:00+01:00', to: '2023-12-01T00:00:00.000Z' };
  expect(isSamePeriod(period, other)).toBe(true);
  expect(isSamePeriod(period, { ...period, to: '2023-12-01T00:00:01Z' })).toBe(false);
});

test('a time that is none is refused', () => {
  expect(() => dateFigure('2023-12-31', 'UTC')).toThrow('RFC 3339');
});
