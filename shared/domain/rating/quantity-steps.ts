import type { PricedCharge } from './charge.ts';
import {
  divide,
  type Fraction,
  fractionOf,
  isZero,
  lesser,
  multiply,
  roundTo,
  subtract,
  ZERO,
} from './fraction.ts';
import type { ExactLine } from './line.ts';

/** A quantity on its way to the price, and what was taken from it so far. */
interface Measured {
  readonly quantity: Fraction;
  readonly lines: readonly ExactLine[];
}

type QuantityStep = (measured: Measured, charge: PricedCharge) => Measured;

const convertUnits: QuantityStep = (measured, { convert }) => {
  if (convert === undefined) return measured;
  const { divideBy = '1', multiplyBy = '1', round = 'none', scale = 0 } = convert;
  const exact = divide(multiply(measured.quantity, fractionOf(multiplyBy)), fractionOf(divideBy));
  return { ...measured, quantity: round === 'none' ? exact : roundTo(exact, scale, round) };
};

const takeIncludedUnits: QuantityStep = (measured, { includedUnits = '0' }) =>
  takeUnits(measured, 'included_units', includedUnits);

const takeDiscountedUnits: QuantityStep = (measured, { discounts = [] }) =>
  discounts.reduce(
    (rest, discount, index) =>
      discount.type === 'units' ? takeUnits(rest, `discount.${index + 1}`, discount.units) : rest,
    measured,
  );

/** In the order in which they are done. */
const QUANTITY_STEPS: readonly QuantityStep[] = [convertUnits, takeIncludedUnits, takeDiscountedUnits];

/** From what was counted (not negative) to what the price is asked for. */
export function adjustQuantity(quantity: Fraction, charge: PricedCharge): Measured {
  const counted: Measured = { quantity, lines: [] };
  return QUANTITY_STEPS.reduce((before, step) => step(before, charge), counted);
}

/** As many as there are, at most. */
function takeUnits(measured: Measured, ref: string, units: string): Measured {
  const quantity = lesser(measured.quantity, fractionOf(units));
  if (isZero(quantity)) return measured;
  const line = { ref, upTo: null, quantity, unitAmount: null, flatAmount: null, amount: ZERO };
  return { quantity: subtract(measured.quantity, quantity), lines: [...measured.lines, line] };
}
