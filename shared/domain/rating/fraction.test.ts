import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimal, decimalText } from '../../kernel/decimal.ts';
import { moneyText } from '../../kernel/money.ts';
import {
  add,
  compare,
  divide,
  type Fraction,
  type FractionRounding,
  fraction,
  fractionOf,
  multiply,
  negate,
  ONE,
  roundTo,
  subtract,
  toDecimal,
  toMoney,
  ZERO,
} from './fraction.ts';

const anyFraction = fc
  .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.bigInt({ min: 1n, max: 10n ** 15n }))
  .map(([numerator, denominator]) => fraction(numerator, denominator));
const text = (value: Fraction, places = 6) => decimalText(toDecimal(value, places));

test.each([
  ['0', '0'],
  ['-0', '0'],
  ['1.50', '1.5'],
  ['-0.000000000001', '-0.000000000001'],
  ['123456789012345.123456789012', '123456789012345.123456789012'],
  ['1e3', '1000'],
])('the fraction of %s is that very number', (written, exact) => {
  expect(text(fractionOf(written), 12)).toBe(exact);
  expect(text(fractionOf(decimal(written)), 12)).toBe(exact);
});

test.each<[bigint, bigint, number, FractionRounding, string]>([
  [1n, 3n, 2, 'up', '0.34'],
  [1n, 3n, 2, 'down', '0.33'],
  [1n, 3n, 2, 'half_up', '0.33'],
  [5n, 10n, 0, 'half_up', '1'],
  [-5n, 10n, 0, 'half_up', '-1'],
  [4n, 10n, 0, 'half_up', '0'],
  [-1n, 10n, 0, 'up', '-1'],
  [-19n, 10n, 0, 'down', '-1'],
  [2n, 1n, 0, 'up', '2'],
])('%s/%s to %s decimals, %s, is %s', (numerator, denominator, places, rounding, expected) => {
  expect(text(roundTo(fraction(numerator, denominator), places, rounding))).toBe(expected);
});

test.each<[bigint, 'USD' | 'JPY' | 'KWD', string]>([
  [6015n, 'USD', '6.02'],
  [-6015n, 'USD', '-6.02'],
  [6014n, 'USD', '6.01'],
  [6500n, 'JPY', '7'],
  [6015n, 'KWD', '6.015'],
])('%s/1000 posts as %s %s', (numerator, currency, posted) => {
  expect(moneyText(toMoney(fraction(numerator, 1000n), currency))).toBe(posted);
});

test('sums and products obey the laws of arithmetic exactly, with nothing lost to thirds', () => {
  fc.assert(
    fc.property(anyFraction, anyFraction, anyFraction, (a, b, c) => {
      expect(add(a, b)).toEqual(add(b, a));
      expect(add(add(a, b), c)).toEqual(add(a, add(b, c)));
      expect(multiply(a, add(b, c))).toEqual(add(multiply(a, b), multiply(a, c)));
      expect(subtract(add(a, b), b)).toEqual(a);
      expect(add(a, negate(a))).toEqual(ZERO);
      expect(compare(a, b)).toBe(-compare(b, a) + 0);
      if (compare(b, ZERO) > 0) expect(multiply(divide(a, b), b)).toEqual(a);
      expect(multiply(a, ONE)).toEqual(a);
    }),
  );
});

test('a denominator of zero or below throws', () => {
  expect(() => fraction(1n, 0n)).toThrow('positive');
  expect(() => fraction(1n, -1n)).toThrow('positive');
});
