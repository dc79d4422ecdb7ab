import { dateFigure, periodFigure } from './dates.ts';
import { moneyFigure } from './figures.ts';
import type { InvoiceCustomer, InvoiceDocument, InvoiceSeller } from './invoice-document.ts';
import { gap, type Row, rowOfColumns, rowsOfColumns, withRule } from './rows.ts';
import { type Sheet, STYLES, type Style } from './styles.ts';
import type { TextLine, Typesetter } from './typesetter.ts';

const RIGHT_COLUMN_PT = 220;
const GUTTER_PT = 24;
const META_LABEL_PT = 84;

/** What an invoice is called apart from itself. */
export function invoiceTitle({ number }: InvoiceDocument): string {
  return number === null ? 'Draft invoice' : `Invoice ${number}`;
}

interface HeadingInput {
  readonly invoice: InvoiceDocument;
  readonly seller: InvoiceSeller;
  readonly customer: InvoiceCustomer;
  readonly timeZone: string;
  readonly sheet: Sheet;
  readonly typesetter: Typesetter;
}

/** Who bills whom, for which time, what is due and when: everything above the table. */
export function headingRows(input: HeadingInput): readonly Row[] {
  const { leftPt, rightPt } = input.sheet;
  const leftWidthPt = rightPt - leftPt - RIGHT_COLUMN_PT - GUTTER_PT;
  const partyLines = (texts: readonly PartyText[]) =>
    texts.flatMap(([text, style]) => input.typesetter.lines(text, style, leftWidthPt));
  const seller = rowsOfColumns([
    { lines: partyLines(sellerTexts(input.seller)), xPt: leftPt, align: 'left' },
    { lines: titleLines(input), xPt: rightPt, align: 'right' },
  ]);
  const meta = metaLines(input);
  const customer = rowsOfColumns([
    { lines: partyLines(customerTexts(input.customer)), xPt: leftPt, align: 'left' },
    { lines: meta.labels, xPt: rightPt - RIGHT_COLUMN_PT, align: 'left' },
    { lines: meta.values, xPt: rightPt, align: 'right' },
  ]);
  const divider = withRule(gap(12), { side: 'top', kind: 'hairline', fromPt: leftPt, toPt: rightPt });
  return [...seller, gap(12), divider, ...customer, gap(12), ...dueRows(input), gap(6)];
}

type PartyText = readonly [text: string, style: Style];

function sellerTexts({ name, addressLines, taxId }: InvoiceSeller): readonly PartyText[] {
  return [
    [name, STYLES.name],
    ...addressLines.map((line) => [line, STYLES.muted] as const),
    ...(taxId ? [[`Tax ID ${taxId}`, STYLES.muted] as const] : []),
  ];
}

function customerTexts({ name, addressLines, taxId, email }: InvoiceCustomer): readonly PartyText[] {
  return [
    ['Bill to', STYLES.label],
    [name, STYLES.strong],
    ...addressLines.map((line) => [line, STYLES.muted] as const),
    ...(taxId ? [[`Tax ID ${taxId}`, STYLES.muted] as const] : []),
    ...(email ? [[email, STYLES.muted] as const] : []),
  ];
}

function titleLines({ invoice, typesetter }: HeadingInput): readonly TextLine[] {
  const state = invoice.status === 'void' ? ' (void)' : invoice.status === 'paid' ? ' (paid)' : '';
  return [
    ...typesetter.lines('Invoice', STYLES.title, RIGHT_COLUMN_PT),
    ...typesetter.lines(`${invoice.number ?? 'Draft'}${state}`, STYLES.number, RIGHT_COLUMN_PT),
  ];
}

/** A value that takes several lines leaves as many beside its label empty. */
function metaLines(input: HeadingInput): { readonly labels: TextLine[]; readonly values: TextLine[] } {
  const { invoice, timeZone, typesetter } = input;
  const entries: readonly (readonly [string, string | null])[] = [
    ['Issue date', invoice.issuedAt && dateFigure(invoice.issuedAt, timeZone)],
    ['Due date', invoice.dueAt && dateFigure(invoice.dueAt, timeZone)],
    ['Billing period', periodFigure(invoice.period, timeZone)],
  ];
  const labels: TextLine[] = [];
  const values: TextLine[] = [];
  const blank: TextLine = { runs: [], widthPt: 0, style: STYLES.body };
  for (const [label, value] of entries) {
    if (value === null) continue;
    const lines = typesetter.lines(value, STYLES.body, RIGHT_COLUMN_PT - META_LABEL_PT);
    labels.push(...typesetter.lines(label, STYLES.label, META_LABEL_PT));
    values.push(...lines);
    while (labels.length < values.length) labels.push(blank);
  }
  return { labels, values };
}

/** The one figure that most readers look for. */
function dueRows({ invoice, sheet, timeZone, typesetter }: HeadingInput): readonly Row[] {
  if (invoice.status === 'void') return [];
  const amount = moneyFigure(invoice.amountDue, invoice.currency);
  const text =
    invoice.status === 'draft'
      ? amount
      : invoice.status === 'paid' || invoice.dueAt === null
        ? `${amount} due`
        : `${amount} due ${dateFigure(invoice.dueAt, timeZone)}`;
  const lines = typesetter.lines(text, STYLES.due, sheet.rightPt - sheet.leftPt);
  return lines.map((line) => rowOfColumns([{ lines: [line], xPt: sheet.leftPt, align: 'left' }]));
}
