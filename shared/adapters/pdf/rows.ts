import { defined } from '../../kernel/assert.ts';
import { COLORS } from './styles.ts';
import type { TextLine } from './typesetter.ts';

/** A strip across the page that is never split, and what it prints, placed from its top. Points throughout. */
export interface Row {
  readonly heightPt: number;
  readonly texts: readonly PlacedText[];
  readonly rules: readonly Rule[];
}

interface PlacedText {
  readonly line: TextLine;
  readonly xPt: number;
  readonly baselinePt: number;
}

interface Rule {
  readonly fromPt: number;
  readonly toPt: number;
  readonly yPt: number;
  readonly thicknessPt: number;
  readonly color: string;
}

/** Lines of one column, from the left edge or up to the right edge. */
export interface Column {
  readonly lines: readonly TextLine[];
  readonly xPt: number;
  readonly align: 'left' | 'right';
}

/** How far below the top of its strip the baseline of a text stands, in parts of its leading. */
const BASELINE_PART = 0.74;

/** One row a line: the n-th lines of the columns share a baseline, so columns of any height go over pages. */
export function rowsOfColumns(columns: readonly Column[]): readonly Row[] {
  const count = Math.max(0, ...columns.map(({ lines }) => lines.length));
  return Array.from({ length: count }, (_, index) => {
    const cells = columns.flatMap((column) => {
      const line = column.lines[index];
      return line === undefined ? [] : [{ ...column, lines: [line] }];
    });
    return rowOfColumns(cells);
  });
}

/** One row with the columns side by side; their first lines share a baseline. */
export function rowOfColumns(columns: readonly Column[], padding = { topPt: 0, bottomPt: 0 }): Row {
  const filled = columns.filter(({ lines }) => lines.length > 0);
  const firstLeadingPt = Math.max(
    0,
    ...filled.map(({ lines }) => defined(lines[0], 'a line').style.leadingPt),
  );
  const firstBaselinePt = padding.topPt + firstLeadingPt * BASELINE_PART;
  const texts: PlacedText[] = [];
  let heightPt = padding.topPt + firstLeadingPt;
  for (const { lines, xPt, align } of filled) {
    let baselinePt = firstBaselinePt;
    lines.forEach((line, index) => {
      if (index > 0) baselinePt += line.style.leadingPt;
      texts.push({ line, xPt: align === 'left' ? xPt : xPt - line.widthPt, baselinePt });
    });
    const belowFirst = lines.slice(1).reduce((sum, { style }) => sum + style.leadingPt, 0);
    heightPt = Math.max(heightPt, padding.topPt + firstLeadingPt + belowFirst);
  }
  return { heightPt: heightPt + padding.bottomPt, texts, rules: [] };
}

export function gap(heightPt: number): Row {
  return { heightPt, texts: [], rules: [] };
}

/** The row with a line along its top or bottom. */
export function withRule(
  row: Row,
  rule: {
    readonly side: 'top' | 'bottom';
    readonly kind: 'rule' | 'hairline';
    readonly fromPt: number;
    readonly toPt: number;
  },
): Row {
  const { side, kind, fromPt, toPt } = rule;
  const yPt = side === 'top' ? 0 : row.heightPt;
  const placed = { fromPt, toPt, yPt, thicknessPt: kind === 'rule' ? 0.8 : 0.5, color: COLORS[kind] };
  return { ...row, rules: [...row.rules, placed] };
}

export function heightOf(rows: readonly Row[]): number {
  return rows.reduce((sum, { heightPt }) => sum + heightPt, 0);
}
