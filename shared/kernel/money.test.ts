import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CURRENCIES, type CurrencyCode } from './currency.ts';
import { decimal, decimalText } from './decimal.ts';
import {
  addMoney,
  compareMoney,
  type Money,
  money,
  moneyFromDecimal,
  moneyText,
  moneyToDecimal,
  negateMoney,
  parseMoney,
  subtractMoney,
} from './money.ts';

const currency = fc.constantFrom(...CURRENCIES);
const minor = fc.bigInt({ min: -(10n ** 28n), max: 10n ** 28n });

describe('currencies do not mix', () => {
  test('amounts of different currencies do not compile together', () => {
    const dollars = money(1n, 'USD');
    const euros = money(1n, 'EUR');
    // @ts-expect-error euros are no dollars
    expect(() => addMoney(dollars, euros)).toThrow('USD and EUR');
    // @ts-expect-error euros are no dollars
    expect(() => subtractMoney(dollars, euros)).toThrow('USD and EUR');
    // @ts-expect-error euros are no dollars
    expect(() => compareMoney(dollars, euros)).toThrow('USD and EUR');
    // @ts-expect-error an amount is made by this module only
    const forged: Money<'USD'> = { minor: 1n, currency: 'USD' };
    expect(forged.minor).toBe(1n);
  });

  test('where the types are wide, mixing throws', () => {
    fc.assert(
      fc.property(currency, currency, minor, (one, other, amount) => {
        fc.pre(one !== other);
        const [left, right]: [Money, Money] = [money(amount, one), money(amount, other)];
        expect(() => addMoney(left, right)).toThrow('do not mix');
      }),
    );
  });
});

describe('arithmetic', () => {
  test('sums and differences are exact, and a negation takes back', () => {
    fc.assert(
      fc.property(minor, minor, (one, other) => {
        const [left, right] = [money(one, 'USD'), money(other, 'USD')];
        expect(addMoney(left, right).minor).toBe(one + other);
        expect(subtractMoney(addMoney(left, right), right)).toEqual(left);
        expect(addMoney(left, negateMoney(left)).minor).toBe(0n);
        expect(Math.sign(compareMoney(left, right))).toBe(Number(one > other) - Number(one < other));
      }),
    );
  });

  test('an amount with too many digits throws instead of being cut', () => {
    expect(money(10n ** 30n - 1n, 'USD').minor).toBe(10n ** 30n - 1n);
    expect(() => money(10n ** 30n, 'USD')).toThrow('too many digits');
    expect(() => addMoney(money(10n ** 30n - 1n, 'USD'), money(1n, 'USD'))).toThrow('too many digits');
  });
});

describe('rounding', () => {
  test.each<[string, CurrencyCode, string]>([
    ['7', 'USD', '7.00'],
    ['1.005', 'USD', '1.01'],
    ['-1.005', 'USD', '-1.01'],
    ['1.00499999999999999999999', 'USD', '1.00'],
    ['-0.004', 'USD', '0.00'],
    ['1.9556789', 'JPY', '2'],
    ['0.5', 'JPY', '1'],
    ['1.0005', 'KWD', '1.001'],
    ['1.00005', 'CLF', '1.0001'],
  ])('%s %s is posted as %s', (amount, code, expected) => {
    expect(moneyText(moneyFromDecimal(decimal(amount), code))).toBe(expected);
  });

  test('an amount that is already in whole minor units is not changed', () => {
    fc.assert(
      fc.property(minor, currency, (amount, code) => {
        const exact = money(amount, code);
        expect(moneyFromDecimal(moneyToDecimal(exact), code)).toEqual(exact);
      }),
    );
  });
});

describe('text', () => {
  test.each<[bigint, CurrencyCode, string]>([
    [0n, 'USD', '0.00'],
    [-5n, 'KWD', '-0.005'],
    [7n, 'JPY', '7'],
    [-700n, 'USD', '-7.00'],
    [12_345n, 'CLF', '1.2345'],
  ])('%d minor units of %s are written %s', (amount, code, expected) => {
    expect(moneyText(money(amount, code))).toBe(expected);
  });

  test('what is written is read back, and means the same number', () => {
    fc.assert(
      fc.property(minor, currency, (amount, code) => {
        const exact = money(amount, code);
        expect(parseMoney(moneyText(exact), code)).toEqual({ ok: true, value: exact });
        expect(decimalText(moneyToDecimal(exact))).toBe(decimalText(decimal(moneyText(exact))));
      }),
    );
  });

  test.each<[string, CurrencyCode, string]>([
    ['7', 'USD', '7.00'],
    ['7.5', 'USD', '7.50'],
    ['-0', 'USD', '0.00'],
    ['007.00', 'USD', '7.00'],
  ])('%s %s is read as %s', (text, code, expected) => {
    const parsed = parseMoney(text, code);
    expect(parsed.ok && moneyText(parsed.value)).toBe(expected);
  });

  test.each<[string, CurrencyCode, string]>([
    ['1.001', 'USD', 'too_many_decimals'],
    ['1.000', 'USD', 'too_many_decimals'],
    ['1.0', 'JPY', 'too_many_decimals'],
    ['1'.repeat(29), 'USD', 'too_large'],
    ['', 'USD', 'not_numeric'],
    ['+1', 'USD', 'not_numeric'],
    ['1e2', 'USD', 'not_numeric'],
    ['.50', 'USD', 'not_numeric'],
    ['1.', 'USD', 'not_numeric'],
    ['1,000.00', 'USD', 'not_numeric'],
    ['$1', 'USD', 'not_numeric'],
    ['NaN', 'USD', 'not_numeric'],
    ['1.00\n', 'USD', 'not_numeric'],
  ])('%j %s is refused as %s', (text, code, error) => {
    expect(parseMoney(text, code)).toEqual({ ok: false, error });
  });
});
