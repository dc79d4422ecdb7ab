import { assert } from '../../kernel/assert.ts';
import type { CurrencyCode } from '../../kernel/currency.ts';
import { addExact, type Decimal } from '../../kernel/decimal.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { Money } from '../../kernel/money.ts';
import { adjustAmount } from './amount-steps.ts';
import { kindOf, type PricedCharge, prorationOf } from './charge.ts';
import {
  compare,
  type Fraction,
  fraction,
  fractionOf,
  multiply,
  ONE,
  toDecimal,
  toMoney,
  ZERO,
} from './fraction.ts';
import type { ExactLine } from './line.ts';
import { rulesOf } from './models/registry.ts';
import { adjustQuantity } from './quantity-steps.ts';

interface RateChargeInput<Currency extends CurrencyCode> {
  readonly charge: PricedCharge;
  /** Of the charge's amounts. */
  readonly currency: Currency;
  /**
   * What the meter counted in the segment, trusted where it is text: a usage charge needs it, a recurring one has a
   * quantity of its own.
   */
  readonly quantity?: Decimal | string;
  /**
   * The part of its period that the segment covers, counted as the charge's `proration` says: a quotient of
   * milliseconds or days from 0 to 1, the whole (1) when absent.
   */
  readonly ratio?: { readonly numerator: bigint; readonly denominator: bigint };
  /** The subscription's quantity (1), which multiplies that of a recurring charge. */
  readonly seats?: Decimal;
}

/** How one part of the amount came about. `upTo`, `unitAmount` and `flatAmount` are as the price has them. */
export interface DetailLine {
  /** Stable: `graduated.2.unit`, `graduated.1.flat`, `package`, `included_units`, `discount.1`, `maximum`, … */
  readonly ref: string;
  readonly upTo: string | null;
  /** Units, packages, or how often a fixed amount is due; at most 12 decimals. */
  readonly quantity: Decimal;
  readonly unitAmount: string | null;
  readonly flatAmount: string | null;
  /** Before rounding to the currency; negative where something is taken off. */
  readonly amount: Decimal;
}

export interface Rated<Currency extends CurrencyCode = CurrencyCode> {
  /** To 28 decimals, for increments and holds. Never rounded again to what is posted: that is `amount`. */
  readonly unrounded: Decimal;
  /** Rounded once, half away from zero, from the exact value. */
  readonly amount: Money<Currency>;
  /** What the price was asked for: converted, without included and discounted units; at most 12 decimals. */
  readonly quantity: Decimal;
  /** The meter's total was below zero, and zero was billed. */
  readonly negative: boolean;
  /** In the order in which they were done; their amounts add up to `unrounded`, but for digits cut from thirds and the like. */
  readonly details: readonly DetailLine[];
}

/** As `Rated`, all of it exact. */
export interface ExactlyRated<Currency extends CurrencyCode = CurrencyCode> {
  readonly due: Fraction;
  /** Rounded once, half away from zero. */
  readonly amount: Money<Currency>;
  readonly quantity: Fraction;
  readonly negative: boolean;
  readonly lines: readonly ExactLine[];
}

/**
 * The amount of one charge for one segment of a period, F(total). The charge has passed `checkCharge`; an amount beyond
 * `LIMITS.moneyMinorDigits` throws.
 */
export function rateCharge<Currency extends CurrencyCode>(input: RateChargeInput<Currency>): Rated<Currency> {
  const { due, amount, quantity, negative, lines } = rateExactly(input);
  return {
    unrounded: toDecimal(due, LIMITS.ratedScale),
    amount,
    quantity: toDecimal(quantity, LIMITS.quantityScale),
    negative,
    details: lines.map(toDetail),
  };
}

/** The amount with its parts as fractions: `rateCharge` before anything is cut. */
export function rateExactly<Currency extends CurrencyCode>(
  input: RateChargeInput<Currency>,
): ExactlyRated<Currency> {
  const { charge } = input;
  const ratio = prorationOf(charge) === 'none' ? ONE : readRatio(input.ratio);
  const isMetered = kindOf(charge) === 'usage';
  const total = isMetered ? meteredQuantity(input) : recurringQuantity(input);
  const negative = compare(total, ZERO) < 0;

  const measured = adjustQuantity(negative ? ZERO : total, charge);
  const { quantity } = measured;
  const lines = rulesOf(charge.price).rate(charge.price, { quantity, isMetered, ratio });
  const due = adjustAmount({ lines, charge, ratio });
  assert(compare(due.amount, ZERO) >= 0, 'what is due for a charge is never negative');

  return {
    due: due.amount,
    amount: toMoney(due.amount, input.currency),
    quantity,
    negative,
    lines: [...measured.lines, ...due.lines],
  };
}

/** F(after) - F(before), exact: in whatever order usage arrives, its increments add up to the amount of the total. */
export function increment(before: Pick<Rated, 'unrounded'>, after: Pick<Rated, 'unrounded'>): Decimal {
  return addExact(after.unrounded, before.unrounded.negated());
}

function readRatio(ratio: RateChargeInput<CurrencyCode>['ratio']): Fraction {
  if (ratio === undefined || ratio.numerator === ratio.denominator) return ONE;
  const read = fraction(ratio.numerator, ratio.denominator);
  assert(compare(read, ZERO) >= 0 && compare(read, ONE) <= 0, 'a segment is a part of its period');
  return read;
}

function meteredQuantity({ quantity }: RateChargeInput<CurrencyCode>): Fraction {
  assert(quantity !== undefined, 'a usage charge is rated for what its meter counted');
  return fractionOf(quantity);
}

function recurringQuantity({ charge, quantity, seats }: RateChargeInput<CurrencyCode>): Fraction {
  assert(quantity === undefined, 'a recurring charge has its own quantity');
  assert(seats === undefined || !seats.lessThan(0), 'the quantity of a subscription is not negative');
  return multiply(fractionOf(charge.quantity ?? '1'), seats === undefined ? ONE : fractionOf(seats));
}

function toDetail(line: ExactLine): DetailLine {
  return {
    ...line,
    quantity: toDecimal(line.quantity, LIMITS.quantityScale),
    amount: toDecimal(line.amount, LIMITS.ratedScale),
  };
}
