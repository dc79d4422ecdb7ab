import { assert } from '../../kernel/assert.ts';
import { type Decimal, decimal, parseDecimal } from '../../kernel/decimal.ts';
import type { FieldIssue } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { checkNumber, fieldOf, issue } from './check-number.ts';
import { compare, type Fraction, fractionOf, ZERO } from './fraction.ts';
import { type ExactLine, fixedLine, type Units, unitLine } from './line.ts';
import type { Tier } from './price.ts';

/** `path` names the price. Bounds rise from above zero, and only the last tier has none. */
export function checkTiers(tiers: readonly Tier[], path: string): readonly FieldIssue[] {
  const listPath = fieldOf(path, 'tiers');
  if (tiers.length === 0) return [issue(listPath, 'price.no_tiers', 'must have at least one tier')];
  const limit = LIMITS.tiersPerPrice;
  if (tiers.length > limit) {
    return [issue(listPath, 'price.too_many_tiers', `must have at most ${limit} tiers`)];
  }
  let highest = decimal(0);
  return tiers.flatMap((tier, index) => {
    const tierPath = `${listPath}[${index}]`;
    const issues = [
      ...checkBound({ tier, path: `${tierPath}.upTo`, isLast: index === tiers.length - 1, highest }),
      ...checkAmounts(tier, tierPath),
    ];
    const bound = tier.upTo === null ? null : parseDecimal(tier.upTo);
    if (bound?.ok) highest = bound.value.greaterThan(highest) ? bound.value : highest;
    return issues;
  });
}

function checkBound(input: {
  readonly tier: Tier;
  readonly path: string;
  readonly isLast: boolean;
  /** Of the bounds before. */
  readonly highest: Decimal;
}): readonly FieldIssue[] {
  const { tier, path, isLast, highest } = input;
  if (tier.upTo === null) {
    return isLast ? [] : [issue(path, 'price.open_tier_not_last', 'only the last tier has no bound')];
  }
  const issues = checkNumber(tier.upTo, path, 'not_negative');
  if (issues.length > 0) return issues;
  const last = isLast ? [issue(path, 'price.last_tier_not_open', 'the last tier must have no bound')] : [];
  if (decimal(tier.upTo).greaterThan(highest)) return last;
  return [issue(path, 'price.tiers_not_rising', 'must be above the bound of the tier before, and zero')];
}

function checkAmounts(tier: Tier, path: string): readonly FieldIssue[] {
  if (tier.unitAmount === undefined && tier.flatAmount === undefined) {
    return [issue(path, 'price.tier_without_amount', 'must have a unitAmount, a flatAmount or both')];
  }
  return [
    ...checkNumber(tier.unitAmount, `${path}.unitAmount`, 'not_negative'),
    ...checkNumber(tier.flatAmount, `${path}.flatAmount`, 'not_negative'),
  ];
}

export interface TierRange {
  readonly tier: Tier;
  /** From 1. */
  readonly number: number;
  /** Units that lie below the tier. */
  readonly above: Fraction;
  /** The bound, which belongs to the tier; null for none. */
  readonly upTo: Fraction | null;
}

export function tierRanges(tiers: readonly Tier[]): readonly TierRange[] {
  assert(tiers.at(-1)?.upTo === null, 'units above every bound would have no price');
  let above = ZERO;
  return tiers.map((tier, index) => {
    const upTo = tier.upTo === null ? null : fractionOf(tier.upTo);
    const range = { tier, number: index + 1, above, upTo };
    above = upTo ?? above;
    return range;
  });
}

/** The amounts that a tier has, for so many units in it: `<model>.<number>.unit` if there are any, `….flat` always. */
export function tierLines(
  model: string,
  range: TierRange,
  quantity: Fraction,
  units: Units,
): readonly ExactLine[] {
  const { unitAmount, flatAmount, upTo } = range.tier;
  const ref = `${model}.${range.number}`;
  const lines: ExactLine[] = [];
  if (unitAmount !== undefined && compare(quantity, ZERO) > 0) {
    lines.push(unitLine({ ref: `${ref}.unit`, upTo, quantity, unitAmount }, units));
  }
  if (flatAmount !== undefined) lines.push(fixedLine({ ref: `${ref}.flat`, upTo, flatAmount }, units));
  return lines;
}
