import type { FontName } from './font-files.ts';
import { breakLines } from './line-breaks.ts';
import type { Style } from './styles.ts';
import type { Cluster, Typefaces } from './typefaces.ts';

/** One line of text, ready to print. */
export interface TextLine {
  readonly runs: readonly TextRun[];
  readonly widthPt: number;
  readonly style: Style;
}

/** Neighbouring characters of one font. */
export interface TextRun {
  readonly text: string;
  readonly font: FontName;
  readonly widthPt: number;
}

export interface Typesetter {
  /** The text in lines at most so wide; an empty text has none. */
  lines(text: string, style: Style, widthPt: number): readonly TextLine[];
  /** How wide the text is on one line. */
  widthOf(text: string, style: Style): number;
}

/** `measureRun` gives points, and is asked with one font's characters at a time. */
export function createTypesetter(input: {
  readonly typefaces: Typefaces;
  readonly measureRun: (run: { readonly text: string; readonly font: FontName }, style: Style) => number;
}): Typesetter {
  const { typefaces, measureRun } = input;
  const toLine = (clusters: readonly Cluster[], style: Style): TextLine => {
    const runs = runsOf(clusters).map((run) => ({ ...run, widthPt: measureRun(run, style) }));
    return { runs, style, widthPt: runs.reduce((sum, run) => sum + run.widthPt, 0) };
  };
  return {
    lines: (text, style, widthPt) => {
      const clusters = typefaces.clusters(text, style.weight);
      if (clusters.length === 0) return [];
      const measure = (part: readonly Cluster[]) => toLine(part, style).widthPt;
      return breakLines({ clusters, width: widthPt, measure }).map((line) => toLine(line, style));
    },
    widthOf: (text, style) => toLine(typefaces.clusters(text, style.weight), style).widthPt,
  };
}

function runsOf(clusters: readonly Cluster[]): readonly { readonly text: string; readonly font: FontName }[] {
  const runs: { text: string; font: FontName }[] = [];
  for (const { text, font } of clusters) {
    const last = runs.at(-1);
    if (last?.font === font) last.text += text;
    else runs.push({ text, font });
  }
  return runs;
}
