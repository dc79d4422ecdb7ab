import { isZero, moneyFigure, negated } from './figures.ts';
import type { InvoiceDocument } from './invoice-document.ts';
import type { Block } from './pages.ts';
import { gap, type Row, rowOfColumns, withRule } from './rows.ts';
import { type Sheet, STYLES, type Style } from './styles.ts';
import type { Typesetter } from './typesetter.ts';

const LABEL_PT = 90;
const BLOCK_PT = 230;

/** From the subtotal to what is due. Discounts, tax, credits and payments are shown where there are any. */
export function totalsBlock(input: {
  readonly invoice: InvoiceDocument;
  readonly sheet: Sheet;
  readonly typesetter: Typesetter;
}): Block {
  const { invoice, sheet, typesetter } = input;
  const edges = { fromPt: sheet.rightPt - BLOCK_PT, toPt: sheet.rightPt };
  const row = (label: string, amount: string, style: Style): Row =>
    rowOfColumns([
      { lines: typesetter.lines(label, style, LABEL_PT), xPt: edges.fromPt, align: 'left' },
      {
        lines: typesetter.lines(moneyFigure(amount, invoice.currency), style, BLOCK_PT - LABEL_PT),
        xPt: edges.toPt,
        align: 'right',
      },
    ]);
  const rowIfAny = (label: string, amount: string) =>
    isZero(amount) ? [] : [row(label, amount, STYLES.body)];
  const divider = (kind: 'rule' | 'hairline') => withRule(gap(4), { side: 'top', kind, ...edges });
  const rows = [
    gap(6),
    row('Subtotal', invoice.subtotal, STYLES.body),
    ...rowIfAny('Discounts', negated(invoice.discountTotal)),
    ...rowIfAny('Tax', invoice.taxTotal),
    ...rowIfAny('Credits', negated(invoice.creditTotal)),
    gap(3),
    divider('hairline'),
    row('Total', invoice.total, STYLES.strong),
    ...rowIfAny('Amount paid', negated(invoice.amountPaid)),
    gap(3),
    divider('rule'),
    row('Amount due', invoice.amountDue, STYLES.total),
    ...noteRows(input),
  ];
  return { rows, isTable: false };
}

const NOTES: Partial<Readonly<Record<InvoiceDocument['status'], string>>> = {
  draft: 'This is a draft. Its amounts may still change.',
  void: 'This invoice is void. Nothing is to be paid.',
};

function noteRows(input: {
  readonly invoice: InvoiceDocument;
  readonly sheet: Sheet;
  readonly typesetter: Typesetter;
}): readonly Row[] {
  const note = NOTES[input.invoice.status];
  if (note === undefined) return [];
  const { leftPt, rightPt } = input.sheet;
  const lines = input.typesetter.lines(note, STYLES.muted, rightPt - leftPt);
  return [gap(12), rowOfColumns([{ lines, xPt: leftPt, align: 'left' }])];
}
