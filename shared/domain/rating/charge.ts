import type { CurrencyCode } from '../../kernel/currency.ts';
import type { Price } from './price.ts';

export type ChargeKind = 'usage' | 'recurring';

/** Quantity * multiplyBy / divideBy (1), then rounded to `scale` (0) decimals as `round` says (none). */
export interface Conversion {
  readonly divideBy?: string;
  readonly multiplyBy?: string;
  readonly round?: 'up' | 'down' | 'half_up' | 'none';
  readonly scale?: number;
}

export type Discount =
  | { readonly type: 'percent'; readonly percent: string }
  | { readonly type: 'amount'; readonly amount: string }
  | { readonly type: 'units'; readonly units: string };

/** One charge of a plan version, as clients write it: what is absent has its default. Numbers are plain decimal text. */
export interface Charge {
  readonly key: string;
  readonly name?: string;
  readonly kind?: ChargeKind;
  readonly meter?: string;
  /** Dimension of the meter to the values that count. */
  readonly filters?: Readonly<Record<string, readonly string[]>>;
  /** In the currency of the plan. */
  readonly price: Price;
  /** In other currencies. */
  readonly prices?: Readonly<Partial<Record<CurrencyCode, Price>>>;
  readonly convert?: Conversion;
  readonly includedUnits?: string;
  readonly discounts?: readonly Discount[];
  readonly maximum?: string;
  readonly minimum?: string;
  readonly timing?: 'advance' | 'arrears';
  readonly proration?: 'second' | 'day' | 'none';
  /** Of a recurring charge: so many for each of the subscription's. */
  readonly quantity?: string;
  readonly taxCode?: string;
}

/** A charge in one currency: what can be rated. */
export type PricedCharge = Omit<Charge, 'prices'> & { readonly prices?: never };

type WithKind = Pick<Charge, 'kind' | 'meter'>;

/** Usage if there is a meter, unless the charge says otherwise. */
export function kindOf(charge: WithKind): ChargeKind {
  return charge.kind ?? (charge.meter === undefined ? 'recurring' : 'usage');
}

/** Usage in arrears, recurring charges in advance, unless the charge says otherwise. */
export function timingOf(charge: WithKind & Pick<Charge, 'timing'>): 'advance' | 'arrears' {
  return charge.timing ?? (kindOf(charge) === 'usage' ? 'arrears' : 'advance');
}

export function prorationOf(charge: Pick<Charge, 'proration'>): 'second' | 'day' | 'none' {
  return charge.proration ?? 'second';
}

/** The charge with its price in this currency alone; null if it has none: another currency's is never taken for it. */
export function chargeInCurrency(input: {
  readonly charge: Charge;
  readonly planCurrency: CurrencyCode;
  readonly currency: CurrencyCode;
}): PricedCharge | null {
  const { charge } = input;
  if (input.currency === input.planCurrency && !('prices' in charge)) return charge as PricedCharge;
  const { prices, price, ...rest } = charge;
  const found = input.currency === input.planCurrency ? price : prices?.[input.currency];
  return found === undefined ? null : { ...rest, price: found };
}
