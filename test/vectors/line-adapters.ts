import { z } from 'zod';
import type { PricedCharge } from '../../shared/domain/rating/charge.ts';
import type { Price } from '../../shared/domain/rating/price.ts';
import { decimal, sumExact } from '../../shared/kernel/decimal.ts';
import type { Adapter } from './adapter.ts';
import { toConversion, unitConversionSchema } from './conversion.ts';
import { byRef, differenceOf, type LineParts } from './line-difference.ts';
import { currencySchema, numberSchema, plain, rateUsage, tiersSchema } from './shapes.ts';

const MODIFIERS = {
  currency: currencySchema,
  min_amount: numberSchema.optional(),
  max_amount: numberSchema.optional(),
  discount_percent: numberSchema.optional(),
  free_units: numberSchema.optional(),
  unit_conversion: unitConversionSchema.nullable().default(null),
  ignore_minimum: z.boolean().default(false),
};

type Terms = { readonly price: Price; readonly fields: Partial<PricedCharge> };
type TermsSchema = z.ZodType<Terms>;

function toFields(config: z.infer<z.ZodObject<typeof MODIFIERS>>): Partial<PricedCharge> {
  const convert = toConversion(config.unit_conversion);
  const { min_amount: minimum, max_amount: maximum, free_units: includedUnits } = config;
  const percent = config.discount_percent;
  return {
    ...(convert === undefined ? {} : { convert }),
    ...(includedUnits === undefined ? {} : { includedUnits }),
    ...(percent === undefined ? {} : { discounts: [{ type: 'percent', percent }] }),
    ...(maximum === undefined ? {} : { maximum }),
    ...(minimum === undefined || config.ignore_minimum ? {} : { minimum }),
  };
}

const flatTerms: TermsSchema = z
  .strictObject({ amount: numberSchema, term: z.enum(['advance', 'arrears']), ...MODIFIERS })
  .transform((config) => ({ price: { model: 'flat', amount: config.amount }, fields: toFields(config) }));

const unitTerms: TermsSchema = z.strictObject({ unit: numberSchema, ...MODIFIERS }).transform((config) => ({
  price: { model: 'per_unit', unitAmount: config.unit },
  fields: toFields(config),
}));

const packageTerms: TermsSchema = z
  .strictObject({ amount: numberSchema, package_size: numberSchema, ...MODIFIERS })
  .transform((config) => ({
    price: { model: 'package', packageSize: config.package_size, packageAmount: config.amount },
    fields: toFields(config),
  }));

function tieredTerms(model: 'graduated' | 'volume'): TermsSchema {
  return z
    .strictObject({ tiers: tiersSchema, ...MODIFIERS })
    .transform((config) => ({ price: { model, tiers: config.tiers }, fields: toFields(config) }));
}

const lineSchema = z.strictObject({
  ref: z.string(),
  unit: numberSchema,
  quantity: numberSchema,
  amount: numberSchema,
  discount: numberSchema,
  charge: numberSchema,
  credits: z.literal('0').optional(),
  total: numberSchema,
  reversal: z.literal(true).optional(),
});
const sumOf = (texts: readonly string[]) => plain(sumExact(texts.map(decimal)));

/** A minimum is a line of its own, an amount is that of a price; discounts and charges are compared in sum. */
function toParts(lines: readonly z.infer<typeof lineSchema>[]): LineParts {
  return {
    lines: lines
      .filter(({ ref }) => ref !== 'min_spend')
      .map(({ ref, unit, quantity, amount }) => ({ ref, unit, quantity, amount }))
      .sort(byRef),
    discount: sumOf(lines.map(({ discount }) => discount)),
    charge: sumOf(lines.map(({ charge }) => charge)),
    total: sumOf(lines.map(({ total }) => total)),
  };
}

const splitSchema = z.strictObject({
  line: z.enum(['single', 'mid', 'last']),
  pre_units: numberSchema,
  units: numberSchema,
  previously_billed: numberSchema,
});
const expectedLinesSchema = z.strictObject({ lines: z.array(lineSchema), total: numberSchema });

/** One line of a period: its only or closing one is the amount of the total, one between is an increment. */
function line(termsSchema: TermsSchema): Adapter {
  return ({ config, usage, expected }) => {
    const terms = termsSchema.parse(config);
    const split = splitSchema.parse(usage);
    const { lines, total } = expectedLinesSchema.parse(expected);
    const units = decimal(split.pre_units).plus(split.units);
    if (split.line !== 'mid' && split.pre_units !== '0') throw new Error('units before a closing line');
    const before = split.line === 'mid' ? rateUsage({ ...terms, quantity: split.pre_units }) : null;
    const after = rateUsage({ ...terms, quantity: units });
    const actual = differenceOf(before, after);
    return {
      expected: { parts: toParts(lines), total: plain(total) },
      actual: { parts: actual, total: actual.total },
    };
  };
}

const phaseSchema = z.strictObject({ from: z.string(), to: z.string(), cumulative_units: numberSchema });
const expectedPhaseSchema = z.strictObject({
  lines: z.array(lineSchema),
  amount: numberSchema,
  discount: numberSchema,
  charge: numberSchema,
  total: numberSchema,
});
const expectedPhasesSchema = z.strictObject({ phases: z.array(expectedPhaseSchema), total: numberSchema });

/** What each phase adds to those before; the minimum is asked for at the end of the period only. */
function rerated(termsSchema: TermsSchema): Adapter {
  return ({ config, usage, expected }) => {
    const { price, fields } = termsSchema.parse(config);
    const { phases } = z.strictObject({ phases: z.array(phaseSchema) }).parse(usage);
    const { minimum: _, ...running } = fields;
    const rated = phases.map(({ cumulative_units: quantity }, index) =>
      rateUsage({ price, quantity, fields: index === phases.length - 1 ? fields : running }),
    );
    const wanted = expectedPhasesSchema.parse(expected);
    const actual = rated.map((after, index) => {
      const parts = differenceOf(rated[index - 1] ?? null, after);
      const lines = parts.lines.filter(({ amount }) => amount !== '0');
      const { discount, charge, total } = parts;
      const amount = sumOf(lines.map((priced) => priced.amount));
      return { parts: { ...parts, lines }, sums: { amount, discount, charge, total } };
    });
    const last = rated.at(-1);
    return {
      expected: {
        phases: wanted.phases.map(({ lines, amount, discount, charge, total }) => ({
          parts: toParts(lines),
          sums: {
            amount: plain(amount),
            discount: plain(discount),
            charge: plain(charge),
            total: plain(total),
          },
        })),
        total: plain(wanted.total),
      },
      actual: { phases: actual, total: last === undefined ? null : plain(last.amount) },
    };
  };
}

export const LINE_ADAPTERS = {
  'line.flat': line(flatTerms),
  'line.unit': line(unitTerms),
  'line.graduated': line(tieredTerms('graduated')),
  'line.volume': line(tieredTerms('volume')),
  'line.package': line(packageTerms),
  'rerate.delta.unit': rerated(unitTerms),
  'rerate.delta.package': rerated(packageTerms),
  'rerate.delta.graduated': rerated(tieredTerms('graduated')),
  'rerate.delta.volume': rerated(tieredTerms('volume')),
} as const satisfies Record<string, Adapter>;
