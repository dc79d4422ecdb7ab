import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../kernel/limits.ts';
import type { Charge } from './charge.ts';
import { checkCharge, checkPrice } from './check-charge.ts';
import type { Price, Tier } from './price.ts';

const flat: Price = { model: 'flat', amount: '1' };
const found = (issues: ReturnType<typeof checkPrice>) => issues.map(({ path, code }) => `${path} ${code}`);
const inCharge = (fields: Partial<Charge>) =>
  found(checkCharge({ key: 'fee', price: flat, ...fields }, 'charges[2]', 'USD'));
const inPrice = (price: Price) => inCharge({ price });
const inTiers = (...tiers: Tier[]) => [
  inPrice({ model: 'graduated', tiers }),
  inPrice({ model: 'volume', tiers }),
];
const twice = (...issues: string[]) => [issues, issues];
const TIER = 'charges[2].price.tiers';

describe('what is right has no issue', () => {
  test.each<[string, Partial<Charge>]>([
    ['a flat fee', {}],
    ['a fee of nothing', { price: { model: 'flat', amount: '0' } }],
    ['the finest rate', { meter: 'm', price: { model: 'per_unit', unitAmount: '0.000000000001' } }],
    ['zeros at the end of a rate', { price: { model: 'flat', amount: '1.0000000000000' } }],
    ['the largest amount', { price: { model: 'flat', amount: '999999999999999.999999999999' } }],
    [
      'tiers of units, of a fee, of both',
      {
        meter: 'm',
        price: {
          model: 'graduated',
          tiers: [
            { upTo: '0.5', unitAmount: '1' },
            { upTo: '1', flatAmount: '0' },
            { upTo: null, unitAmount: '0', flatAmount: '3' },
          ],
        },
      },
    ],
    [
      'all modifiers',
      {
        meter: 'm',
        filters: { model: ['large'] },
        convert: { divideBy: '1000', multiplyBy: '1.5', round: 'half_up', scale: 12 },
        includedUnits: '0',
        discounts: [
          { type: 'percent', percent: '0' },
          { type: 'percent', percent: '100' },
          { type: 'amount', amount: '5' },
          { type: 'units', units: '10' },
        ],
        maximum: '10',
        minimum: '10.0',
        timing: 'arrears',
        proration: 'none',
      },
    ],
    ['a recurring charge in arrears', { timing: 'arrears', quantity: '2.5' }],
    ['prices in other currencies', { prices: { EUR: { model: 'flat', amount: '2' } }, includedUnits: '1' }],
  ])('%s', (_, fields) => {
    expect(inCharge(fields)).toEqual([]);
  });
});

describe('tiers', () => {
  test('there is at least one, and not more than the limit', () => {
    const many = Array.from({ length: LIMITS.tiersPerPrice }, (_, index) => ({
      upTo: String(index + 1),
      unitAmount: '1',
    }));
    const open = { upTo: null, unitAmount: '1' };
    expect(inTiers()).toEqual(twice(`${TIER} price.no_tiers`));
    expect(inTiers(...many.slice(1), open)).toEqual(twice());
    expect(inTiers(...many, open)).toEqual(twice(`${TIER} price.too_many_tiers`));
  });

  test('bounds rise strictly from above zero, also across one that does not', () => {
    const unitAmount = '1';
    const tiers = ['0', '5', '5', '4', '6'].map((upTo) => ({ upTo, unitAmount }));
    expect(inTiers(...tiers, { upTo: null, unitAmount })).toEqual(
      twice(
        `${TIER}[0].upTo price.tiers_not_rising`,
        `${TIER}[2].upTo price.tiers_not_rising`,
        `${TIER}[3].upTo price.tiers_not_rising`,
      ),
    );
  });

  test('the last tier is open, and no other', () => {
    const unitAmount = '1';
    expect(inTiers({ upTo: null, unitAmount }, { upTo: '5', unitAmount })).toEqual(
      twice(`${TIER}[0].upTo price.open_tier_not_last`, `${TIER}[1].upTo price.last_tier_not_open`),
    );
  });

  test('each has an amount, none negative', () => {
    expect(
      inTiers({ upTo: '-1', unitAmount: '-1' }, { upTo: '5' }, { upTo: null, flatAmount: '-0.1' }),
    ).toEqual(
      twice(
        `${TIER}[0].upTo price.negative`,
        `${TIER}[0].unitAmount price.negative`,
        `${TIER}[1] price.tier_without_amount`,
        `${TIER}[2].flatAmount price.negative`,
      ),
    );
  });
});

