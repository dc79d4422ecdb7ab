/** One thing wrong each: where, what is written there, and what the answer names. */
export interface BadCharge {
  readonly name: string;
  /** In place of fields of the good charge. */
  readonly charge: object;
  readonly code: string;
  /** Below `charges[1]`. */
  readonly field: string;
}

const price = (more: object) => ({ price: { model: 'graduated', ...more } });
const tiers = (...bounds: (string | null)[]) =>
  price({ tiers: bounds.map((upTo) => ({ upTo, unitAmount: '1' })) });
const unit = (unitAmount: unknown) => ({ price: { model: 'per_unit', unitAmount } });
const packages = (more: object) => ({
  price: { model: 'package', packageSize: '10', packageAmount: '1', ...more },
});

export const BAD_CHARGES: readonly BadCharge[] = [
  { name: 'no tiers', charge: price({ tiers: [] }), code: 'price.no_tiers', field: '.price.tiers' },
  {
    name: 'more tiers than a price may have',
    charge: tiers(...Array.from({ length: 100 }, (_, index) => `${index + 1}`), null),
    code: 'price.too_many_tiers',
    field: '.price.tiers',
  },
  {
    name: 'tiers that do not rise',
    charge: tiers('10', '10', null),
    code: 'price.tiers_not_rising',
    field: '.price.tiers[1].upTo',
  },
  {
    name: 'a tier that ends at zero',
    charge: tiers('0', null),
    code: 'price.tiers_not_rising',
    field: '.price.tiers[0].upTo',
  },
  {
    name: 'tiers that do not end open',
    charge: tiers('10', '20'),
    code: 'price.last_tier_not_open',
    field: '.price.tiers[1].upTo',
  },
  {
    name: 'an open tier in the middle',
    charge: tiers('10', null, null),
    code: 'price.open_tier_not_last',
    field: '.price.tiers[1].upTo',
  },
  {
    name: 'a tier without an amount',
    charge: price({ tiers: [{ upTo: null }] }),
    code: 'price.tier_without_amount',
    field: '.price.tiers[0]',
  },
  {
    name: 'a tier with an unknown field',
    charge: price({ tiers: [{ upTo: null, unitPrice: '1' }] }),
    code: 'request.unknown_field',
    field: '.price.tiers[0].unitPrice',
  },
  { name: 'a negative price', charge: unit('-1'), code: 'price.negative', field: '.price.unitAmount' },
  {
    name: 'too many decimals',
    charge: unit('0.0000000000001'),
    code: 'price.too_many_decimals',
    field: '.price.unitAmount',
  },
  {
    name: 'too many digits',
    charge: unit('1234567890123456'),
    code: 'price.too_many_digits',
    field: '.price.unitAmount',
  },
  {
    name: 'a price that is a JSON number',
    charge: unit(0.1),
    code: 'request.invalid_field',
    field: '.price.unitAmount',
  },
  {
    name: 'a price with an exponent',
    charge: unit('1e-6'),
    code: 'request.invalid_field',
    field: '.price.unitAmount',
  },
  {
    name: 'a package of nothing',
    charge: packages({ packageSize: '0' }),
    code: 'price.not_positive',
    field: '.price.packageSize',
  },
  {
    name: 'a negative package size',
    charge: packages({ packageSize: '-10' }),
    code: 'price.not_positive',
    field: '.price.packageSize',
  },
  {
    name: 'negative free units',
    charge: packages({ freeUnits: '-1' }),
    code: 'price.negative',
    field: '.price.freeUnits',
  },
  {
    name: 'an unknown model',
    charge: { price: { model: 'matrix' } },
    code: 'price.unsupported_model',
    field: '.price.model',
  },
  {
    name: 'an unknown model in another currency',
    charge: { prices: { EUR: { model: 'stairstep', tiers: [] } } },
    code: 'price.unsupported_model',
    field: '.prices.EUR.model',
  },
  {
    name: 'a price without a model',
    charge: { price: { amount: '1' } },
    code: 'request.missing_field',
    field: '.price.model',
  },
  {
    name: 'a model that is no text',
    charge: { price: { model: 7 } },
    code: 'request.invalid_field',
    field: '.price.model',
  },
  { name: 'no price', charge: { price: undefined }, code: 'request.missing_field', field: '.price' },
  { name: 'a price that is text', charge: { price: '1' }, code: 'request.invalid_field', field: '.price' },
  {
    name: 'an unknown currency',
    charge: { prices: { XXY: { model: 'flat', amount: '1' } } },
    code: 'request.invalid_field',
    field: '.prices.XXY',
  },
  {
    name: 'the currency of the plan among the others',
    charge: { prices: { USD: { model: 'flat', amount: '1' } } },
    code: 'price.plan_currency_repeated',
    field: '.prices.USD',
  },
  {
    name: 'an amount beside prices in several currencies',
    charge: { maximum: '5', prices: { EUR: { model: 'flat', amount: '1' } } },
    code: 'price.amount_in_one_currency',
    field: '.maximum',
  },
  {
    name: 'a conversion by nothing',
    charge: { convert: { divideBy: '0' } },
    code: 'price.not_positive',
    field: '.convert.divideBy',
  },
  {
    name: 'a scale beyond what quantities have',
    charge: { convert: { round: 'up', scale: 13 } },
    code: 'price.scale_out_of_range',
    field: '.convert.scale',
  },
  {
    name: 'an unknown way to round',
    charge: { convert: { round: 'bankers' } },
    code: 'request.invalid_field',
    field: '.convert.round',
  },
  {
    name: 'negative included units',
    charge: { includedUnits: '-1' },
    code: 'price.negative',
    field: '.includedUnits',
  },
  {
    name: 'a discount of more than all',
    charge: { discounts: [{ type: 'percent', percent: '100.01' }] },
    code: 'price.percent_out_of_range',
    field: '.discounts[0].percent',
  },
  {
    name: 'an unknown discount',
    charge: { discounts: [{ type: 'coupon', code: 'X' }] },
    code: 'request.invalid_field',
    field: '.discounts[0].type',
  },
  {
    name: 'too many discounts',
    charge: { discounts: Array.from({ length: 21 }, () => ({ type: 'units', units: '1' })) },
    code: 'price.too_many_discounts',
    field: '.discounts',
  },
  {
    name: 'a minimum above the maximum',
    charge: { minimum: '10', maximum: '9.99' },
    code: 'price.minimum_above_maximum',
    field: '.minimum',
  },
  {
    name: 'usage in advance',
    charge: { timing: 'advance' },
    code: 'price.advance_usage',
    field: '.timing',
  },
  {
    name: 'a quantity of usage',
    charge: { quantity: '2' },
    code: 'price.quantity_not_allowed',
    field: '.quantity',
  },
  {
    name: 'usage without a meter',
    charge: { kind: 'usage', meter: undefined },
    code: 'price.meter_required',
    field: '.meter',
  },
  {
    name: 'a recurring charge with a meter',
    charge: { kind: 'recurring' },
    code: 'price.meter_not_allowed',
    field: '.meter',
  },
  {
    name: 'filters without a meter',
    charge: { meter: undefined, filters: { model: ['a'] } },
    code: 'price.filters_without_meter',
    field: '.filters',
  },
  {
    name: 'a filter that lets nothing through',
    charge: { filters: { model: [] } },
    code: 'request.invalid_field',
    field: '.filters.model',
  },
  {
    name: 'a filter that a parser would lose',
    charge: { filters: JSON.parse('{"__proto__":["x"]}') },
    code: 'request.invalid_field',
    field: '.filters.__proto__',
  },
  {
    name: 'a price that a parser would lose',
    charge: { prices: JSON.parse('{"__proto__":{"model":"flat","amount":"1"}}') },
    code: 'request.invalid_field',
    field: '.prices.__proto__',
  },
  {
    name: 'a kind that is not supported',
    charge: { kind: 'one_time' },
    code: 'request.invalid_field',
    field: '.kind',
  },
  ...['commitment', 'windows', 'cadence', 'colour'].map((name) => ({
    name: `the unknown field ${name}`,
    charge: { [name]: {} },
    code: 'request.unknown_field',
    field: `.${name}`,
  })),
  { name: 'a key given twice', charge: { key: 'first' }, code: 'plan.duplicate_charge', field: '.key' },
  { name: 'a key with a space', charge: { key: 'a b' }, code: 'request.invalid_field', field: '.key' },
];

/** In place of fields of a good plan. */
export const BAD_PLANS: readonly (readonly [string, object, string, string])[] = [
  ['an unknown currency', { currency: 'XXY' }, 'request.invalid_field', 'currency'],
  ['a currency in small letters', { currency: 'usd' }, 'request.invalid_field', 'currency'],
  ['an unknown cadence', { cadence: 'fortnight' }, 'request.invalid_field', 'cadence'],
  ['an unknown overlap', { overlap: 'sometimes' }, 'request.invalid_field', 'overlap'],
  ['no charge', { charges: [] }, 'request.invalid_field', 'charges'],
  ['no charges', { charges: undefined }, 'request.missing_field', 'charges'],
  ['an unknown field', { trial: 7 }, 'request.unknown_field', 'trial'],
  ['a key with a slash', { key: 'a/b' }, 'request.invalid_field', 'key'],
  ['no name', { name: undefined }, 'request.missing_field', 'name'],
  [
    'more charges than a version may have',
    {
      charges: Array.from({ length: 101 }, (_, index) => ({
        key: `c${index}`,
        price: { model: 'flat', amount: '1' },
      })),
    },
    'request.invalid_field',
    'charges',
  ],
];
