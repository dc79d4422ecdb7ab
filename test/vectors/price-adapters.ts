import { z } from 'zod';
import type { Price } from '../../shared/domain/rating/price.ts';
import type { Rated } from '../../shared/domain/rating/rate-charge.ts';
import { decimal } from '../../shared/kernel/decimal.ts';
import { addMoney, moneyFromDecimal, subtractMoney } from '../../shared/kernel/money.ts';
import type { Adapter, Comparison } from './adapter.ts';
import { conversionSchema, toConversion } from './conversion.ts';
import { currencySchema, numberSchema, plain, rateUsage, tiersSchema, unitsSchema } from './shapes.ts';

const amountSchema = z.union([
  z.strictObject({ amount: numberSchema }),
  z.strictObject({ amount_minor: numberSchema }),
]);

/** Amounts in cents are posted ones, others are not rounded. */
function compareAmount(expected: unknown, rated: Rated): Comparison {
  const wanted = amountSchema.parse(expected);
  return 'amount' in wanted
    ? { expected: plain(wanted.amount), actual: plain(rated.unrounded) }
    : { expected: wanted.amount_minor, actual: rated.amount.minor.toString() };
}

/** Cases of one quantity and its amount; the schema turns their `config` into a price. */
function priced(configSchema: z.ZodType<Price>): Adapter {
  return ({ config, usage, expected }) => {
    const price = configSchema.parse(config);
    return compareAmount(expected, rateUsage({ price, quantity: unitsSchema.parse(usage).units }));
  };
}

const centsSchema = z.literal(2).optional();

function tiered(model: 'graduated' | 'volume') {
  return z
    .strictObject({
      tiers: tiersSchema,
      currency: z.literal('USD').optional(),
      currency_exponent: centsSchema,
    })
    .transform(({ tiers }): Price => ({ model, tiers }));
}

/** `from` units lie below a tier: it is the bound of the one before. */
function tieredFrom(model: 'graduated' | 'volume'): Adapter {
  const tierSchema = z.strictObject({ from: numberSchema, unit: numberSchema, cap: numberSchema.optional() });
  const schema = z.strictObject({ tiers: z.array(tierSchema) });
  return ({ config, usage, expected }) => {
    const { tiers } = schema.parse(config);
    const [first] = tiers;
    const caps = tiers.filter(({ cap }) => cap !== undefined);
    if (caps.length > 0 && tiers.length > 1) throw new Error('a cap of one tier among several');
    const price: Price = {
      model,
      tiers: tiers.map(({ unit }, index) => ({ upTo: tiers[index + 1]?.from ?? null, unitAmount: unit })),
    };
    const fields = first?.cap === undefined ? {} : { maximum: first.cap };
    const { units: quantity } = unitsSchema.parse(usage);
    return compareAmount(expected, rateUsage({ price, quantity, fields }));
  };
}

const packageSchema = z
  .strictObject({ package_size: numberSchema, price: numberSchema, free_units: numberSchema })
  .transform(
    (config): Price => ({
      model: 'package',
      packageSize: config.package_size,
      packageAmount: config.price,
      freeUnits: config.free_units,
    }),
  );

const standardSchema = z
  .strictObject({ unit: numberSchema, currency_exponent: centsSchema })
  .transform(({ unit }): Price => ({ model: 'per_unit', unitAmount: unit }));

const metricRounding: Adapter = ({ config, usage, expected }) => {
  const round = { round: 'half_up', ceil: 'up', floor: 'down' } as const;
  const schema = z.strictObject({ function: z.enum(['round', 'ceil', 'floor']), precision: z.int().min(0) });
  const { function: name, precision: scale } = schema.parse(config);
  const rated = rateUsage({
    price: { model: 'per_unit', unitAmount: '1' },
    quantity: unitsSchema.parse(usage).units,
    fields: { convert: { round: round[name], scale } },
  });
  return { expected: plain(unitsSchema.parse(expected).units), actual: plain(rated.quantity) };
};

const volumeTier: Adapter = ({ config, usage, expected }) => {
  const price = tiered('volume').parse(config);
  const { details } = rateUsage({ price, quantity: unitsSchema.parse(usage).units });
  return {
    expected: z.strictObject({ tier: z.int() }).parse(expected).tier,
    actual: Number(details[0]?.ref.split('.')[1]),
  };
};

