import { z } from 'zod';
import { LIMITS } from '../../kernel/limits.ts';
import { keySchema, nameSchema, PLAIN_TEXT, PLAIN_TEXT_MESSAGE } from './common.ts';
import { currencySchema } from './customers.ts';

/** Shapes only: what numbers and combinations are right is said by shared/domain/rating. */

/** Money and quantities: plain decimal text, whose size and sign belong to the rules of its field. */
const decimalSchema = z
  .string()
  .max(LIMITS.decimalTextLength)
  .regex(/^-?\d+(?:\.\d+)?$/, 'must be a plain decimal, such as 0.05')
  .meta({ description: 'A plain decimal.', example: '0.05' });

const tierSchema = z
  .strictObject({
    upTo: decimalSchema
      .nullable()
      .meta({ description: 'Belongs to the tier; null: no bound, only the last.', example: '1000000' }),
    unitAmount: z.exactOptional(decimalSchema),
    flatAmount: z.exactOptional(decimalSchema),
  })
  .meta({ id: 'Tier' });

const flatSchema = z.strictObject({ model: z.literal('flat'), amount: decimalSchema });
const perUnitSchema = z.strictObject({ model: z.literal('per_unit'), unitAmount: decimalSchema });
const graduatedSchema = z.strictObject({ model: z.literal('graduated'), tiers: z.array(tierSchema) });
const volumeSchema = z.strictObject({ model: z.literal('volume'), tiers: z.array(tierSchema) });
const packageSchema = z.strictObject({
  model: z.literal('package'),
  packageSize: decimalSchema,
  packageAmount: decimalSchema,
  freeUnits: z.exactOptional(decimalSchema),
  rounding: z.exactOptional(z.enum(['up', 'down'])),
});

const MODELS = [flatSchema, perUnitSchema, graduatedSchema, volumeSchema, packageSchema] as const;
const MODEL_NAMES: ReadonlySet<unknown> = new Set(MODELS.map(({ shape }) => shape.model.value));

/** A model that we do not know is told apart from a wrong shape: the price may be right, and we too old for it. */
function refuseOtherModels(value: unknown, context: z.core.$RefinementCtx): unknown {
  if (typeof value !== 'object' || value === null || !('model' in value)) return value;
  const { model } = value;
  if (typeof model !== 'string' || MODEL_NAMES.has(model)) return value;
  const message = `must be one of ${[...MODEL_NAMES].join(', ')}`;
  context.addIssue({ code: 'custom', path: ['model'], message, params: { code: 'price.unsupported_model' } });
  return z.NEVER;
}

const priceSchema = z.preprocess(
  refuseOtherModels,
  z.discriminatedUnion('model', MODELS).meta({ id: 'Price' }),
);

const conversionSchema = z
  .strictObject({
    divideBy: z.exactOptional(decimalSchema),
    multiplyBy: z.exactOptional(decimalSchema),
    round: z.exactOptional(z.enum(['up', 'down', 'half_up', 'none'])),
    scale: z.exactOptional(z.int()),
  })
  .meta({ id: 'Conversion' });

const discountSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('percent'), percent: decimalSchema }),
    z.strictObject({ type: z.literal('amount'), amount: decimalSchema }),
    z.strictObject({ type: z.literal('units'), units: decimalSchema }),
  ])
  .meta({ id: 'Discount' });

/** zod would leave this name out without a word, and what it filters or prices with it. */
function refuseProto(value: unknown, context: z.core.$RefinementCtx): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, '__proto__')) return value;
  context.addIssue({ code: 'custom', path: ['__proto__'], message: 'cannot be a name here' });
  return z.NEVER;
}

const filterValuesSchema = z
  .array(
    z
      .string()
      .max(LIMITS.dimensionValueLength)
      .regex(/^\P{Cs}*$/u, 'must not hold lone surrogates')
      .meta({ example: 'large' }),
  )
  .min(1)
  .max(LIMITS.filterValuesPerDimension);

const filtersSchema = z.preprocess(
  refuseProto,
  z
    .record(z.string().max(LIMITS.keyLength), filterValuesSchema)
    .refine((value) => Object.keys(value).length <= LIMITS.dimensionsPerMeter, {
      error: `must have at most ${LIMITS.dimensionsPerMeter} dimensions`,
    })
    .meta({
      description: 'Dimension of the meter to the values that count.',
      example: { model: ['large'] },
    }),
);

const pricesSchema = z.preprocess(
  refuseProto,
  z.record(currencySchema, priceSchema).meta({ description: 'In currencies other than that of the plan.' }),
);

const taxCodeSchema = z
  .string()
  .min(1)
  .max(LIMITS.keyLength)
  .regex(PLAIN_TEXT, PLAIN_TEXT_MESSAGE)
  .meta({ example: 'saas' });

const chargeSchema = z
  .strictObject({
    key: keySchema,
    name: z.exactOptional(nameSchema.meta({ example: 'Input tokens' })),
    kind: z.exactOptional(z.enum(['usage', 'recurring'])).meta({ description: 'Usage if there is a meter.' }),
    meter: z.exactOptional(keySchema),
    filters: z.exactOptional(filtersSchema),
    price: priceSchema,
    prices: z.exactOptional(pricesSchema),
    convert: z.exactOptional(conversionSchema),
    includedUnits: z.exactOptional(decimalSchema),
    discounts: z.exactOptional(z.array(discountSchema)),
    maximum: z.exactOptional(decimalSchema),
    minimum: z.exactOptional(decimalSchema),
    timing: z.exactOptional(z.enum(['advance', 'arrears'])),
    proration: z.exactOptional(z.enum(['second', 'day', 'none'])),
    quantity: z.exactOptional(decimalSchema),
    taxCode: z.exactOptional(taxCodeSchema),
  })
  .meta({ id: 'Charge', description: 'What is absent has its default; it is kept as it was sent.' });

export const chargesSchema = z
  .array(chargeSchema)
  .min(1)
  .max(LIMITS.chargesPerVersion)
  .meta({
    example: [
      { key: 'fee', name: 'Platform fee', timing: 'arrears', price: { model: 'flat', amount: '20.00' } },
      {
        key: 'input_tokens',
        meter: 'input_tokens',
        price: {
          model: 'graduated',
          tiers: [
            { upTo: '1000000', unitAmount: '0.000003' },
            { upTo: null, unitAmount: '0.000002' },
          ],
        },
      },
    ],
  });

/** What can be wrong with charges of the right shape. */
export const CHARGE_ERRORS = [
  'plan.duplicate_charge',
  'plan.too_large',
  'price.unsupported_model',
  'price.negative',
  'price.not_positive',
  'price.too_many_decimals',
  'price.too_many_digits',
  'price.no_tiers',
  'price.too_many_tiers',
  'price.tiers_not_rising',
  'price.open_tier_not_last',
  'price.last_tier_not_open',
  'price.tier_without_amount',
  'price.scale_out_of_range',
  'price.percent_out_of_range',
  'price.too_many_discounts',
  'price.minimum_above_maximum',
  'price.meter_required',
  'price.meter_not_allowed',
  'price.filters_without_meter',
  'price.quantity_not_allowed',
  'price.advance_usage',
  'price.plan_currency_repeated',
  'price.amount_in_one_currency',
] as const;
