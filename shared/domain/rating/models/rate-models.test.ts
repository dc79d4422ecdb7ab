import { describe, expect, test } from 'vitest';
import { decimal, decimalText } from '../../../kernel/decimal.ts';
import type { GraduatedPrice, PackagePrice, Price, VolumePrice } from '../price.ts';
import { rateCharge } from '../rate-charge.ts';

/** Each detail as `ref quantity amount`. */
function rate(price: Price, quantity: string) {
  const charge = { key: 'charge', meter: 'meter', price };
  const rated = rateCharge({ charge, currency: 'USD', quantity: decimal(quantity) });
  return {
    amount: decimalText(rated.unrounded),
    details: rated.details.map(
      (line) => `${line.ref} ${decimalText(line.quantity)} ${decimalText(line.amount)}`,
    ),
  };
}

describe('flat', () => {
  test.each(['0', '1', '1000'])('is due once for usage of %s', (quantity) => {
    const rated = rate({ model: 'flat', amount: '20.00' }, quantity);
    expect(rated).toEqual({ amount: '20', details: ['flat 1 20'] });
  });
});

describe('per unit', () => {
  test.each([
    ['0', '0', []],
    ['1', '0.000015', ['per_unit 1 0.000015']],
    ['0.5', '0.0000075', ['per_unit 0.5 0.0000075']],
    ['821386', '12.32079', ['per_unit 821386 12.32079']],
  ])('%s units cost %s', (quantity, amount, details) => {
    expect(rate({ model: 'per_unit', unitAmount: '0.000015' }, quantity)).toEqual({ amount, details });
  });
});

describe('graduated', () => {
  const price: GraduatedPrice = {
    model: 'graduated',
    tiers: [
      { upTo: '10', unitAmount: '2', flatAmount: '5' },
      { upTo: '20', unitAmount: '1' },
      { upTo: '30', flatAmount: '7' },
      { upTo: null, unitAmount: '0', flatAmount: '0.5' },
    ],
  };
  test.each([
    ['0', '5', ['graduated.1.flat 1 5']],
    ['0.1', '5.2', ['graduated.1.unit 0.1 0.2', 'graduated.1.flat 1 5']],
    ['10', '25', ['graduated.1.unit 10 20', 'graduated.1.flat 1 5']],
    ['10.5', '25.5', ['graduated.1.unit 10 20', 'graduated.1.flat 1 5', 'graduated.2.unit 0.5 0.5']],
    ['20', '35', ['graduated.1.unit 10 20', 'graduated.1.flat 1 5', 'graduated.2.unit 10 10']],
    [
      '31',
      '42.5',
      [
        'graduated.1.unit 10 20',
        'graduated.1.flat 1 5',
        'graduated.2.unit 10 10',
        'graduated.3.flat 1 7',
        'graduated.4.unit 1 0',
        'graduated.4.flat 1 0.5',
      ],
    ],
  ])(
    '%s units cost %s: bounds belong to their tier, the first flat amount is always due',
    (quantity, amount, details) => {
      expect(rate(price, quantity)).toEqual({ amount, details });
    },
  );

  test('details name the bound and the amounts of their tier as the price has them', () => {
    const rated = rateCharge({
      charge: { key: 'charge', meter: 'meter', price },
      currency: 'USD',
      quantity: decimal('3'),
    });
    expect(rated.details).toMatchObject([
      { ref: 'graduated.1.unit', upTo: '10', unitAmount: '2', flatAmount: null },
      { ref: 'graduated.1.flat', upTo: '10', unitAmount: null, flatAmount: '5' },
    ]);
  });
});

describe('volume', () => {
  const price: VolumePrice = {
    model: 'volume',
    tiers: [
      { upTo: '100', unitAmount: '2', flatAmount: '10' },
      { upTo: '200', flatAmount: '150' },
      { upTo: null, unitAmount: '0.5' },
    ],
  };
  test.each([
    ['0', '10', ['volume.1.flat 1 10']],
    ['100', '210', ['volume.1.unit 100 200', 'volume.1.flat 1 10']],
    ['100.5', '150', ['volume.2.flat 1 150']],
    ['200', '150', ['volume.2.flat 1 150']],
    ['201', '100.5', ['volume.3.unit 201 100.5']],
  ])('%s units cost %s, all at the tier of the total', (quantity, amount, details) => {
    expect(rate(price, quantity)).toEqual({ amount, details });
  });
});

describe('package', () => {
  const price: PackagePrice = {
    model: 'package',
    packageSize: '1000',
    packageAmount: '0.50',
    freeUnits: '1000',
  };
  test.each<[Partial<PackagePrice>, string, string, string[]]>([
    [{}, '0', '0', []],
    [{}, '1000', '0', []],
    [{}, '1000.001', '0.5', ['package 1 0.5']],
    [{}, '2000', '0.5', ['package 1 0.5']],
    [{}, '3874', '1.5', ['package 3 1.5']],
    [{ rounding: 'up' }, '2001', '1', ['package 2 1']],
    [{ rounding: 'down' }, '1999', '0', []],
    [{ rounding: 'down' }, '3874', '1', ['package 2 1']],
    [{ freeUnits: '0' }, '1', '0.5', ['package 1 0.5']],
    [{ packageSize: '0.3', freeUnits: '0' }, '0.9', '1.5', ['package 3 1.5']],
  ])('with %j, %s units cost %s', (fields, quantity, amount, details) => {
    expect(rate({ ...price, ...fields }, quantity)).toEqual({ amount, details });
  });
});

test.each(['graduated', 'volume'] as const)(
  'a %s price without an open tier throws, it never bills too little',
  (model) => {
    const price: Price = { model, tiers: [{ upTo: '1', unitAmount: '1' }] };
    expect(() => rate(price, '2')).toThrow('no price');
  },
);
