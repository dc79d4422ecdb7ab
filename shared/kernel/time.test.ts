import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dayText,
  EARLIEST_MS,
  formatInstant,
  isInstant,
  isTimeZone,
  LATEST_MS,
  monthPartition,
  parseInstant,
} from './time.ts';

const instant = fc.integer({ min: EARLIEST_MS, max: LATEST_MS });

describe('parseInstant', () => {
  test.each([
    ['2026-11-24T13:00:00Z', '2026-11-24T13:00:00.000Z'],
    ['2026-11-24t13:00:00z', '2026-11-24T13:00:00.000Z'],
    ['2026-11-24T13:00:00.1234567Z', '2026-11-24T13:00:00.123Z'],
    ['2026-12-31T23:59:59.999999999Z', '2026-12-31T23:59:59.999Z'],
    ['1969-12-31T23:59:59.9999Z', '1969-12-31T23:59:59.999Z'],
    ['2026-11-24T13:00:00+05:30', '2026-11-24T07:30:00.000Z'],
    ['2026-11-24T13:00:00.5-08:00', '2026-11-24T21:00:00.500Z'],
    ['2026-11-24T13:00:00-00:00', '2026-11-24T13:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
    ['0099-12-31T00:00:00Z', '0099-12-31T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('%s is %s', (text, expected) => {
    const parsed = parseInstant(text);
    expect(parsed.ok && formatInstant(parsed.value)).toBe(expected);
  });

  test.each([
    ['', 'malformed'],
    ['2026-11-24', 'malformed'],
    ['2026-11-24T13:00:00', 'malformed'],
    ['2026-11-24 13:00:00Z', 'malformed'],
    ['2026-11-24T13:00Z', 'malformed'],
    ['2026-11-24T13:00:00.Z', 'malformed'],
    ['2026-11-24T13:00:00,5Z', 'malformed'],
    ['2026-11-24T13:00:00+0530', 'malformed'],
    ['2026-11-24T13:00:00+05', 'malformed'],
    ['2026-11-24T13:00:00Z[UTC]', 'malformed'],
    ['+002026-11-24T13:00:00Z', 'malformed'],
    ['-2026-11-24T13:00:00Z', 'malformed'],
    [' 2026-11-24T13:00:00Z', 'malformed'],
    ['2026-11-24T13:00:00Z\n', 'malformed'],
    ['1764000000', 'malformed'],
    ['2026-02-29T00:00:00Z', 'impossible'],
    ['1900-02-29T00:00:00Z', 'impossible'],
    ['2026-04-31T00:00:00Z', 'impossible'],
    ['2026-00-10T00:00:00Z', 'impossible'],
    ['2026-13-10T00:00:00Z', 'impossible'],
    ['2026-01-00T00:00:00Z', 'impossible'],
    ['2026-01-01T24:00:00Z', 'impossible'],
    ['2026-01-01T23:60:00Z', 'impossible'],
    ['2016-12-31T23:59:60Z', 'impossible'],
    ['2026-01-01T00:00:00+24:00', 'impossible'],
    ['2026-01-01T00:00:00+05:60', 'impossible'],
    ['0000-01-01T00:00:00+00:01', 'out_of_range'],
    ['9999-12-31T23:59:59-00:01', 'out_of_range'],
  ])('%j is refused as %s', (text, error) => {
    expect(parseInstant(text)).toEqual({ ok: false, error });
  });

  test('what is written is read back to the same millisecond, in UTC and in every offset', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: -1_439, max: 1_439 }), (instantMs, offsetMinutes) => {
        expect(parseInstant(formatInstant(instantMs))).toEqual({ ok: true, value: instantMs });
        const localMs = instantMs + offsetMinutes * 60_000;
        if (!isInstant(localMs)) return;
        const minutes = Math.abs(offsetMinutes);
        const offset = `${offsetMinutes < 0 ? '-' : '+'}${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
        expect(parseInstant(formatInstant(localMs).replace('Z', offset))).toEqual({
          ok: true,
          value: instantMs,
        });
      }),
    );
  });
});

test('an instant is written as the engine writes dates', () => {
  const near = instant.chain((instantMs) =>
    fc.integer({ min: 0, max: 86_400_000 }).map((ms) => instantMs + ms),
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(instant, near.filter(isInstant))), (instants) => {
      for (const instantMs of instants) {
        expect(formatInstant(instantMs)).toBe(new Date(instantMs).toISOString());
      }
    }),
  );
});

test('the day and the month are those of UTC', () => {
  const newYearMs = Date.UTC(2027, 0, 1);
  expect([dayText(newYearMs), dayText(newYearMs - 1)]).toEqual(['2027-01-01', '2026-12-31']);
  expect([monthPartition(newYearMs), monthPartition(newYearMs - 1)]).toEqual(['202701', '202612']);
});

test.each([Number.NaN, 0.5, EARLIEST_MS - 1, LATEST_MS + 1])(
  '%d cannot be written as an instant',
  (instantMs) => {
    expect(() => formatInstant(instantMs)).toThrow('instant');
  },
);

test.each([
  ['UTC', true],
  ['Europe/Berlin', true],
  ['America/Argentina/Buenos_Aires', true],
  ['Asia/Kolkata', true],
  ['Etc/GMT+5', true],
  ['', false],
  ['Mars/Olympus', false],
  ['+02:00', false],
  ['2026-01-01T00:00:00Z[UTC]', false],
  [`A${'a'.repeat(100)}`, false],
])('isTimeZone(%j) is %s', (text, expected) => {
  expect(isTimeZone(text)).toBe(expected);
});
