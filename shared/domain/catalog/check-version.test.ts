import { describe, expect, test } from 'vitest';
import type { Charge } from '../rating/charge.ts';
import { chargesWithout, checkCurrenciesKept, checkMeters, checkVersion } from './check-version.ts';

const FLAT = { model: 'flat', amount: '1' } as const;
const charge = (key: string, more: Partial<Charge> = {}): Charge => ({ key, price: FLAT, ...more });
const found = (issues: readonly { path: string; code: string }[]) =>
  issues.map(({ path, code }) => `${path} ${code}`);

test('keys of charges are unique in a version, and each repetition is named', () => {
  const charges = [charge('a'), charge('b'), charge('a'), charge('a')];
  expect(found(checkVersion({ charges, currency: 'USD' }))).toEqual([
    'charges[2].key plan.duplicate_charge',
    'charges[3].key plan.duplicate_charge',
  ]);
});

test('what is wrong with a charge is named by its place in the version', () => {
  const price = { model: 'per_unit', unitAmount: '-1' } as const;
  const charges = [charge('a'), charge('b', { meter: 'm', price, prices: { USD: FLAT } })];
  expect(found(checkVersion({ charges, currency: 'USD' }))).toEqual([
    'charges[1].price.unitAmount price.negative',
    'charges[1].prices.USD price.plan_currency_repeated',
  ]);
});

describe('meters of a version', () => {
  const meters = [
    { key: 'tokens', isArchived: false, dimensions: ['model', 'region'] },
    { key: 'old', isArchived: true, dimensions: [] },
  ];
  test('exist, count, and have the dimensions of filters', () => {
    const charges = [
      charge('a'),
      charge('b', { meter: 'tokens', filters: { model: ['large'] } }),
      charge('c', { meter: 'tokens', filters: { model: ['large'], tier: ['gold'] } }),
      charge('d', { meter: 'old' }),
      charge('e', { meter: 'none', filters: { model: ['x'] } }),
    ];
    expect(found(checkMeters(charges, meters))).toEqual([
      'charges[2].filters.tier plan.unknown_dimension',
      'charges[3].meter plan.unknown_meter',
      'charges[4].meter plan.unknown_meter',
    ]);
  });
});

describe('currencies of a version', () => {
  const both = { prices: { EUR: FLAT, JPY: FLAT } };
  test('it can be paid in those that every charge has a price in', () => {
    const version = { charges: [charge('a', both), charge('b', { prices: { EUR: FLAT } })], currency: 'USD' };
    const without = (currency: string) => chargesWithout(version, currency);
    expect(without('USD')).toEqual([]);
    expect(without('EUR')).toEqual([]);
    expect(without('JPY')).toEqual([1]);
    expect(without('toString')).toEqual([0, 1]);
  });

  test('the next version keeps all that the one before could be paid in, and may have more', () => {
    const before = { charges: [charge('a', both), charge('b', { prices: { EUR: FLAT } })], currency: 'USD' };
    const next = (charges: Charge[]) => found(checkCurrenciesKept(before, { charges, currency: 'USD' }));
    expect(next([charge('x', { prices: { EUR: FLAT, GBP: FLAT } })])).toEqual([]);
    expect(next([charge('x', both), charge('y', { prices: { JPY: FLAT } })])).toEqual([
      'charges[1].prices.EUR plan.currency_dropped',
    ]);
  });
});
