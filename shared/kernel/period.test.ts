import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { containsInstant, intersect, overlaps, period } from './period.ts';

const anyPeriod = fc
  .tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 50 }))
  .map(([startMs, lengthMs]) => period(startMs, startMs + lengthMs));

test('the start belongs to a period, the end does not', () => {
  const whole = period(10, 20);
  expect([9, 10, 19, 20].map((instantMs) => containsInstant(whole, instantMs))).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

test.each([
  [10, 10],
  [20, 10],
  [0.5, 10],
  [0, Number.NaN],
  [0, Number.POSITIVE_INFINITY],
])('[%d, %d) is no period', (startMs, endMs) => {
  expect(() => period(startMs, endMs)).toThrow('period');
});

describe('overlap', () => {
  test('periods that touch do not overlap', () => {
    expect(overlaps(period(0, 10), period(10, 20))).toBe(false);
    expect(intersect(period(0, 10), period(10, 20))).toBeNull();
    expect(intersect(period(0, 11), period(10, 20))).toEqual(period(10, 11));
  });

  test('an intersection holds exactly the instants that both hold, whichever comes first', () => {
    fc.assert(
      fc.property(anyPeriod, anyPeriod, fc.integer({ min: -60, max: 110 }), (left, right, instantMs) => {
        const both = intersect(left, right);
        expect(intersect(right, left)).toEqual(both);
        expect(overlaps(left, right)).toBe(both !== null);
        const inBoth = containsInstant(left, instantMs) && containsInstant(right, instantMs);
        expect(both !== null && containsInstant(both, instantMs)).toBe(inBoth);
      }),
    );
  });
});
