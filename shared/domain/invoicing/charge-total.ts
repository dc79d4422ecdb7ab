import { LIMITS } from '../../kernel/limits.ts';
import type { Money } from '../../kernel/money.ts';
import { fractionText } from '../rating/fraction.ts';
import type { BillingTerms, InvoiceTier } from './invoice.ts';
import { invoiceTiers } from './invoice-tiers.ts';
import { type LineBasis, rateBasis } from './rate-line.ts';

/** What one amount is made of. */
export type ChargeBasis = Omit<LineBasis, 'invoiced'>;

/** The absolute amount of a charge in a segment: what all its invoices together come to. */
export interface ChargeTotal {
  /** Plain decimal text: what the meter counted; of a recurring charge, its own times the subscription's. */
  readonly quantity: string;
  readonly unit: string | null;
  readonly meterVersion: number | null;
  /** Before rounding to the currency, to 28 decimals: plain decimal text. */
  readonly unrounded: string;
  readonly amount: Money;
  readonly tiers: readonly InvoiceTier[];
}

/** The amount as a line of an invoice would have it. Throws where there is no such amount. */
export function chargeTotal(terms: BillingTerms, basis: ChargeBasis): ChargeTotal {
  const { quantity, rated } = rateBasis(terms, basis);
  return {
    quantity,
    unit: basis.usage?.unit ?? null,
    meterVersion: basis.usage?.meterVersion ?? null,
    unrounded: fractionText(rated.due, LIMITS.ratedScale),
    amount: rated.amount,
    tiers: invoiceTiers(rated.lines, rated.amount),
  };
}
