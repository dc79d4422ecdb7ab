/**
 * What an invoice prints, in the names of the wire. Amounts are decimal strings in major units with the currency's
 * decimals, quantities and rates plain decimals, times RFC 3339. Fields that may be absent print nothing.
 */
export interface InvoiceDocument {
  readonly id: string;
  /** null until the invoice is finalized. */
  readonly number: string | null;
  readonly status: 'draft' | 'finalized' | 'paid' | 'void' | 'uncollectible';
  readonly currency: string;
  readonly period: InvoicePeriod;
  readonly issuedAt: string | null;
  readonly dueAt: string | null;
  readonly finalizedAt: string | null;
  readonly subtotal: string;
  readonly discountTotal: string;
  readonly taxTotal: string;
  readonly creditTotal: string;
  readonly total: string;
  readonly amountPaid: string;
  readonly amountDue: string;
  /** Every line of the invoice, not one page of them. */
  readonly lines: readonly InvoiceDocumentLine[];
  readonly linesNextCursor?: string | null;
}

/** Half-open: `to` is the first instant after it. */
export interface InvoicePeriod {
  readonly from: string;
  readonly to: string;
}

export interface InvoiceDocumentLine {
  readonly kind: 'usage' | 'recurring' | 'adjustment';
  readonly description: string;
  readonly period: InvoicePeriod;
  readonly quantity?: string | null;
  readonly unit?: string | null;
  readonly amount: string;
  readonly tiers?: readonly InvoiceDocumentTier[];
}

export interface InvoiceDocumentTier {
  /** null: without end. */
  readonly upTo: string | null;
  readonly quantity: string;
  readonly unitAmount?: string | null;
  readonly flatAmount?: string | null;
  readonly amount: string;
}

export interface InvoiceSeller {
  readonly name: string;
  readonly addressLines: readonly string[];
  readonly taxId?: string | null;
}

export interface InvoiceCustomer extends InvoiceSeller {
  readonly email?: string | null;
}

export type Paper = 'a4' | 'letter';
