import { assert } from '../../kernel/assert.ts';
import { isCurrency } from '../../kernel/currency.ts';
import type { FieldIssue } from '../../kernel/errors.ts';
import type { Charge } from '../rating/charge.ts';
import { checkCharge } from '../rating/check-charge.ts';

/** A version as far as its own words go. */
export interface VersionTerms {
  readonly charges: readonly Charge[];
  /** Of the plan, ISO 4217. */
  readonly currency: string;
}

/** What a charge may know of a meter. */
export interface ChargeableMeter {
  readonly key: string;
  readonly isArchived: boolean;
  readonly dimensions: readonly string[];
}

/** What is wrong with the charges of a version, whatever meters there are; paths like `charges[2].price.amount`. */
export function checkVersion({ charges, currency }: VersionTerms): readonly FieldIssue[] {
  assert(isCurrency(currency), 'the currency of a plan is one of ISO 4217');
  return [
    ...checkKeys(charges),
    ...charges.flatMap((charge, index) => checkCharge(charge, chargePath(index), currency)),
  ];
}

function checkKeys(charges: readonly Charge[]): readonly FieldIssue[] {
  return charges.flatMap(({ key }, index) => {
    const first = charges.findIndex((other) => other.key === key);
    if (first === index) return [];
    const message = `is the key of ${chargePath(first)}, too`;
    return [{ path: `${chargePath(index)}.key`, code: 'plan.duplicate_charge' as const, message }];
  });
}

/** Which charges count with a meter that is not there, is archived, or lacks a dimension that they filter by. */
export function checkMeters(
  charges: readonly Charge[],
  meters: readonly ChargeableMeter[],
): readonly FieldIssue[] {
  const byKey = new Map(meters.map((meter) => [meter.key, meter]));
  return charges.flatMap((charge, index): readonly FieldIssue[] => {
    if (charge.meter === undefined) return [];
    const path = chargePath(index);
    const meter = byKey.get(charge.meter);
    if (meter === undefined || meter.isArchived) {
      const message = meter === undefined ? 'is not the key of a meter' : 'is an archived meter';
      return [{ path: `${path}.meter`, code: 'plan.unknown_meter', message }];
    }
    return Object.keys(charge.filters ?? {})
      .filter((dimension) => !meter.dimensions.includes(dimension))
      .map((dimension) => ({
        path: `${path}.filters.${dimension}`,
        code: 'plan.unknown_dimension',
        message: `is not a dimension of ${meter.key}`,
      }));
  });
}

/** The charges of a following version that lack a price in a currency that the version before could be paid in. */
export function checkCurrenciesKept(before: VersionTerms, next: VersionTerms): readonly FieldIssue[] {
  return payableCurrencies(before).flatMap((currency) =>
    chargesWithout(next, currency).map((index) => ({
      path: `${chargePath(index)}.prices.${currency}`,
      code: 'plan.currency_dropped' as const,
      message: 'is missing: subscriptions that follow the plan may be paid in it',
    })),
  );
}

/** The currencies that every charge of the version has a price in: the plan's, then those of the first charge. */
function payableCurrencies(version: VersionTerms): readonly string[] {
  const candidates = [version.currency, ...Object.keys(version.charges[0]?.prices ?? {})];
  return [...new Set(candidates)].filter((currency) => chargesWithout(version, currency).length === 0);
}

/** Positions of the charges that have no price in the currency: the version can be paid in it when there are none. */
export function chargesWithout(
  { charges, currency: planCurrency }: VersionTerms,
  currency: string,
): number[] {
  if (currency === planCurrency) return [];
  return charges.flatMap(({ prices }, index) =>
    prices !== undefined && Object.hasOwn(prices, currency) ? [] : [index],
  );
}

function chargePath(index: number): string {
  return `charges[${index}]`;
}
