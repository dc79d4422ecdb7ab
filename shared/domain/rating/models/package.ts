import { checkNumber, fieldOf } from '../check-number.ts';
import { divide, fractionOf, greater, isZero, roundTo, subtract, ZERO } from '../fraction.ts';
import { unitLine } from '../line.ts';
import type { PackagePrice } from '../price.ts';
import type { ModelRules } from './model.ts';

/** The quantity of its line is the number of packages. */
export const packages: ModelRules<PackagePrice> = {
  check: (price, path) => [
    ...checkNumber(price.packageSize, fieldOf(path, 'packageSize'), 'positive'),
    ...checkNumber(price.packageAmount, fieldOf(path, 'packageAmount'), 'not_negative'),
    ...checkNumber(price.freeUnits, fieldOf(path, 'freeUnits'), 'not_negative'),
  ],
  rate: (price, units) => {
    const charged = greater(subtract(units.quantity, fractionOf(price.freeUnits ?? '0')), ZERO);
    const quantity = roundTo(divide(charged, fractionOf(price.packageSize)), 0, price.rounding ?? 'up');
    if (isZero(quantity)) return [];
    return [unitLine({ ref: 'package', quantity, unitAmount: price.packageAmount }, units)];
  },
};
