import type { Invoice, InvoiceLine } from '../../domain/invoicing/invoice.ts';
import {
  type InvoiceHead,
  type InvoiceJson,
  invoiceJson,
  invoiceLineJson,
} from '../../domain/invoicing/invoice-json.ts';
import { LIMITS } from '../../kernel/limits.ts';

export interface ShownInvoice {
  readonly invoice: Invoice;
  readonly head: InvoiceHead;
}

/** Prints an invoice with all its lines as PDF. */
export type RenderInvoicePdf = (input: {
  readonly invoice: InvoiceJson;
  readonly seller: { readonly name: string };
  readonly customer: { readonly name: string };
  readonly paper: 'a4' | 'letter';
}) => Promise<Uint8Array>;

/** With all lines. */
export function wholeInvoiceJson(shown: ShownInvoice): InvoiceJson {
  return invoiceJson(shown);
}

/** With its first lines; `cursorAt` makes the cursor from the position where the others begin. */
export function firstLinesJson(
  { invoice, head }: ShownInvoice,
  cursorAt: (position: number) => string,
): InvoiceJson {
  const lines = invoice.lines.slice(0, LIMITS.pageSizeMax);
  const linesNextCursor = lines.length < invoice.lines.length ? cursorAt(lines.length) : null;
  return invoiceJson({ invoice, head, lines, linesNextCursor });
}

export function linesJson(lines: readonly InvoiceLine[]) {
  return lines.map(invoiceLineJson);
}
