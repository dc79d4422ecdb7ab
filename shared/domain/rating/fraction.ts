import { assert } from '../../kernel/assert.ts';
import { type CurrencyCode, currencyExponent } from '../../kernel/currency.ts';
import { type Decimal, decimal } from '../../kernel/decimal.ts';
import { type Money, money } from '../../kernel/money.ts';

/**
 * An exact rational in lowest terms, its denominator positive. A third of a price has no end as a decimal, and cut
 * digits can turn the half cent that rounds up into less: 20.05 * 10/30 * 90 % is 6.015, due as 6.02.
 */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** `half_up` is half away from zero, `up` away from zero, `down` towards it. */
export type FractionRounding = 'up' | 'down' | 'half_up';

export function fraction(numerator: bigint, denominator = 1n): Fraction {
  assert(denominator > 0n, 'the denominator of a fraction is positive');
  if (denominator === 1n) return { numerator, denominator };
  const divisor = greatestCommonDivisor(magnitude(numerator), denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

export const ZERO = fraction(0n);
export const ONE = fraction(1n);

/** Most numbers of prices and quantities; the others take the way through Decimal. */
const PLAIN = /^(?<whole>-?\d{1,30})(?:\.(?<decimals>\d{1,30}))?$/;

/** The value of a decimal, or of trusted decimal text. */
export function fractionOf(value: Decimal | string): Fraction {
  const match = typeof value === 'string' ? PLAIN.exec(value) : null;
  if (match !== null) {
    const [, whole = '', decimals = ''] = match;
    return fraction(BigInt(whole + decimals), tenToThe(decimals.length));
  }
  const exact = decimal(value);
  const places = exact.decimalPlaces();
  return fraction(BigInt(exact.toFixed(places).replace('.', '')), tenToThe(places));
}

const POWERS_OF_TEN = Array.from({ length: 64 }, (_, exponent) => 10n ** BigInt(exponent));

function tenToThe(exponent: number): bigint {
  return POWERS_OF_TEN[exponent] ?? 10n ** BigInt(exponent);
}

export function add(left: Fraction, right: Fraction): Fraction {
  if (left.denominator === right.denominator) {
    return fraction(left.numerator + right.numerator, left.denominator);
  }
  const numerator = left.numerator * right.denominator + right.numerator * left.denominator;
  return fraction(numerator, left.denominator * right.denominator);
}

export function negate(value: Fraction): Fraction {
  return { numerator: -value.numerator, denominator: value.denominator };
}

export function subtract(left: Fraction, right: Fraction): Fraction {
  return add(left, negate(right));
}

export function multiply(left: Fraction, right: Fraction): Fraction {
  return fraction(left.numerator * right.numerator, left.denominator * right.denominator);
}

/** By a positive divisor. */
export function divide(dividend: Fraction, divisor: Fraction): Fraction {
  return fraction(dividend.numerator * divisor.denominator, dividend.denominator * divisor.numerator);
}

/** Negative, zero or positive as `left` is below, equal to or above `right`. */
export function compare(left: Fraction, right: Fraction): number {
  const difference = left.numerator * right.denominator - right.numerator * left.denominator;
  return difference < 0n ? -1 : Number(difference > 0n);
}

export function lesser(left: Fraction, right: Fraction): Fraction {
  return compare(left, right) <= 0 ? left : right;
}

export function greater(left: Fraction, right: Fraction): Fraction {
  return compare(left, right) >= 0 ? left : right;
}

export function isZero(value: Fraction): boolean {
  return value.numerator === 0n;
}

export function sum(values: Iterable<Fraction>): Fraction {
  let total = ZERO;
  for (const value of values) total = add(total, value);
  return total;
}

export function roundTo(value: Fraction, places: number, rounding: FractionRounding): Fraction {
  return fraction(inUnitsOf(value, places, rounding), tenToThe(places));
}

/** Half away from zero to so many decimals; exact where it has no more. */
export function toDecimal(value: Fraction, places: number): Decimal {
  return decimal(`${inUnitsOf(value, places, 'half_up')}e-${places}`);
}

/** As `decimalText` of `toDecimal`. */
export function fractionText(value: Fraction, places: number): string {
  if (value.denominator === 1n) return value.numerator.toString();
  const units = inUnitsOf(value, places, 'half_up');
  const digits = magnitude(units)
    .toString()
    .padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  const decimals = digits.slice(digits.length - places).replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${whole}${decimals === '' ? '' : '.'}${decimals}`;
}

/** The whole units below or at the value, and what it is above them. */
export function floorOf(value: Fraction): { readonly whole: bigint; readonly rest: Fraction } {
  const { numerator, denominator } = value;
  const part = numerator % denominator;
  const above = part < 0n ? part + denominator : part;
  return { whole: (numerator - above) / denominator, rest: { numerator: above, denominator } };
}

/** The one rounding of an amount: half away from zero, to the currency's decimals. */
export function toMoney<Currency extends CurrencyCode>(value: Fraction, currency: Currency): Money<Currency> {
  return money(inUnitsOf(value, currencyExponent(currency), 'half_up'), currency);
}

function inUnitsOf(value: Fraction, places: number, rounding: FractionRounding): bigint {
  const { numerator, denominator } = value;
  const scaled = magnitude(numerator) * tenToThe(places);
  const rest = scaled % denominator;
  const goesUp = rounding === 'half_up' ? 2n * rest >= denominator : rounding === 'up' && rest > 0n;
  const rounded = scaled / denominator + (goesUp ? 1n : 0n);
  return numerator < 0n ? -rounded : rounded;
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function greatestCommonDivisor(left: bigint, right: bigint): bigint {
  let [larger, smaller] = [left, right];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}
