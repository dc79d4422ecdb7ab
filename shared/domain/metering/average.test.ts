import { describe, expect, it } from 'vitest';
import { decimal } from '../../kernel/decimal.ts';
import { averageOf } from './average.ts';

describe('an average', () => {
  it.each([
    ['10', '4', '2.5'],
    ['1', '3', '0.333333333333'],
    ['2', '3', '0.666666666667'],
    ['0.000000000001', '2', '0.000000000001'],
    ['-0.000000000001', '2', '-0.000000000001'],
    ['900000000000000000000000000.000000000003', '2', '450000000000000000000000000.000000000002'],
    ['0', '7', '0'],
  ])('of %s over %s is %s', (sum, count, expected) => {
    expect(averageOf(decimal(sum), decimal(count))).toBe(expected);
  });

  it.each(['0', '-1'])('of %s rows is none', (count) => {
    expect(averageOf(decimal('5'), decimal(count))).toBeNull();
  });
});
