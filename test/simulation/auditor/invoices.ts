/** What the auditor reads of an invoice. */
export interface ListedInvoice {
  readonly id: string;
  readonly number: string | null;
  readonly status: string;
  readonly customer: string;
  readonly period: { readonly from: string; readonly to: string };
  readonly finalizedAt: string | null;
  readonly subtotal: string;
  readonly total: string;
  readonly lines: readonly ListedLine[];
  readonly linesNextCursor: string | null;
}

export interface ListedLine {
  readonly id: string;
  readonly kind: 'usage' | 'recurring' | 'adjustment';
  readonly charge: string;
  readonly period: { readonly from: string; readonly to: string };
  readonly quantity: string;
  readonly amount: string;
  readonly planVersion: number;
  readonly evidence: { readonly sha256: string; readonly events: number } | null;
}

/** An event in the evidence of a line. */
export interface EvidenceEvent {
  readonly kind: 'event';
  readonly source: string;
  readonly id: string;
  readonly time: string;
  readonly quantity: string;
  readonly uniqueKey: string;
}
