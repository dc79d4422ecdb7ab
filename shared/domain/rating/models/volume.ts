import { defined } from '../../../kernel/assert.ts';
import { compare } from '../fraction.ts';
import type { VolumePrice } from '../price.ts';
import { checkTiers, tierLines, tierRanges } from '../tiers.ts';
import type { ModelRules } from './model.ts';

export const volume: ModelRules<VolumePrice> = {
  check: (price, path) => checkTiers(price.tiers, path),
  rate: (price, units) => {
    const holding = tierRanges(price.tiers).find(
      ({ upTo }) => upTo === null || compare(units.quantity, upTo) <= 0,
    );
    return tierLines('volume', defined(holding, 'the tier of a quantity'), units.quantity, units);
  },
};
