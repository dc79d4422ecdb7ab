import { assert, defined } from '../../kernel/assert.ts';
import { currencyExponent } from '../../kernel/currency.ts';
import { addExact, type Decimal, decimal, decimalText } from '../../kernel/decimal.ts';
import { type Money, money } from '../../kernel/money.ts';
import type { DetailLine } from '../rating/rate-charge.ts';
import type { InvoiceTier } from './invoice.ts';

interface ExactTier extends Omit<InvoiceTier, 'amount'> {
  readonly amount: Decimal;
}

/** `graduated.2.unit` and `graduated.2.flat` are one tier. */
const TIER_REF = /^(?<tier>(?:graduated|volume)\.\d+)\.(?<part>unit|flat)$/;

/**
 * How an amount came about, in the currency's decimals: each tier, then what was taken off or added. The line is what
 * is rounded; its parts share that amount by largest remainder, the earliest first, and so always add up to it.
 */
export function invoiceTiers(details: readonly DetailLine[], amount: Money): readonly InvoiceTier[] {
  const tiers = mergeTiers(details);
  const shares = shareAmount(
    tiers.map((tier) => tier.amount),
    amount,
  );
  return tiers.map((tier, index) => ({ ...tier, amount: defined(shares[index], 'the share of a tier') }));
}

function mergeTiers(details: readonly DetailLine[]): readonly ExactTier[] {
  const merged = new Map<string, ExactTier>();
  for (const { ref, upTo, quantity, unitAmount, flatAmount, amount } of details) {
    const { tier = ref, part } = TIER_REF.exec(ref)?.groups ?? {};
    const before = merged.get(tier);
    merged.set(tier, {
      upTo,
      // How often a tier's flat amount is due is no quantity of units.
      quantity: part === 'flat' ? (before?.quantity ?? '0') : decimalText(quantity),
      unitAmount: unitAmount ?? before?.unitAmount ?? null,
      flatAmount: flatAmount ?? before?.flatAmount ?? null,
      amount: before === undefined ? amount : addExact(before.amount, amount),
    });
  }
  return [...merged.values()];
}

/** Parts may be negative, unlike the weights of an allocation; together they round to the amount. */
function shareAmount(parts: readonly Decimal[], amount: Money): readonly Money[] {
  const unit = decimal(10).pow(currencyExponent(amount.currency));
  const exact = parts.map((part) => part.times(unit));
  const minors = exact.map((part) => BigInt(part.floor().toFixed()));
  const leftOver = Number(amount.minor - minors.reduce((sum, minor) => sum + minor, 0n));
  assert(leftOver >= 0 && leftOver <= minors.length, 'at most one unit a part is left over');
  const byRemainder = exact
    .map((part, index) => ({ index, remainder: part.minus(part.floor()) }))
    .sort((left, right) => right.remainder.comparedTo(left.remainder) || left.index - right.index);
  const raised = new Set(byRemainder.slice(0, leftOver).map(({ index }) => index));
  return minors.map((minor, index) => money(minor + (raised.has(index) ? 1n : 0n), amount.currency));
}
