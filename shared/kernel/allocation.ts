import { assert, defined } from './assert.ts';
import type { CurrencyCode } from './currency.ts';
import type { Decimal } from './decimal.ts';
import { type Money, money } from './money.ts';

/** Who gets the minor units that are left over when remainders are equal: the earliest in the list. */
type TieBreaker = 'first_in_order';

/**
 * Splits an amount in proportion to the weights, by largest remainder: each part is the exact share cut to minor
 * units, and what is left over goes, one unit each, to the largest cut-off remainders. The parts sum to the amount;
 * a negative amount splits like its opposite. Weights are not negative, and not all zero unless the amount is.
 */
export function allocate<Currency extends CurrencyCode>(input: {
  readonly amount: Money<Currency>;
  readonly weights: readonly Decimal[];
  readonly tieBreaker: TieBreaker;
}): readonly Money<Currency>[] {
  const { minor, currency } = input.amount;
  const weights = toIntegers(input.weights);
  const totalWeight = sum(weights);
  assert(totalWeight > 0n || minor === 0n, 'an amount is allocated to at least one positive weight');
  if (totalWeight === 0n) return weights.map(() => money(0n, currency));

  const sign = minor < 0n ? -1n : 1n;
  const magnitude = minor * sign;
  const parts = weights.map((weight) => (magnitude * weight) / totalWeight);
  const leftOver = Number(magnitude - sum(parts));
  assert(leftOver >= 0 && leftOver < weights.length, 'less than one unit a part is left over');
  for (const index of byLargestRemainder(weights.map((weight) => (magnitude * weight) % totalWeight)).slice(
    0,
    leftOver,
  )) {
    parts[index] = defined(parts[index], 'a part') + 1n;
  }
  assert(sum(parts) === magnitude, 'the parts of an allocation sum to the whole');
  return parts.map((part) => money(part * sign, currency));
}

/** The weights on one common scale, where their proportions are exact. */
function toIntegers(weights: readonly Decimal[]): readonly bigint[] {
  const places = Math.max(0, ...weights.map((weight) => weight.decimalPlaces()));
  return weights.map((weight) => {
    assert(!weight.isNegative() || weight.isZero(), 'a weight is never negative');
    return BigInt(weight.toFixed(places).replace('.', ''));
  });
}

/** Indices, largest remainder first; equal ones stay in order, for the sort is stable. */
function byLargestRemainder(remainders: readonly bigint[]): readonly number[] {
  return [...remainders.entries()]
    .sort(([, left], [, right]) => (left < right ? 1 : left > right ? -1 : 0))
    .map(([index]) => index);
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}
