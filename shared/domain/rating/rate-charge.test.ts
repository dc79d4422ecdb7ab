import { describe, expect, test } from 'vitest';
import { decimal, decimalText } from '../../kernel/decimal.ts';
import { moneyText } from '../../kernel/money.ts';
import { type Charge, chargeInCurrency, kindOf, type PricedCharge, timingOf } from './charge.ts';
import type { Price } from './price.ts';
import { increment, rateCharge } from './rate-charge.ts';

const ONE_EACH: Price = { model: 'per_unit', unitAmount: '1' };
const THIRD = { numerator: 10n, denominator: 30n };

type Options = Partial<Parameters<typeof rateCharge>[0]>;

function rate(fields: Partial<PricedCharge>, options: Options = {}) {
  const charge = { key: 'charge', price: ONE_EACH, ...fields };
  return rateCharge({ charge, currency: 'USD', ...options });
}

const usage = (fields: Partial<PricedCharge>, quantity: string, options: Options = {}) =>
  rate({ meter: 'meter', ...fields }, { quantity: decimal(quantity), ...options });

const shown = ({ amount, quantity, details }: ReturnType<typeof rate>) => [
  moneyText(amount),
  decimalText(quantity),
  ...details.map((line) => `${line.ref} ${decimalText(line.quantity)} ${decimalText(line.amount)}`),
];

describe('the quantity that a price is asked for', () => {
  test.each<[PricedCharge['convert'], string, string]>([
    [{ divideBy: '1000' }, '1400', '1.4'],
    [{ divideBy: '1000', round: 'none', scale: 0 }, '1400', '1.4'],
    [{ divideBy: '1000', round: 'up' }, '1400', '2'],
    [{ divideBy: '1000', round: 'up' }, '2000', '2'],
    [{ divideBy: '1000', round: 'down' }, '1999', '1'],
    [{ divideBy: '1000', round: 'half_up' }, '1500', '2'],
    [{ divideBy: '1000', round: 'half_up', scale: 1 }, '1450', '1.5'],
    [{ multiplyBy: '60' }, '1.5', '90'],
    [{ multiplyBy: '2', divideBy: '3' }, '3', '2'],
    [{ divideBy: '3' }, '1', '0.333333333333'],
  ])('%j of %s is %s', (convert, quantity, expected) => {
    expect(decimalText(usage({ convert: convert ?? {} }, quantity).quantity)).toBe(expected);
  });

  test('a conversion without end loses nothing: three thirds are one again', () => {
    const rated = usage(
      { convert: { divideBy: '3' }, price: { model: 'per_unit', unitAmount: '0.015' } },
      '1',
    );
    expect(decimalText(rated.unrounded)).toBe('0.005');
    expect(moneyText(rated.amount)).toBe('0.01');
  });

  test('is converted first, then without included units, then without discounted ones', () => {
    const fields: Partial<PricedCharge> = {
      convert: { divideBy: '10', round: 'up' },
      includedUnits: '2.5',
      discounts: [
        { type: 'units', units: '1' },
        { type: 'units', units: '3' },
      ],
    };
    expect(shown(usage(fields, '51'))).toEqual([
      '0.00',
      '0',
      ...['included_units 2.5 0', 'discount.1 1 0', 'discount.2 2.5 0'],
    ]);
    expect(shown(usage(fields, '99'))).toEqual([
      '3.50',
      '3.5',
      ...['included_units 2.5 0', 'discount.1 1 0', 'discount.2 3 0', 'per_unit 3.5 3.5'],
    ]);
  });

  test('a total below zero bills zero and says so', () => {
    const rated = usage({ minimum: '1' }, '-5');
    expect(rated.negative).toBe(true);
    expect(shown(rated)).toEqual(['1.00', '0', 'minimum 1 1']);
    expect(usage({}, '0').negative).toBe(false);
  });

  test('of a recurring charge is its own times that of the subscription', () => {
    const options = { seats: decimal('5') };
    expect(shown(rate({ quantity: '2' }, options))).toEqual(['10.00', '10', 'per_unit 10 10']);
    expect(shown(rate({ price: { model: 'flat', amount: '20.00' } }, options))).toEqual([
      '100.00',
      '5',
      'flat 5 100',
    ]);
    expect(shown(rate({}))).toEqual(['1.00', '1', 'per_unit 1 1']);
  });
});

