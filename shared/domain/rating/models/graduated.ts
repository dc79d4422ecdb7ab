import { compare, lesser, subtract } from '../fraction.ts';
import type { GraduatedPrice } from '../price.ts';
import { checkTiers, tierLines, tierRanges } from '../tiers.ts';
import type { ModelRules } from './model.ts';

export const graduated: ModelRules<GraduatedPrice> = {
  check: (price, path) => checkTiers(price.tiers, path),
  rate: (price, units) =>
    tierRanges(price.tiers)
      .filter(({ number, above }) => number === 1 || compare(units.quantity, above) > 0)
      .flatMap((range) => {
        const top = range.upTo === null ? units.quantity : lesser(units.quantity, range.upTo);
        return tierLines('graduated', range, subtract(top, range.above), units);
      }),
};
