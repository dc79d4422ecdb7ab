import { expect, test } from 'vitest';
import { moneyText } from '../../kernel/money.ts';
import type { PricedCharge } from '../rating/charge.ts';
import { rateExactly } from '../rating/rate-charge.ts';
import { invoiceTiers } from './invoice-tiers.ts';

/** upTo | quantity | unitAmount | flatAmount | amount */
function tiersOf(fields: Omit<PricedCharge, 'key'>, quantity: string) {
  const rated = rateExactly({
    charge: { key: 'c', meter: 'm', ...fields },
    currency: 'USD',
    quantity,
  });
  return invoiceTiers(rated.lines, rated.amount).map((tier) =>
    [tier.upTo, tier.quantity, tier.unitAmount, tier.flatAmount, moneyText(tier.amount)].join(' | '),
  );
}

test('units and flat amount of a tier are one tier', () => {
  const tiers = [
    { upTo: '10', unitAmount: '1', flatAmount: '5' },
    { upTo: null, unitAmount: '0.5', flatAmount: '0' },
  ];
  expect(tiersOf({ price: { model: 'graduated', tiers } }, '12')).toEqual([
    '10 | 10 | 1 | 5 | 15.00',
    ' | 2 | 0.5 | 0 | 1.00',
  ]);
  expect(tiersOf({ price: { model: 'graduated', tiers } }, '0')).toEqual(['10 | 0 |  | 5 | 5.00']);
  expect(tiersOf({ price: { model: 'volume', tiers } }, '12')).toEqual([' | 12 | 0.5 | 0 | 6.00']);
});

test('what is left out, taken off and added has its own parts', () => {
  const price = { model: 'per_unit' as const, unitAmount: '1' };
  const discounts = [{ type: 'percent' as const, percent: '50' }];
  expect(tiersOf({ price, includedUnits: '4', discounts, minimum: '10' }, '10')).toEqual([
    ' | 4 |  |  | 0.00',
    ' | 6 | 1 |  | 6.00',
    ' | 1 |  |  | -3.00',
    ' | 1 |  |  | 7.00',
  ]);
});

test('parts share the rounded amount: a cent that is left over goes to the largest remainder, the earliest first', () => {
  const unitAmount = '0.004';
  const tiers = [
    { upTo: '1', unitAmount },
    { upTo: '2', unitAmount },
    { upTo: null, unitAmount: '0.005' },
  ];
  expect(tiersOf({ price: { model: 'graduated', tiers } }, '3')).toEqual([
    '1 | 1 | 0.004 |  | 0.00',
    '2 | 1 | 0.004 |  | 0.00',
    ' | 1 | 0.005 |  | 0.01',
  ]);
  expect(tiersOf({ price: { model: 'graduated', tiers } }, '2')).toEqual([
    '1 | 1 | 0.004 |  | 0.01',
    '2 | 1 | 0.004 |  | 0.00',
  ]);
});