describe('what is due', () => {
  test('discounts go in the order of the list, then the maximum, then the minimum', () => {
    const fields: Partial<PricedCharge> = {
      discounts: [
        { type: 'amount', amount: '20' },
        { type: 'units', units: '10' },
        { type: 'percent', percent: '50' },
      ],
      maximum: '30',
      minimum: '25',
    };
    expect(shown(usage(fields, '110'))).toEqual([
      '30.00',
      '100',
      ...['discount.2 10 0', 'per_unit 100 100', 'discount.1 1 -20', 'discount.3 1 -40', 'maximum 1 -10'],
    ]);
    expect(shown(usage(fields, '60'))).toEqual([
      '25.00',
      '50',
      ...['discount.2 10 0', 'per_unit 50 50', 'discount.1 1 -20', 'discount.3 1 -15', 'minimum 1 10'],
    ]);
  });

  test('a discount takes no more than there is', () => {
    const fields: Partial<PricedCharge> = { discounts: [{ type: 'amount', amount: '20' }] };
    expect(shown(usage(fields, '5'))).toEqual(['0.00', '5', 'per_unit 5 5', 'discount.1 1 -5']);
  });

  test('the minimum is due without any usage', () => {
    expect(shown(usage({ minimum: '10' }, '0'))).toEqual(['10.00', '0', 'minimum 1 10']);
  });

  test('is rounded once: parts of less than a cent add up before', () => {
    const tiers = ['1', '2', null].map((upTo) => ({ upTo, unitAmount: '0.003' }));
    const rated = usage({ price: { model: 'graduated', tiers } }, '3');
    expect([decimalText(rated.unrounded), moneyText(rated.amount)]).toEqual(['0.009', '0.01']);
  });
});

describe('a part of a period', () => {
  const price: Price = {
    model: 'graduated',
    tiers: [{ upTo: null, unitAmount: '1', flatAmount: '30' }],
  };
  const limits: Partial<PricedCharge> = { maximum: '60', minimum: '30' };

  test('takes its part of fixed amounts, and of usage all that was counted', () => {
    expect(shown(usage({ price }, '9', { ratio: THIRD }))).toEqual([
      '19.00',
      '9',
      ...['graduated.1.unit 9 9', 'graduated.1.flat 1 10'],
    ]);
    const discounts = [{ type: 'amount', amount: '6' }] as const;
    expect(moneyText(usage({ discounts }, '9', { ratio: THIRD }).amount)).toBe('7.00');
    expect(moneyText(usage(limits, '9', { ratio: THIRD }).amount)).toBe('10.00');
    expect(moneyText(usage(limits, '99', { ratio: THIRD }).amount)).toBe('20.00');
  });

  test('takes its part of all that a recurring charge costs', () => {
    expect(moneyText(rate({ price, quantity: '9' }, { ratio: THIRD }).amount)).toBe('13.00');
    expect(moneyText(rate({ price: { model: 'flat', amount: '100' } }, { ratio: THIRD }).amount)).toBe(
      '33.33',
    );
  });

  test('counts as the whole where the charge is not prorated', () => {
    const fields = { ...limits, proration: 'none' } as const;
    expect(moneyText(usage(fields, '9', { ratio: THIRD }).amount)).toBe('30.00');
  });

  test('the half cent of an amount that has no end as a decimal rounds up', () => {
    const discounts = [{ type: 'percent', percent: '10' }] as const;
    const rated = rate({ price: { model: 'flat', amount: '20.05' }, discounts }, { ratio: THIRD });
    expect([decimalText(rated.unrounded), moneyText(rated.amount)]).toEqual(['6.015', '6.02']);
  });

  test('parts of a fixed amount add up to it before they are rounded', () => {
    const parts = [7n, 11n, 13n].map((days) =>
      rate({ price: { model: 'flat', amount: '93' } }, { ratio: { numerator: days, denominator: 31n } }),
    );
    expect(parts.map(({ unrounded }) => decimalText(unrounded))).toEqual(['21', '33', '39']);
  });
});

