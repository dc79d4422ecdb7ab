import { expect, test } from 'vitest';
import { periodPart } from './period-part.ts';

const at = (text: string) => Date.parse(text);
const MARCH = { startMs: at('2026-03-01T00:00:00+01:00'), endMs: at('2026-04-01T00:00:00+02:00') };
const segment = (from: string, to: string, full = MARCH) => ({
  version: 1,
  startMs: at(from),
  endMs: at(to),
  full,
});
const text = (part: ReturnType<typeof periodPart>) => `${part.numerator}/${part.denominator}`;

test('by days, a day counts where it begins, also one of 23 hours', () => {
  const timeZone = 'Europe/Berlin';
  const summerTime = segment('2026-03-29T00:00:00+01:00', '2026-03-30T00:00:00+02:00');
  expect(text(periodPart({ segment: summerTime, proration: 'day', timeZone }))).toBe('1/31');
  const first = segment('2026-03-01T00:00:00+01:00', '2026-03-10T15:00:00+01:00');
  const second = segment('2026-03-10T15:00:00+01:00', '2026-04-01T00:00:00+02:00');
  expect(text(periodPart({ segment: first, proration: 'day', timeZone }))).toBe('9/31');
  expect(text(periodPart({ segment: second, proration: 'day', timeZone }))).toBe('22/31');
});

test('by time, an hour is as long as it is', () => {
  const half = segment('2026-03-01T00:00:00+01:00', '2026-03-16T11:30:00+01:00');
  expect(text(periodPart({ segment: half, proration: 'second', timeZone: 'Europe/Berlin' }))).toBe(
    `${15.5 * 86_400_000 - 30 * 60_000}/${31 * 86_400_000 - 3_600_000}`,
  );
});

test('without proration it is the whole; a period without the beginning of a day is divided by time', () => {
  const hour = { startMs: at('2026-03-01T10:00:00Z'), endMs: at('2026-03-01T11:00:00Z') };
  const quarter = segment('2026-03-01T10:00:00Z', '2026-03-01T10:15:00Z', hour);
  expect(text(periodPart({ segment: quarter, proration: 'none', timeZone: 'UTC' }))).toBe('1/1');
  expect(text(periodPart({ segment: quarter, proration: 'day', timeZone: 'UTC' }))).toBe('900000/3600000');
});

test('what lies outside its period has no part of it', () => {
  const outside = segment('2026-02-28T00:00:00+01:00', '2026-03-10T00:00:00+01:00');
  expect(() => periodPart({ segment: outside, proration: 'second', timeZone: 'UTC' })).toThrow('its period');
});
