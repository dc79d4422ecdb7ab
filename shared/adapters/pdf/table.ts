import { isSamePeriod, periodFigure } from './dates.ts';
import { groupedFigure, isZero, moneyFigure } from './figures.ts';
import type { InvoiceDocument, InvoiceDocumentLine, InvoiceDocumentTier } from './invoice-document.ts';
import type { Block } from './pages.ts';
import { type Column, type Row, rowOfColumns, withRule } from './rows.ts';
import { type Sheet, STYLES, type Style } from './styles.ts';
import type { TextLine, Typesetter } from './typesetter.ts';

interface TableInput {
  readonly invoice: InvoiceDocument;
  readonly timeZone: string;
  readonly sheet: Sheet;
  readonly typesetter: Typesetter;
}

/** What a row says: description, quantity, amount. */
interface RowTexts {
  readonly cells: readonly [string, string, string];
  readonly style: Style;
  readonly indentPt: number;
}

const COLUMN_GAP_PT = 18;
const INDENT_PT = 10;
const PADDING_PT = 2.2;
const FIGURE_PT_MIN = 80;
/** A figure that is longer goes on in the next line: unusual, but never cut. */
const FIGURE_PART_MAX = 0.3;
const HEADER = ['Description', 'Quantity', 'Amount'] as const;
/** A description may be longer than a page; then its row is several, of at most so many lines. */
const LINES_PER_ROW = 36;

/** The table's header, and a block an invoice line: itself, its own period, its tiers. */
export function invoiceTable(input: TableInput): { readonly header: Row; readonly blocks: readonly Block[] } {
  const texts = input.invoice.lines.map((line) => rowTexts(line, input));
  const widths = columnWidths(texts.flat(), input);
  const rowsOf = (row: RowTexts, padding: { topPt: number; bottomPt: number }) =>
    tableRows({ row, widths, padding, ...input });
  const edges = { fromPt: input.sheet.leftPt, toPt: input.sheet.rightPt };
  const [header] = rowsOf({ cells: HEADER, style: STYLES.label, indentPt: 0 }, { topPt: 2, bottomPt: 3 });
  const blocks = texts.map((rows) => {
    const last = rows.length - 1;
    const placed = rows.flatMap((row, index) =>
      rowsOf(row, { topPt: index === 0 ? PADDING_PT : 0, bottomPt: index === last ? PADDING_PT : 0 }),
    );
    return {
      rows: placed.map((row, index) =>
        index === placed.length - 1 ? withRule(row, { side: 'bottom', kind: 'hairline', ...edges }) : row,
      ),
      isTable: true,
    };
  });
  return { header: withRule(header, { side: 'bottom', kind: 'rule', ...edges }), blocks };
}

function rowTexts(line: InvoiceDocumentLine, { invoice, timeZone }: TableInput): readonly RowTexts[] {
  const detail = (cells: RowTexts['cells']): RowTexts => ({
    cells,
    style: STYLES.detail,
    indentPt: INDENT_PT,
  });
  const amount = moneyFigure(line.amount, invoice.currency);
  const rows: RowTexts[] = [
    { cells: [line.description, quantityFigure(line), amount], style: STYLES.row, indentPt: 0 },
  ];
  const periodText = periodFigure(line.period, timeZone);
  if (line.kind === 'adjustment') rows.push(detail([`Adjustment of ${periodText}`, '', '']));
  else if (!isSamePeriod(line.period, invoice.period)) rows.push(detail([periodText, '', '']));
  let aboveText: string | null = null;
  for (const tier of line.tiers ?? []) {
    rows.push(
      detail([
        tierText(tier, aboveText, invoice.currency),
        groupedFigure(tier.quantity),
        moneyFigure(tier.amount, invoice.currency),
      ]),
    );
    aboveText = tier.upTo;
  }
  return rows;
}

function quantityFigure({ quantity, unit }: InvoiceDocumentLine): string {
  if (!quantity) return '';
  return unit ? `${groupedFigure(quantity)} ${unit}` : groupedFigure(quantity);
}

/** "1,000,000 to 5,000,000 at USD 0.0000025 + USD 5.00 flat" */
function tierText(tier: InvoiceDocumentTier, above: string | null, currency: string): string {
  const hasUnit = Boolean(tier.unitAmount) && !(isZero(tier.unitAmount ?? '0') && hasFlat(tier));
  const parts = [
    ...(hasUnit ? [`at ${moneyFigure(tier.unitAmount ?? '0', currency)}`] : []),
    ...(hasUnit && hasFlat(tier) ? ['+'] : []),
    ...(hasFlat(tier) ? [`${moneyFigure(tier.flatAmount ?? '0', currency)} flat`] : []),
  ];
  return [rangeText(tier.upTo, above), ...parts].join(' ');
}

function hasFlat({ flatAmount }: InvoiceDocumentTier): boolean {
  return flatAmount !== undefined && flatAmount !== null && !isZero(flatAmount);
}

function rangeText(upTo: string | null, above: string | null): string {
  if (upTo === null) return above === null ? 'All' : `Over ${groupedFigure(above)}`;
  return above === null
    ? `Up to ${groupedFigure(upTo)}`
    : `${groupedFigure(above)} to ${groupedFigure(upTo)}`;
}

interface Widths {
  readonly description: number;
  readonly quantity: number;
  readonly amount: number;
}

/** Columns of figures are as wide as their widest figure, within bounds; the description has the rest. */
function columnWidths(rows: readonly RowTexts[], { sheet, typesetter }: TableInput): Widths {
  const whole = sheet.rightPt - sheet.leftPt;
  const widest = (cell: 1 | 2) => {
    const figures = rows.map(({ cells, style }) => typesetter.widthOf(cells[cell], style));
    const max = figures.reduce((most, width) => Math.max(most, width), FIGURE_PT_MIN);
    // What is measured for its column must fit in it, also after the additions of a float.
    return Math.min(max + 0.01, whole * FIGURE_PART_MAX);
  };
  const quantity = widest(1);
  const amount = widest(2);
  return { quantity, amount, description: whole - quantity - amount - 2 * COLUMN_GAP_PT };
}

/** One row, or several where the texts are longer than a row may be. */
function tableRows(
  input: TableInput & {
    readonly row: RowTexts;
    readonly widths: Widths;
    readonly padding: { readonly topPt: number; readonly bottomPt: number };
  },
): readonly [Row, ...Row[]] {
  const { row, widths, padding, sheet, typesetter } = input;
  const set = (cell: 0 | 1 | 2, widthPt: number) => typesetter.lines(row.cells[cell], row.style, widthPt);
  const columns: readonly Column[] = [
    {
      lines: set(0, widths.description - row.indentPt),
      xPt: sheet.leftPt + row.indentPt,
      align: 'left',
    },
    { lines: set(1, widths.quantity), xPt: sheet.rightPt - widths.amount - COLUMN_GAP_PT, align: 'right' },
    { lines: set(2, widths.amount), xPt: sheet.rightPt, align: 'right' },
  ];
  const part = (from: number) => columns.map((column) => ({ ...column, lines: slice(column.lines, from) }));
  const count = Math.max(...columns.map(({ lines }) => lines.length));
  const rows: [Row, ...Row[]] = [rowOfColumns(part(0), padding)];
  for (let from = LINES_PER_ROW; from < count; from += LINES_PER_ROW)
    rows.push(rowOfColumns(part(from), padding));
  return rows;
}

function slice(lines: readonly TextLine[], from: number): readonly TextLine[] {
  return lines.slice(from, from + LINES_PER_ROW);
}
