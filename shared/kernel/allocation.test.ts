import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allocate } from './allocation.ts';
import type { CurrencyCode } from './currency.ts';
import { decimal } from './decimal.ts';
import { type Money, money, moneyText, negateMoney, parseMoney } from './money.ts';

const weight = fc.integer({ min: 0, max: 10_000 }).map((units) => decimal(units).times('0.001'));
const weights = fc
  .array(weight, { minLength: 1, maxLength: 12 })
  .filter((all) => all.some((one) => !one.isZero()));
const amount = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }).map((minor) => money(minor, 'USD'));

const split = (whole: Money, parts: Parameters<typeof allocate>[0]['weights']) =>
  allocate({ amount: whole, weights: parts, tieBreaker: 'first_in_order' });

test.each<[string, CurrencyCode, string[], string[]]>([
  ['6', 'USD', ['10', '5'], ['4.00', '2.00']],
  ['0.05', 'USD', ['1', '1', '1'], ['0.02', '0.02', '0.01']],
  ['-0.05', 'USD', ['1', '1', '1'], ['-0.02', '-0.02', '-0.01']],
  ['100', 'USD', ['1', '2', '3'], ['16.67', '33.33', '50.00']],
  ['-100', 'USD', ['1', '2', '3'], ['-16.67', '-33.33', '-50.00']],
  ['1', 'USD', ['0.001', '0.002'], ['0.33', '0.67']],
  ['5', 'JPY', ['10', '10', '10'], ['2', '2', '1']],
  ['0.01', 'USD', ['100', '1'], ['0.01', '0.00']],
  ['0.01', 'USD', ['0', '1'], ['0.00', '0.01']],
  ['0', 'USD', ['0', '0'], ['0.00', '0.00']],
  ['0', 'USD', [], []],
])('%s %s by the weights %j is %j', (text, currency, by, expected) => {
  const whole = parseMoney(text, currency);
  expect(whole.ok && split(whole.value, by.map(decimal)).map(moneyText)).toEqual(expected);
});

test('the parts sum to the whole, and none is off its exact share by a unit or more', () => {
  fc.assert(
    fc.property(amount, weights, (whole, by) => {
      const parts = split(whole, by);
      expect(parts.reduce((total, part) => total + part.minor, 0n)).toBe(whole.minor);
      const total = by.reduce((sum, one) => sum.plus(one));
      for (const [index, part] of parts.entries()) {
        const share = decimal(whole.minor)
          .times(by[index] ?? 0)
          .div(total);
        expect(share.minus(decimal(part.minor)).abs().lt(1)).toBe(true);
      }
    }),
  );
});

test('a negative amount splits like its opposite, and the scale of the weights does not matter', () => {
  fc.assert(
    fc.property(amount, weights, (whole, by) => {
      const parts = split(whole, by).map(({ minor }) => minor);
      expect(split(negateMoney(whole), by).map(({ minor }) => -minor)).toEqual(parts);
      expect(
        split(
          whole,
          by.map((one) => one.times(1_000)),
        ).map(({ minor }) => minor),
      ).toEqual(parts);
    }),
  );
});

test('an amount without anyone to take it throws, and so does a negative weight', () => {
  expect(() => split(money(1n, 'USD'), [])).toThrow('positive weight');
  expect(() => split(money(1n, 'USD'), [decimal(0)])).toThrow('positive weight');
  expect(() => split(money(1n, 'USD'), [decimal(2), decimal(-1)])).toThrow('never negative');
});
