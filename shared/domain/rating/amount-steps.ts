import type { Discount, PricedCharge } from './charge.ts';
import {
  add,
  compare,
  divide,
  type Fraction,
  fraction,
  fractionOf,
  isZero,
  lesser,
  multiply,
  negate,
  ONE,
  subtract,
  sum,
  ZERO,
} from './fraction.ts';
import type { ExactLine } from './line.ts';

/** An amount on its way to the line, and what was added to it or taken from it so far. */
interface Due {
  readonly amount: Fraction;
  readonly lines: readonly ExactLine[];
}

/** `ratio` is the part of the period that fixed amounts stand for. */
type AmountStep = (due: Due, charge: PricedCharge, ratio: Fraction) => Due;

const takeDiscounts: AmountStep = (due, { discounts = [] }, ratio) =>
  discounts.reduce((rest, discount, index) => {
    const taken = lesser(rest.amount, discountOn(rest.amount, discount, ratio));
    return change(rest, `discount.${index + 1}`, negate(taken));
  }, due);

const capAtMaximum: AmountStep = (due, { maximum }, ratio) => {
  if (maximum === undefined) return due;
  const limit = multiply(fractionOf(maximum), ratio);
  return compare(due.amount, limit) > 0 ? change(due, 'maximum', subtract(limit, due.amount)) : due;
};

const raiseToMinimum: AmountStep = (due, { minimum }, ratio) => {
  if (minimum === undefined) return due;
  const limit = multiply(fractionOf(minimum), ratio);
  return compare(due.amount, limit) < 0 ? change(due, 'minimum', subtract(limit, due.amount)) : due;
};

/** In the order in which they are done. */
const AMOUNT_STEPS: readonly AmountStep[] = [takeDiscounts, capAtMaximum, raiseToMinimum];

/** From the lines of the price to what is due. */
export function adjustAmount(input: {
  readonly lines: readonly ExactLine[];
  readonly charge: PricedCharge;
  readonly ratio: Fraction;
}): Due {
  const { lines, charge, ratio } = input;
  const priced: Due = { amount: sum(lines.map(({ amount }) => amount)), lines };
  return AMOUNT_STEPS.reduce((before, step) => step(before, charge, ratio), priced);
}

function discountOn(amount: Fraction, discount: Discount, ratio: Fraction): Fraction {
  switch (discount.type) {
    case 'percent':
      return divide(multiply(amount, fractionOf(discount.percent)), fraction(100n));
    case 'amount':
      return multiply(fractionOf(discount.amount), ratio);
    case 'units':
      return ZERO;
  }
}

function change(due: Due, ref: string, by: Fraction): Due {
  if (isZero(by)) return due;
  const line = { ref, upTo: null, quantity: ONE, unitAmount: null, flatAmount: null, amount: by };
  return { amount: add(due.amount, by), lines: [...due.lines, line] };
}
