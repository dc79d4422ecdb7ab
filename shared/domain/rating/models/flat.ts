import { checkNumber, fieldOf } from '../check-number.ts';
import { ONE } from '../fraction.ts';
import { fixedLine } from '../line.ts';
import type { FlatPrice } from '../price.ts';
import type { ModelRules } from './model.ts';

/** Due once, whatever a meter counted; of a recurring charge once for each of its quantity. */
export const flat: ModelRules<FlatPrice> = {
  check: (price, path) => checkNumber(price.amount, fieldOf(path, 'amount'), 'not_negative'),
  rate: (price, units) => [
    fixedLine(
      { ref: 'flat', quantity: units.isMetered ? ONE : units.quantity, flatAmount: price.amount },
      units,
    ),
  ],
};