test.each([
  ['acme', '4344045', '11.19', '821386', '12.32', '3874', '1.50'],
  ['globex', '4522211', '11.54', '817336', '12.26', '3873', '1.50'],
  ['initech', '4501321', '11.50', '818957', '12.28', '3873', '1.50'],
  ['umbrella', '4574577', '11.65', '823922', '12.36', '3873', '1.50'],
  ['hooli', '4419716', '11.34', '807064', '12.11', '3873', '1.50'],
])(
  'an hour of a language model for %s: input, output and requests',
  (_, input, inputDue, output, outputDue, requests, requestsDue) => {
    const graduated: Price = {
      model: 'graduated',
      tiers: [
        { upTo: '1000000', unitAmount: '0.000003' },
        { upTo: '4000000', unitAmount: '0.0000025' },
        { upTo: null, unitAmount: '0.000002' },
      ],
    };
    const packages: Price = {
      model: 'package',
      packageSize: '1000',
      packageAmount: '0.50',
      freeUnits: '1000',
    };
    expect(moneyText(usage({ price: graduated }, input).amount)).toBe(inputDue);
    expect(moneyText(usage({ price: { model: 'per_unit', unitAmount: '0.000015' } }, output).amount)).toBe(
      outputDue,
    );
    expect(moneyText(usage({ price: packages }, requests).amount)).toBe(requestsDue);
  },
);

test('an increment is what more usage adds, less where the volume gets cheaper', () => {
  const price: Price = {
    model: 'volume',
    tiers: [
      { upTo: '15', unitAmount: '10' },
      { upTo: null, unitAmount: '5' },
    ],
  };
  const at = (quantity: string) => usage({ price }, quantity);
  expect(decimalText(increment(at('0'), at('15')))).toBe('150');
  expect(decimalText(increment(at('15'), at('16')))).toBe('-70');
});

test('yen have no decimals, dinars three', () => {
  expect(moneyText(usage({}, '1.5', { currency: 'JPY' }).amount)).toBe('2');
  expect(moneyText(usage({}, '1.2345', { currency: 'KWD' }).amount)).toBe('1.235');
});

test('what the caller must not mix up throws', () => {
  expect(() => rate({ meter: 'meter' })).toThrow('what its meter counted');
  expect(() => rate({}, { quantity: decimal('1') })).toThrow('its own quantity');
  expect(() => rate({}, { seats: decimal('-1') })).toThrow('not negative');
  expect(() => rate({}, { ratio: { numerator: 31n, denominator: 30n } })).toThrow('part of its period');
});

test('a charge is usage if it has a meter, and usage is billed in arrears', () => {
  const of = (charge: Partial<Charge>) => [kindOf(charge), timingOf(charge)];
  expect(of({ meter: 'm' })).toEqual(['usage', 'arrears']);
  expect(of({})).toEqual(['recurring', 'advance']);
  expect(of({ timing: 'arrears' })).toEqual(['recurring', 'arrears']);
  expect(of({ kind: 'usage' })).toEqual(['usage', 'arrears']);
});

test('the price in one currency is never taken for another', () => {
  const euros: Price = { model: 'flat', amount: '2' };
  const charge: Charge = { key: 'fee', price: ONE_EACH, prices: { EUR: euros } };
  const price = (currency: 'USD' | 'EUR' | 'JPY') =>
    chargeInCurrency({ charge, planCurrency: 'USD', currency })?.price;
  expect([price('USD'), price('EUR'), price('JPY')]).toEqual([ONE_EACH, euros, undefined]);
  // @ts-expect-error a charge in several currencies does not compile as one that can be rated
  expect(() => rateCharge({ charge, currency: 'EUR' })).not.toThrow();
});
