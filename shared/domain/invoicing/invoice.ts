import type { CurrencyCode } from '../../kernel/currency.ts';
import type { Id } from '../../kernel/ids.ts';
import type { Money } from '../../kernel/money.ts';
import type { Period } from '../../kernel/period.ts';
import type { Segment } from '../subscriptions/segments.ts';

export type InvoiceId = Id<'inv'>;
export type InvoiceLineId = Id<'line'>;
export type InvoiceLineKind = 'usage' | 'recurring' | 'adjustment';

/** What of a subscription decides its amounts. */
export interface BillingTerms {
  readonly tenant: string;
  /** Keys. */
  readonly subscription: string;
  readonly customer: string;
  readonly currency: CurrencyCode;
  readonly planCurrency: CurrencyCode;
  /** IANA: whose days are counted where a charge is prorated by days. */
  readonly timeZone: string;
  /** Of the subscription, plain decimal text: multiplies recurring charges. */
  readonly quantity: string;
}

/** At which instant a subscription is billed, and for what: the identity of an invoice. */
export interface Closing {
  /** `period_start`: the first period begins, and only what is due in advance is billed. */
  readonly kind: 'period_start' | 'period_end';
  /** The period that ended; at `period_start` the one that begins. */
  readonly period: Period;
  /** 0, and one more for each invoice that takes the place of a void one. */
  readonly revision: number;
}

/** Which events made a quantity: how many, and SHA-256 in hex of their rows as evidence files have them. */
export interface EvidenceDigest {
  readonly sha256: string;
  readonly events: number;
}

/** What a meter counted for one charge in one segment. */
export interface Usage {
  /** Plain decimal text. */
  readonly quantity: string;
  /** What the meter counts in, if it says. */
  readonly unit: string | null;
  readonly meterVersion: number;
  readonly evidence: EvidenceDigest;
}

/** What all earlier invoices together have for one charge and segment. */
export interface Invoiced<Currency extends CurrencyCode = CurrencyCode> {
  /** Plain decimal text. */
  readonly quantity: string;
  readonly amount: Money<Currency>;
}

/** A part of a line's amount. Rates are as the price has them; amounts are shares of the line's, and add up to it. */
export interface InvoiceTier {
  readonly upTo: string | null;
  readonly quantity: string;
  readonly unitAmount: string | null;
  readonly flatAmount: string | null;
  readonly amount: Money;
}

export interface InvoiceLine {
  readonly id: InvoiceLineId;
  readonly kind: InvoiceLineKind;
  /** Key. */
  readonly charge: string;
  readonly description: string;
  /** Its period, the plan version that priced it, and the whole period that fixed amounts are prorated by. */
  readonly segment: Segment;
  /** Plain decimal text: what the meter counted; of a recurring charge, its own times the subscription's. */
  readonly quantity: string;
  readonly unit: string | null;
  readonly amount: Money;
  readonly meterVersion: number | null;
  /** None for an adjustment: a difference has no tiers. */
  readonly tiers: readonly InvoiceTier[];
  readonly evidence: EvidenceDigest | null;
  /** What an adjustment is the difference to; null for all other lines. */
  readonly invoiced: Invoiced | null;
}

/** In the currency of the invoice. total = subtotal - discountTotal + taxTotal - creditTotal. */
export interface InvoiceTotals {
  readonly subtotal: Money;
  readonly discountTotal: Money;
  readonly taxTotal: Money;
  readonly creditTotal: Money;
  readonly total: Money;
}

export interface Invoice {
  readonly id: InvoiceId;
  readonly terms: BillingTerms;
  readonly closing: Closing;
  /** At least one. */
  readonly lines: readonly InvoiceLine[];
  readonly totals: InvoiceTotals;
}
