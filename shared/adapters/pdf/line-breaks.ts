import type { Cluster } from './typefaces.ts';

/** After these a line may end within a word. */
const BREAK_AFTER = /^[-\u2010\u2013\u2014/\\_,;:?&@]$/;
/** Letters that stand without spaces between words: a line may end at each. */
const IDEOGRAPHIC =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303F\u30FB\u30FC\uFF00-\uFFEF]/u;
/** Closing marks and small kana, which Japanese never puts at the start of a line. */
const NEVER_FIRST = /^[\p{Pe}\p{Pf}、。，．・：；？！!?,.:;ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ％]/u;
/** Opening brackets, which never end a line. */
const NEVER_LAST = /^[\p{Ps}\p{Pi}]/u;

/**
 * Breaks a text into lines at most `width` points wide, as late as possible: at spaces, after hyphens and slashes,
 * between ideographs, and anywhere in a word that is itself too wide. Spaces at a break are dropped, nothing else is.
 * A single cluster that is too wide has a line of its own.
 */
export function breakLines(input: {
  readonly clusters: readonly Cluster[];
  readonly width: number;
  readonly measure: (clusters: readonly Cluster[]) => number;
}): readonly (readonly Cluster[])[] {
  const { clusters, width, measure } = input;
  const lines: Cluster[][] = [];
  let line: Cluster[] = [];
  let lineWidth = 0;
  for (const piece of unbreakablePieces(clusters)) {
    const pieceWidth = measure(withoutLastSpace(piece));
    const parts = pieceWidth > width ? cut({ clusters: piece, width, measure }) : [piece];
    for (const part of parts) {
      const partWidth = parts.length === 1 ? pieceWidth : measure(withoutLastSpace(part));
      if (line.length > 0 && lineWidth + partWidth > width) {
        lines.push(line);
        [line, lineWidth] = [[], 0];
      }
      line.push(...part);
      lineWidth += measure(part);
    }
  }
  lines.push(line);
  return lines.map(withoutLastSpace);
}

/** Stretches with no place to break, each with the space that follows it. */
function unbreakablePieces(clusters: readonly Cluster[]): readonly (readonly Cluster[])[] {
  const pieces: Cluster[][] = [];
  let piece: Cluster[] = [];
  clusters.forEach((cluster, index) => {
    piece.push(cluster);
    const next = clusters[index + 1];
    if (next === undefined || mayBreakBetween(cluster.text, next.text, clusters[index - 1]?.text)) {
      pieces.push(piece);
      piece = [];
    }
  });
  return pieces;
}

function mayBreakBetween(left: string, right: string, before: string | undefined): boolean {
  if (right === ' ') return false;
  if (left === ' ') return true;
  if (NEVER_FIRST.test(right) || NEVER_LAST.test(left)) return false;
  if (IDEOGRAPHIC.test(left) || IDEOGRAPHIC.test(right)) return true;
  // A sign before a figure, and the separators within one, belong to it.
  return BREAK_AFTER.test(left) && before !== undefined && before !== ' ' && !/^\d/.test(right);
}

/** Parts that fit, of a piece that does not. */
function cut(input: {
  readonly clusters: readonly Cluster[];
  readonly width: number;
  readonly measure: (clusters: readonly Cluster[]) => number;
}): readonly (readonly Cluster[])[] {
  const parts: Cluster[][] = [];
  let part: Cluster[] = [];
  let partWidth = 0;
  for (const cluster of input.clusters) {
    const clusterWidth = input.measure([cluster]);
    if (part.length > 0 && cluster.text !== ' ' && partWidth + clusterWidth > input.width) {
      parts.push(part);
      [part, partWidth] = [[], 0];
    }
    part.push(cluster);
    partWidth += clusterWidth;
  }
  parts.push(part);
  return parts;
}

function withoutLastSpace(clusters: readonly Cluster[]): Cluster[] {
  const end = clusters.findLastIndex(({ text }) => text !== ' ') + 1;
  return clusters.slice(0, end);
}
