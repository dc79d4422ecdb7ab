import { Decimal as DecimalJs } from 'decimal.js';
import { assert } from './assert.ts';
import { LIMITS } from './limits.ts';
import { err, ok, type Result } from './result.ts';

/** Digits that an operation keeps: sums in Decimal(76,12) stay below it for every declared range. */
const PRECISION = 60;

/**
 * An exact decimal number, never NaN or infinite; made by `decimal` and `parseDecimal`. Its own `plus`, `minus` and
 * `times` round silently beyond 60 digits; `addExact`, `sumExact` and `multiplyExact` refuse instead.
 */
export type Decimal = DecimalJs;

/** For `instanceof` and for libraries that dispatch on the class. */
export const Decimal = DecimalJs.clone({
  precision: PRECISION,
  // decimal.js names half away from zero "half up".
  rounding: DecimalJs.ROUND_HALF_UP,
  // Never exponent notation: text of a number is compared, hashed and shown.
  toExpNeg: -9e15,
  toExpPos: 9e15,
  defaults: true,
});

type DecimalError = 'not_numeric' | 'too_many_digits';

const NUMERIC = /^-?\d+(?:\.\d+)?(?:[eE](?<exponent>[+-]?\d+))?$/;

/**
 * Plain numeric text: optional `-`, digits, optional fraction, optional exponent, as JSON numbers are written
 * (leading zeros allowed). No `+`, spaces, NaN, Infinity, hex, bare `.5` or `5.`. Text or exponents beyond the
 * limits are refused before any work is done on them.
 */
export function parseDecimal(text: string): Result<Decimal, DecimalError> {
  if (text.length > LIMITS.decimalTextLength) {
    return err(NUMERIC.test(text) ? 'too_many_digits' : 'not_numeric');
  }
  const match = NUMERIC.exec(text);
  if (match === null) return err('not_numeric');
  const exponent = match.groups?.exponent;
  if (exponent !== undefined && Math.abs(Number(exponent)) > LIMITS.decimalExponent) {
    return err('too_many_digits');
  }
  return ok(new Decimal(text));
}

/** The decimal of a trusted value; a number means its shortest round-trip text. Throws on anything not finite. */
export function decimal(value: string | number | bigint | Decimal): Decimal {
  if (typeof value === 'string') {
    const parsed = parseDecimal(value);
    assert(parsed.ok, 'a trusted decimal text is not numeric');
    return parsed.value;
  }
  if (typeof value === 'number') assert(Number.isFinite(value), 'a decimal is never NaN or infinite');
  return new Decimal(typeof value === 'bigint' ? value.toString() : value);
}

/** Canonical plain notation: no exponent, no trailing zeros, no "-0". Equal numbers have equal texts. */
export function decimalText(value: Decimal): string {
  return value.isZero() ? '0' : value.toFixed();
}

/** The canonical notation of a trusted decimal text. */
export function canonicalDecimal(text: string): string {
  return CANONICAL_WHOLE.test(text) ? text : decimalText(decimal(text));
}

/** The usual case, which needs no arithmetic. */
const CANONICAL_WHOLE = /^(?:0|-?[1-9]\d{0,29})$/;

/** For stored quantities: errors of many roundings cancel out. */
export function roundHalfEven(value: Decimal, places: number): Decimal {
  return value.toDecimalPlaces(places, DecimalJs.ROUND_HALF_EVEN);
}

/** For money: what people expect on an invoice. */
export function roundHalfAwayFromZero(value: Decimal, places: number): Decimal {
  return value.toDecimalPlaces(places, DecimalJs.ROUND_HALF_UP);
}

/** Digits before the decimal point, 0 for |value| < 1. */
export function integerDigits(value: Decimal): number {
  return value.isZero() ? 0 : Math.max(0, value.e + 1);
}

/** The exact sum; throws where it would need more digits than are kept. */
export function addExact(left: Decimal, right: Decimal): Decimal {
  const places = Math.max(left.decimalPlaces(), right.decimalPlaces());
  const digits = Math.max(integerDigits(left), integerDigits(right)) + 1;
  assert(places + digits <= PRECISION, 'a sum needs more digits than are kept');
  return left.plus(right);
}

/** The exact sum of all, 0 for none. */
export function sumExact(values: Iterable<Decimal>): Decimal {
  let total = decimal(0);
  for (const value of values) total = addExact(total, value);
  return total;
}

export interface RunningSum {
  /** Trusted plain text of a decimal. */
  add(text: string): void;
  /** The exact sum so far, 0 of none; throws where it would need more digits than are kept. */
  total(): Decimal;
}

const WHOLE = /^-?\d{1,30}$/;

/** A sum of very many numbers. Whole ones, the usual case, are added as such, several times as fast. */
export function runningSum(): RunningSum {
  let whole = 0n;
  let rest = decimal(0);
  return {
    add: (text) => {
      if (WHOLE.test(text)) whole += BigInt(text);
      else rest = addExact(rest, decimal(text));
    },
    total: () => addExact(decimal(whole), rest),
  };
}

/** The exact product; throws where it would need more digits than are kept. */
export function multiplyExact(left: Decimal, right: Decimal): Decimal {
  assert(left.precision() + right.precision() <= PRECISION, 'a product needs more digits than are kept');
  return left.times(right);
}
