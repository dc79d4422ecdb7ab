import { z } from 'zod';
import type { PricedCharge } from '../../shared/domain/rating/charge.ts';
import { type Rated, rateCharge } from '../../shared/domain/rating/rate-charge.ts';
import type { CurrencyCode } from '../../shared/kernel/currency.ts';
import { decimal, roundHalfAwayFromZero } from '../../shared/kernel/decimal.ts';
import { addMoney, money, negateMoney } from '../../shared/kernel/money.ts';
import type { Adapter } from './adapter.ts';
import { currencySchema, majorUnits, numberSchema, plain } from './shapes.ts';

interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const dateSchema = z.iso.date().transform((text) => Date.parse(text));
const periodSchema = z.tuple([dateSchema, dateSchema]);
const days = (numerator: number, denominator: number): Ratio => ({
  numerator: BigInt(numerator),
  denominator: BigInt(denominator),
});
/** The stretch as a part of the whole, in milliseconds. */
const partOf = (stretch: readonly [number, number], whole: readonly [number, number]): Ratio =>
  days(stretch[1] - stretch[0], whole[1] - whole[0]);

/** A fee, in cents. */
function rateFee(cents: string, ratio: Ratio, fields: Partial<PricedCharge> = {}): Rated<'USD'> {
  const charge = { key: 'fee', price: { model: 'flat', amount: majorUnits(cents) }, ...fields } as const;
  return rateCharge({ charge, currency: 'USD', ratio });
}

const recurringDays: Adapter = ({ config, usage, expected }) => {
  const { price_minor: cents, period_days: length } = z
    .strictObject({ price_minor: numberSchema, period_days: z.int() })
    .parse(config);
  const { billable_days: billed } = z.strictObject({ billable_days: z.int() }).parse(usage);
  const wanted = z
    .strictObject({ amount_minor: numberSchema, precise_minor_round7: numberSchema })
    .parse(expected);
  const rated = rateFee(cents, days(billed, length));
  return {
    expected: wanted,
    actual: {
      amount_minor: rated.amount.minor.toString(),
      precise_minor_round7: plain(roundHalfAwayFromZero(rated.unrounded.times(decimal(100)), 7)),
    },
  };
};

const planPeriodSchema = z.object({ period_start: dateSchema, period_end_exclusive: dateSchema });
const changeSchema = z.strictObject({ changed_on: dateSchema });

function remaining(period: z.infer<typeof planPeriodSchema>, usage: unknown): Ratio {
  const { period_start: start, period_end_exclusive: end } = period;
  return partOf([changeSchema.parse(usage).changed_on, end], [start, end]);
}

const planChange: Adapter = ({ config, usage, expected }) => {
  const parsed = planPeriodSchema
    .extend({ old_minor: numberSchema, new_minor: numberSchema })
    .strict()
    .parse(config);
  const ratio = remaining(parsed, usage);
  const credit = negateMoney(rateFee(parsed.old_minor, ratio).amount);
  const charge = rateFee(parsed.new_minor, ratio).amount;
  return {
    expected,
    actual: {
      credit_minor: credit.minor.toString(),
      charge_minor: charge.minor.toString(),
      net_minor: addMoney(credit, charge).minor.toString(),
    },
  };
};

const planChangeOfMany: Adapter = ({ config, usage, expected }) => {
  const parsed = planPeriodSchema
    .extend({
      matched: z.array(z.strictObject({ old_minor: numberSchema, new_minor: numberSchema })),
      added_minor: z.array(numberSchema),
      removed_minor: z.array(numberSchema),
    })
    .strict()
    .parse(config);
  const ratio = remaining(parsed, usage);
  const begun = [...parsed.matched.map((pair) => pair.new_minor), ...parsed.added_minor];
  const ended = [...parsed.matched.map((pair) => pair.old_minor), ...parsed.removed_minor];
  const net = [
    ...begun.map((cents) => rateFee(cents, ratio).amount),
    ...ended.map((cents) => negateMoney(rateFee(cents, ratio).amount)),
  ].reduce(addMoney, money(0n, 'USD'));
  return { expected, actual: { net_minor: net.minor.toString() } };
};

const oneTime: Adapter = ({ config, usage, expected }) => {
  const parsed = planPeriodSchema
    .extend({ price_minor: numberSchema, quantity: z.int() })
    .strict()
    .parse(config);
  const fields = { quantity: String(parsed.quantity), proration: 'none' } as const;
  const { amount } = rateFee(parsed.price_minor, remaining(parsed, usage), fields);
  return { expected, actual: { charge_minor: amount.minor.toString() } };
};

const otherCadence: Adapter = ({ config, usage, expected }) => {
  const { price_minor: cents, component_period_nominal_days: length } = z
    .strictObject({ price_minor: numberSchema, component_period_nominal_days: z.int() })
    .parse(config);
  const { days_remaining: rest } = z.strictObject({ days_remaining: z.int() }).parse(usage);
  return {
    expected,
    actual: { charge_minor: rateFee(cents, days(rest, length)).amount.minor.toString() },
  };
};

const proratedFlat: Adapter = ({ config, usage, expected }) => {
  const { amount, currency } = z
    .strictObject({ amount: numberSchema, currency: currencySchema, enabled: z.literal(true) })
    .parse(config);
  const { service_period: service, full_period: full } = z
    .strictObject({ service_period: periodSchema, full_period: periodSchema })
    .parse(usage);
  const charge = { key: 'fee', price: { model: 'flat', amount } } as const;
  const rated = rateCharge<CurrencyCode>({ charge, currency, ratio: partOf(service, full) });
  return {
    expected: plain(z.strictObject({ amount: numberSchema }).parse(expected).amount),
    actual: plain(rated.amount),
  };
};

export const PERIOD_ADAPTERS = {
  recurring_proration_days: recurringDays,
  plan_change_proration: planChange,
  plan_change_proration_multi: planChangeOfMany,
  one_time_added_mid_period: oneTime,
  component_other_cadence_proration: otherCadence,
  'proration.flat': proratedFlat,
} as const satisfies Record<string, Adapter>;
