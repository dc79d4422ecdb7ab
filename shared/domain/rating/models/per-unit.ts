import { checkNumber, fieldOf } from '../check-number.ts';
import { isZero } from '../fraction.ts';
import { unitLine } from '../line.ts';
import type { PerUnitPrice } from '../price.ts';
import type { ModelRules } from './model.ts';

export const perUnit: ModelRules<PerUnitPrice> = {
  check: (price, path) => checkNumber(price.unitAmount, fieldOf(path, 'unitAmount'), 'not_negative'),
  rate: ({ unitAmount }, units) => {
    const { quantity } = units;
    return isZero(quantity) ? [] : [unitLine({ ref: 'per_unit', quantity, unitAmount }, units)];
  },
};
