import { canonicalJson } from '../../kernel/canonical-json.ts';
import { idOfContent } from '../../kernel/ids.ts';
import type { Segment } from '../subscriptions/segments.ts';
import type { BillingTerms, Closing, InvoiceId, InvoiceLineId, InvoiceLineKind } from './invoice.ts';

/** The same for every attempt to bill the same closing instant, so that no two invoices can come of it. */
export function invoiceId(
  { tenant, subscription }: Pick<BillingTerms, 'tenant' | 'subscription'>,
  { kind, period, revision }: Closing,
): InvoiceId {
  const { startMs, endMs } = period;
  return idOfContent('inv', canonicalJson([tenant, subscription, startMs, endMs, kind, revision]));
}

/** Unique in the tenant: an invoice has at most one line of a kind for a charge and segment. */
export function invoiceLineId(line: {
  readonly invoice: InvoiceId;
  readonly kind: InvoiceLineKind;
  readonly charge: string;
  readonly segment: Segment;
}): InvoiceLineId {
  const { version, startMs, endMs } = line.segment;
  return idOfContent('line', canonicalJson([line.invoice, line.kind, line.charge, version, startMs, endMs]));
}
