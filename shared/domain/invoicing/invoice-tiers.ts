import { assert, defined } from '../../kernel/assert.ts';
import { currencyExponent } from '../../kernel/currency.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { type Money, money } from '../../kernel/money.ts';
import {
  add,
  compare,
  type Fraction,
  floorOf,
  fraction,
  fractionText,
  multiply,
} from '../rating/fraction.ts';
import type { ExactLine } from '../rating/line.ts';
import type { InvoiceTier } from './invoice.ts';

interface ExactTier extends Omit<InvoiceTier, 'amount'> {
  readonly amount: Fraction;
}

/** `graduated.2.unit` and `graduated.2.flat` are one tier. */
const TIER_REF = /^(?<tier>(?:graduated|volume)\.\d+)\.(?<part>unit|flat)$/;

/**
 * How an amount came about, in the currency's decimals: each tier, then what was taken off or added. The line is what
 * is rounded; its parts share that amount by largest remainder, the earliest first, and so always add up to it.
 */
export function invoiceTiers(lines: readonly ExactLine[], amount: Money): readonly InvoiceTier[] {
  const tiers = mergeTiers(lines);
  const shares = shareAmount(
    tiers.map((tier) => tier.amount),
    amount,
  );
  return tiers.map(({ upTo, quantity, unitAmount, flatAmount }, index) => {
    const share = defined(shares[index], 'the share of a tier');
    return { upTo, quantity, unitAmount, flatAmount, amount: share };
  });
}

function mergeTiers(lines: readonly ExactLine[]): readonly ExactTier[] {
  const merged = new Map<string, ExactTier>();
  for (const { ref, upTo, quantity, unitAmount, flatAmount, amount } of lines) {
    const { tier = ref, part } = TIER_REF.exec(ref)?.groups ?? {};
    const before = merged.get(tier);
    merged.set(tier, {
      upTo,
      // How often a tier's flat amount is due is no quantity of units.
      quantity: part === 'flat' ? (before?.quantity ?? '0') : fractionText(quantity, LIMITS.quantityScale),
      unitAmount: unitAmount ?? before?.unitAmount ?? null,
      flatAmount: flatAmount ?? before?.flatAmount ?? null,
      amount: before === undefined ? amount : add(before.amount, amount),
    });
  }
  return [...merged.values()];
}

/** Parts may be negative, unlike the weights of an allocation; together they round to the amount. */
function shareAmount(parts: readonly Fraction[], amount: Money): readonly Money[] {
  // Nothing is shared.
  if (parts.length === 1) return [amount];
  const unit = fraction(10n ** BigInt(currencyExponent(amount.currency)));
  const floors = parts.map((part) => floorOf(multiply(part, unit)));
  const leftOver = Number(amount.minor - floors.reduce((sum, { whole }) => sum + whole, 0n));
  assert(leftOver >= 0 && leftOver <= floors.length, 'at most one unit a part is left over');
  const byRemainder = floors
    .map(({ rest }, index) => ({ index, rest }))
    .sort((left, right) => compare(right.rest, left.rest) || left.index - right.index);
  const raised = new Set(byRemainder.slice(0, leftOver).map(({ index }) => index));
  return floors.map(({ whole }, index) => money(whole + (raised.has(index) ? 1n : 0n), amount.currency));
}
