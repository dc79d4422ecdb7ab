import { type Decimal, decimalText, roundHalfAwayFromZero } from '../../kernel/decimal.ts';
import { LIMITS } from '../../kernel/limits.ts';

/** The quotient as a decimal string of at most 12 places, half away from zero; null for the average of nothing. */
export function averageOf(sum: Decimal, count: Decimal): string | null {
  if (!count.greaterThan(0)) return null;
  // 60 digits are enough for the second rounding never to see a tie that the first one made.
  return decimalText(roundHalfAwayFromZero(sum.dividedBy(count), LIMITS.quantityScale));
}
