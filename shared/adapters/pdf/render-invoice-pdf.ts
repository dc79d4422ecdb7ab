import { assert } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { instantMs } from './dates.ts';
import type { ReadFont } from './font-files.ts';
import { headingRows, invoiceTitle } from './heading.ts';
import type { InvoiceCustomer, InvoiceDocument, InvoiceSeller, Paper } from './invoice-document.ts';
import { fillPages } from './pages.ts';
import { createPrinter } from './print.ts';
import { sheetOf } from './styles.ts';
import { invoiceTable } from './table.ts';
import { totalsBlock } from './totals.ts';
import { loadTypefaces } from './typefaces.ts';
import { createTypesetter } from './typesetter.ts';

/**
 * Prints an invoice as PDF. The same input gives the same bytes: nothing is asked of the clock, of chance or of the
 * machine's time zone; dates are those of `timeZone` (IANA name, UTC unless given), and the file's times are when the
 * invoice was finalized, or a draft was issued. Rejects when a font cannot be read; throws InvariantError for an
 * invoice that is not whole (a page of its lines, a figure that is no plain decimal) instead of printing a part.
 */
export async function renderInvoicePdf(input: {
  readonly invoice: InvoiceDocument;
  readonly seller: InvoiceSeller;
  readonly customer: InvoiceCustomer;
  readonly paper: Paper;
  readonly readFont: ReadFont;
  readonly timeZone?: string;
}): Promise<Uint8Array> {
  const { invoice, seller, customer, timeZone = 'UTC' } = input;
  assert(
    invoice.linesNextCursor === undefined || invoice.linesNextCursor === null,
    'an invoice prints whole',
  );
  assert(invoice.lines.length <= LIMITS.invoicePdfLines, 'an invoice has too many lines to print');
  const sheet = sheetOf(input.paper);
  const typefaces = await loadTypefaces({
    readFont: input.readFont,
    texts: textsOf({ invoice, seller, customer }),
  });
  const printer = createPrinter({
    typefaces,
    sheet,
    title: invoiceTitle(invoice),
    author: seller.name,
    subject: invoice.id,
    createdMs: instantMs(invoice.finalizedAt ?? invoice.issuedAt ?? invoice.period.to),
  });
  const typesetter = createTypesetter({ typefaces, measureRun: printer.measureRun });
  const table = invoiceTable({ invoice, timeZone, sheet, typesetter });
  const heading = headingRows({ invoice, seller, customer, timeZone, sheet, typesetter });
  const pages = fillPages({
    blocks: [{ rows: heading, isTable: false }, ...table.blocks, totalsBlock({ invoice, sheet, typesetter })],
    tableHeader: table.header,
    heightPt: sheet.bottomPt - sheet.topPt,
  });
  return await printer.finish({
    pages,
    footer: `${invoiceTitle(invoice)} – ${seller.name}`,
    typesetter,
  });
}

/** Every text that others wrote; figures and our own words need no more than Latin. */
function textsOf(input: {
  readonly invoice: InvoiceDocument;
  readonly seller: InvoiceSeller;
  readonly customer: InvoiceCustomer;
}): readonly string[] {
  const { invoice, seller, customer } = input;
  const parties = [seller, customer].flatMap(({ name, addressLines, taxId }) => [
    name,
    ...addressLines,
    taxId ?? '',
  ]);
  const lines = invoice.lines.flatMap(({ description, unit }) => [description, unit ?? '']);
  return [invoice.number ?? '', customer.email ?? '', ...parties, ...lines];
}
