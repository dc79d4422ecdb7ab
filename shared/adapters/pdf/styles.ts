import type { Paper } from './invoice-document.ts';
import type { Weight } from './typefaces.ts';

/** How a text looks. Sizes and heights are points. */
export interface Style {
  readonly weight: Weight;
  readonly sizePt: number;
  readonly color: string;
  /** From one baseline to the next. */
  readonly leadingPt: number;
}

const INK = '#111827';
const MUTED = '#5b6472';
const FAINT = '#7a8392';

export const COLORS = { rule: '#111827', hairline: '#e3e6eb' } as const;

export const STYLES = {
  title: { weight: 'strong', sizePt: 22, color: INK, leadingPt: 28 },
  name: { weight: 'strong', sizePt: 12, color: INK, leadingPt: 16 },
  number: { weight: 'strong', sizePt: 10, color: MUTED, leadingPt: 15 },
  strong: { weight: 'strong', sizePt: 9, color: INK, leadingPt: 13 },
  body: { weight: 'regular', sizePt: 9, color: INK, leadingPt: 13 },
  row: { weight: 'regular', sizePt: 9, color: INK, leadingPt: 12 },
  muted: { weight: 'regular', sizePt: 9, color: MUTED, leadingPt: 13 },
  label: { weight: 'strong', sizePt: 8, color: MUTED, leadingPt: 13 },
  /** Parts of a line: tiers, its own period. */
  detail: { weight: 'regular', sizePt: 8, color: FAINT, leadingPt: 11 },
  total: { weight: 'strong', sizePt: 11, color: INK, leadingPt: 16 },
  due: { weight: 'strong', sizePt: 16, color: INK, leadingPt: 20 },
  footer: { weight: 'regular', sizePt: 7.5, color: FAINT, leadingPt: 10 },
} as const satisfies Readonly<Record<string, Style>>;

export interface Sheet {
  readonly widthPt: number;
  readonly heightPt: number;
  /** Content stands between these. */
  readonly leftPt: number;
  readonly rightPt: number;
  readonly topPt: number;
  readonly bottomPt: number;
  readonly footerBaselinePt: number;
}

const SIZES_PT: Readonly<Record<Paper, readonly [number, number]>> = {
  a4: [595.28, 841.89],
  letter: [612, 792],
};
const MARGIN_PT = { side: 52, top: 42, bottom: 50, footer: 30 } as const;

export function sheetOf(paper: Paper): Sheet {
  const [widthPt, heightPt] = SIZES_PT[paper];
  return {
    widthPt,
    heightPt,
    leftPt: MARGIN_PT.side,
    rightPt: widthPt - MARGIN_PT.side,
    topPt: MARGIN_PT.top,
    bottomPt: heightPt - MARGIN_PT.bottom,
    footerBaselinePt: heightPt - MARGIN_PT.footer,
  };
}
