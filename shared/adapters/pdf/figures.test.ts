import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { groupedFigure, isZero, moneyFigure, negated } from './figures.ts';

test.each([
  ['0', '0'],
  ['999', '999'],
  ['1000', '1,000'],
  ['-1234567.8900', '-1,234,567.8900'],
  ['0.000001', '0.000001'],
  ['123456.123456', '123,456.123456'],
])('%s is printed as %s', (text, figure) => {
  expect(groupedFigure(text)).toBe(figure);
});

const plainDecimal = fc.stringMatching(/^-?(?:0|[1-9]\d{0,40})(?:\.\d{1,12})?$/);

test.prop({ text: plainDecimal })('no digit is added, cut or moved', ({ text }) => {
  const figure = groupedFigure(text);
  expect(figure.replaceAll(',', '')).toBe(text);
  expect(figure).toMatch(/^-?\d{1,3}(?:,\d{3})*(?:\.\d+)?$/);
});

test.each(['', '1e5', '1,000', ' 1', '.5', '5.', '+5', 'NaN', '٣'])('"%s" is no figure', (text) => {
  expect(() => groupedFigure(text)).toThrow('plain decimal');
});

test('money has its currency before it', () => {
  expect(moneyFigure('-1200.50', 'EUR')).toBe('EUR -1,200.50');
});

test('what is taken away has the other sign, and nothing has none', () => {
  expect(negated('5.00')).toBe('-5.00');
  expect(negated('-5.00')).toBe('5.00');
  expect(negated('0.00')).toBe('0.00');
  expect(isZero('-0.000')).toBe(true);
  expect(isZero('0.001')).toBe(false);
});