const packageCount: Adapter = ({ config, usage, expected }) => {
  const { package_size: packageSize } = z.strictObject({ package_size: numberSchema }).parse(config);
  const price = { model: 'package', packageSize, packageAmount: '1' } as const;
  const { details } = rateUsage({ price, quantity: unitsSchema.parse(usage).units });
  return {
    expected: z.strictObject({ packages: numberSchema }).parse(expected).packages,
    actual: details.map(({ quantity }) => plain(quantity)).join(),
  };
};

const preUnitsSchema = z.strictObject({ pre_units: numberSchema, units: numberSchema });

/** Units of a line, which follow those before it: the difference of two totals. */
const unitConversion: Adapter = ({ config, usage, expected }) => {
  const found = conversionSchema.parse(config);
  const { times_rated: times, ...units } = preUnitsSchema
    .extend({ times_rated: z.int().default(1) })
    .parse(usage);
  const price: Price = found.package ?? { model: 'per_unit', unitAmount: '1' };
  const convert = toConversion(found.conversion);
  const fields = convert === undefined ? {} : { convert };
  const quantityOf = (quantity: string) =>
    Array.from({ length: times }, () => rateUsage({ price, quantity, fields }).quantity);
  const before = quantityOf(units.pre_units);
  const total = plain(decimal(units.pre_units).plus(units.units));
  const actual = quantityOf(total).map((after, index) => ({
    pre_units: plain(before[index] ?? ''),
    units: plain(after.minus(before[index] ?? '')),
  }));
  return { expected: Array.from({ length: times }, () => expected), actual };
};

const freeUnits: Adapter = ({ config, usage, expected }) => {
  const { free_units: includedUnits } = z.strictObject({ free_units: numberSchema }).parse(config);
  const { pre_units: pre, units } = preUnitsSchema.parse(usage);
  const rate = (quantity: string | typeof total) => {
    const price = { model: 'per_unit', unitAmount: '1' } as const;
    const { quantity: billed, details } = rateUsage({ price, quantity, fields: { includedUnits } });
    const free = details.find(({ ref }) => ref === 'included_units')?.quantity ?? decimal(0);
    return { billed, free };
  };
  const total = decimal(pre).plus(units);
  const [before, after] = [rate(pre), rate(total)];
  const wanted = preUnitsSchema.extend({ free: numberSchema, free_pre: z.null() }).parse(expected);
  return {
    expected: { pre_units: wanted.pre_units, units: wanted.units, free: wanted.free },
    actual: {
      pre_units: plain(before.billed),
      units: plain(after.billed.minus(before.billed)),
      free: plain(after.free.minus(before.free)),
    },
  };
};

/** What the maximum takes off a line that follows amounts already billed. */
const maximumDiscount: Adapter = ({ config, usage, expected }) => {
  const { max_amount: maximum } = z
    .strictObject({ max_amount: numberSchema, currency: currencySchema })
    .parse(config);
  const { line_amount: line, previously_billed: earlier } = z
    .strictObject({ line_amount: numberSchema, previously_billed: numberSchema })
    .parse(usage);
  const takenOff = (amount: string) => {
    const price = { model: 'per_unit', unitAmount: '1' } as const;
    const { details } = rateUsage({ price, quantity: amount, fields: { maximum } });
    const capped = details.filter(({ ref }) => ref === 'maximum').map(({ amount: by }) => by.negated());
    return capped
      .map((by) => moneyFromDecimal(by, 'USD'))
      .reduce(addMoney, moneyFromDecimal(decimal(0), 'USD'));
  };
  const discount = subtractMoney(takenOff(plain(decimal(earlier).plus(line))), takenOff(earlier));
  return {
    expected: z.strictObject({ discount: numberSchema }).parse(expected).discount,
    actual: plain(discount),
  };
};

export const PRICE_ADAPTERS = {
  graduated: priced(tiered('graduated')),
  volume: priced(tiered('volume')),
  package: priced(packageSchema),
  standard: priced(standardSchema),
  graduated_from: tieredFrom('graduated'),
  volume_from: tieredFrom('volume'),
  metric_rounding: metricRounding,
  'graduated.total': priced(tiered('graduated')),
  'volume.tier': volumeTier,
  'package.count': packageCount,
  unit_conversion: unitConversion,
  free_units: freeUnits,
  'max_spend.discount': maximumDiscount,
} as const satisfies Record<string, Adapter>;
