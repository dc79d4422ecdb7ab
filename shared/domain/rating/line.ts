import { type Fraction, fractionOf, multiply, ONE } from './fraction.ts';

/** One part of an amount, exact. `upTo`, `unitAmount` and `flatAmount` are as the price has them. */
export interface ExactLine {
  readonly ref: string;
  readonly upTo: string | null;
  readonly quantity: Fraction;
  readonly unitAmount: string | null;
  readonly flatAmount: string | null;
  readonly amount: Fraction;
}

/** What a price model is asked for. */
export interface Units {
  /** Not negative; already converted, and without the units that are included or discounted. */
  readonly quantity: Fraction;
  /** Counted by a meter. Otherwise the quantity itself stands for the period, and all of its price is a fixed amount. */
  readonly isMetered: boolean;
  /** The part of the period that fixed amounts are due for, from 0 to 1. */
  readonly ratio: Fraction;
}

/** Units at a price each: of metered ones the amount does not depend on the length of the period. */
export function unitLine(
  line: {
    readonly ref: string;
    readonly upTo?: string | null;
    readonly quantity: Fraction;
    readonly unitAmount: string;
  },
  { isMetered, ratio }: Units,
): ExactLine {
  const { ref, upTo = null, quantity, unitAmount } = line;
  const amount = multiply(multiply(quantity, fractionOf(unitAmount)), isMetered ? ONE : ratio);
  return { ref, upTo, quantity, unitAmount, flatAmount: null, amount };
}

/** A fixed amount, `quantity` (1) times. */
export function fixedLine(
  line: {
    readonly ref: string;
    readonly upTo?: string | null;
    readonly quantity?: Fraction;
    readonly flatAmount: string;
  },
  { ratio }: Units,
): ExactLine {
  const { ref, upTo = null, quantity = ONE, flatAmount } = line;
  const amount = multiply(multiply(quantity, fractionOf(flatAmount)), ratio);
  return { ref, upTo, quantity, unitAmount: null, flatAmount, amount };
}
