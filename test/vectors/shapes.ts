import { z } from 'zod';
import type { PricedCharge } from '../../shared/domain/rating/charge.ts';
import type { Price, Tier } from '../../shared/domain/rating/price.ts';
import { type Rated, rateCharge } from '../../shared/domain/rating/rate-charge.ts';
import { CURRENCIES, type CurrencyCode } from '../../shared/kernel/currency.ts';
import { type Decimal, decimal, decimalText } from '../../shared/kernel/decimal.ts';
import { type Money, money, moneyText } from '../../shared/kernel/money.ts';

export const numberSchema = z.string().regex(/^-?\d+(?:\.\d+)?$/);
export const currencySchema = z.enum(CURRENCIES);
export const unitsSchema = z.strictObject({ units: numberSchema });

export const tiersSchema = z
  .array(
    z.strictObject({
      up_to: numberSchema.nullable(),
      unit: numberSchema.optional(),
      flat: numberSchema.optional(),
    }),
  )
  .transform((tiers) =>
    tiers.map(
      ({ up_to: upTo, unit, flat }): Tier => ({
        upTo,
        ...(unit === undefined ? {} : { unitAmount: unit }),
        ...(flat === undefined ? {} : { flatAmount: flat }),
      }),
    ),
  );

/** A usage charge. */
export function rateUsage<Currency extends CurrencyCode = 'USD'>(input: {
  readonly price: Price;
  readonly quantity: string | Decimal;
  readonly currency?: Currency;
  readonly fields?: Partial<PricedCharge>;
}): Rated<Currency | 'USD'> {
  return rateCharge({
    charge: { key: 'charge', meter: 'meter', price: input.price, ...input.fields },
    currency: input.currency ?? 'USD',
    quantity: decimal(input.quantity),
  });
}

/** One spelling of a number, for comparison. */
export function plain(value: string | Decimal | Money): string {
  return typeof value === 'object' && 'minor' in value
    ? decimalText(decimal(moneyText(value)))
    : decimalText(decimal(value));
}

/** Cents as dollars. */
export function majorUnits(cents: string): string {
  return moneyText(money(BigInt(cents), 'USD'));
}