test.each<[string, Price, string[]]>([
  ['flat', { model: 'flat', amount: '-1' }, ['amount price.negative']],
  ['per_unit', { model: 'per_unit', unitAmount: '0.0000000000001' }, ['unitAmount price.too_many_decimals']],
  ['digits', { model: 'flat', amount: '1000000000000000' }, ['amount price.too_many_digits']],
  ['a long text', { model: 'flat', amount: '1'.repeat(2_000) }, ['amount price.too_many_digits']],
  ['no number', { model: 'flat', amount: 'one' }, ['amount request.invalid_field']],
  [
    'package',
    { model: 'package', packageSize: '0', packageAmount: '-1', freeUnits: '-1' },
    ['packageSize price.not_positive', 'packageAmount price.negative', 'freeUnits price.negative'],
  ],
])('a wrong price is named by its fields: %s', (_, price, expected) => {
  expect(inPrice(price)).toEqual(expected.map((text) => `charges[2].price.${text}`));
  expect(found(checkPrice(price, ''))).toEqual(expected);
});

test.each<[string, Partial<Charge>, string[]]>([
  ['usage in advance', { meter: 'm', timing: 'advance' }, ['timing price.advance_usage']],
  ['usage without a meter', { kind: 'usage' }, ['meter price.meter_required']],
  ['a meter of a recurring charge', { kind: 'recurring', meter: 'm' }, ['meter price.meter_not_allowed']],
  ['filters without a meter', { filters: {} }, ['filters price.filters_without_meter']],
  ['a quantity of usage', { meter: 'm', quantity: '1' }, ['quantity price.quantity_not_allowed']],
  ['a negative quantity', { quantity: '-1' }, ['quantity price.negative']],
  [
    'a conversion',
    { convert: { divideBy: '0', multiplyBy: '-1', scale: 13 } },
    [
      'convert.divideBy price.not_positive',
      'convert.multiplyBy price.not_positive',
      'convert.scale price.scale_out_of_range',
    ],
  ],
  ['a broken scale', { convert: { scale: 0.5 } }, ['convert.scale price.scale_out_of_range']],
  ['included units', { includedUnits: '-1' }, ['includedUnits price.negative']],
  [
    'discounts',
    {
      discounts: [
        { type: 'percent', percent: '100.01' },
        { type: 'amount', amount: '-1' },
        { type: 'units', units: '-1' },
        { type: 'percent', percent: '-1' },
      ],
    },
    [
      'discounts[0].percent price.percent_out_of_range',
      'discounts[1].amount price.negative',
      'discounts[2].units price.negative',
      'discounts[3].percent price.percent_out_of_range',
    ],
  ],
  [
    'too many discounts',
    { discounts: Array.from({ length: 21 }, () => ({ type: 'units', units: '1' }) as const) },
    ['discounts price.too_many_discounts'],
  ],
  ['limits', { maximum: '9.99', minimum: '10' }, ['minimum price.minimum_above_maximum']],
  ['a negative maximum', { maximum: '-1', minimum: '1' }, ['maximum price.negative']],
  [
    'the currency of the plan among the others',
    { prices: { USD: flat, EUR: { model: 'flat', amount: '-1' } } },
    ['prices.USD price.plan_currency_repeated', 'prices.EUR.amount price.negative'],
  ],
  [
    'amounts in one currency beside prices in several',
    {
      prices: { EUR: flat },
      maximum: '2',
      minimum: '1',
      discounts: [
        { type: 'percent', percent: '1' },
        { type: 'amount', amount: '1' },
      ],
    },
    [
      'maximum price.amount_in_one_currency',
      'minimum price.amount_in_one_currency',
      'discounts[1].amount price.amount_in_one_currency',
    ],
  ],
])('a wrong charge is named by its fields: %s', (_, fields, expected) => {
  expect(inCharge(fields)).toEqual(expected.map((text) => `charges[2].${text}`));
});
