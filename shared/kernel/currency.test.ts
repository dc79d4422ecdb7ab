import { expect, test } from 'vitest';
import { CURRENCIES, currencyExponent, isCurrency } from './currency.ts';

const withExponent = (exponent: number) =>
  CURRENCIES.filter((currency) => currencyExponent(currency) === exponent);

test('the decimals of every currency are those of ISO 4217', () => {
  expect(withExponent(0).join(' ')).toBe(
    'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  );
  expect(withExponent(3).join(' ')).toBe('BHD IQD JOD KWD LYD OMR TND');
  expect(withExponent(4).join(' ')).toBe('CLF UYW');
  expect(withExponent(2)).toHaveLength(CURRENCIES.length - 17 - 7 - 2);
  expect(CURRENCIES).toHaveLength(165);
});

test.each(['USD', 'EUR', 'XCG', 'ZWG', 'SLE', 'VED'])('%s is in use', (code) => {
  expect(isCurrency(code)).toBe(true);
});

test.each([
  '',
  'usd',
  'US',
  'USDX',
  'XAU',
  'XDR',
  'XTS',
  'XXX',
  'HRK',
  'BGN',
  'ANG',
  'toString',
  '__proto__',
  'constructor',
])('%j cannot be billed in', (code) => {
  expect(isCurrency(code)).toBe(false);
});
