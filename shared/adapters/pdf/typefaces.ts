import { create, type Font } from 'fontkit';
import { assert } from '../../kernel/assert.ts';
import type { FontName, ReadFont } from './font-files.ts';

export type Weight = 'regular' | 'strong';

/** A user-perceived character, and the font that has all its glyphs. */
export interface Cluster {
  readonly text: string;
  readonly font: FontName;
}

export interface Typefaces {
  /** The bytes of each font that `clusters` may name. */
  readonly files: ReadonlyMap<FontName, Uint8Array>;
  /** The characters to print of a text, in order, on one line. */
  clusters(text: string, weight: Weight): readonly Cluster[];
}

const LATIN: Readonly<Record<Weight, FontName>> = {
  regular: 'NotoSans_400Regular.ttf',
  strong: 'NotoSans_600SemiBold.ttf',
};
const JAPANESE: Readonly<Record<Weight, FontName>> = {
  regular: 'NotoSansJP_400Regular.ttf',
  strong: 'NotoSansJP_600SemiBold.ttf',
};

/** Printed for a character that no font has: a reader sees that something is missing. */
const MISSING_MARK = '\u{FFFD}';

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' });
const ONE_CLUSTER_A_CHARACTER = /^[\x20-\x7e]*$/;

interface Face {
  readonly name: FontName;
  readonly has: (text: string) => boolean;
}

/** Loads the fonts that `texts` need; the Japanese ones, which are large, only where the others lack a character. */
export async function loadTypefaces(input: {
  readonly readFont: ReadFont;
  readonly texts: readonly string[];
}): Promise<Typefaces> {
  const files = new Map<FontName, Uint8Array>();
  const faces: Record<Weight, Face[]> = { regular: [], strong: [] };
  const load = async (weight: Weight, name: FontName) => {
    const bytes = await input.readFont(name);
    files.set(name, bytes);
    faces[weight].push({ name, has: coverageOf(bytes) });
  };
  await load('regular', LATIN.regular);
  await load('strong', LATIN.strong);
  const needsMore = input.texts.some((text) =>
    graphemes(text).some((grapheme) => faceOf(grapheme, faces.regular) === null),
  );
  if (needsMore) {
    await load('regular', JAPANESE.regular);
    await load('strong', JAPANESE.strong);
  }
  return {
    files,
    clusters: (text, weight) =>
      graphemes(text).map(
        (grapheme) => faceOf(grapheme, faces[weight]) ?? { text: MISSING_MARK, font: LATIN[weight] },
      ),
  };
}

function coverageOf(bytes: Uint8Array): (text: string) => boolean {
  const font: Font | { readonly fonts: readonly Font[] } = create(asBuffer(bytes));
  assert('hasGlyphForCodePoint' in font, 'a font file holds one font');
  return (text) => [...text].every((character) => font.hasGlyphForCodePoint(character.codePointAt(0) ?? 0));
}

/** A view of the same bytes. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * White space of any kind, line ends included, is one space. Control characters print nothing; where the direction
 * of the text is overridden, that is dropped, too, so that a figure always reads as it is.
 */
function graphemes(text: string): readonly string[] {
  const line = text
    .replace(/\s+/gu, ' ')
    .replace(/\p{Cc}|\p{Bidi_Control}/gu, '')
    .trim();
  if (ONE_CLUSTER_A_CHARACTER.test(line)) return [...line];
  return Array.from(SEGMENTER.segment(line), ({ segment }) => segment).filter(
    (grapheme) => withoutIgnorables(grapheme) !== '',
  );
}

/** The first face that has the grapheme as it is, composed, or without what need not be seen (variation selectors). */
function faceOf(grapheme: string, faces: readonly Face[]): Cluster | null {
  for (const text of new Set([grapheme, grapheme.normalize('NFC'), withoutIgnorables(grapheme)])) {
    const face = faces.find(({ has }) => has(text));
    if (face !== undefined) return { text, font: face.name };
  }
  return null;
}

function withoutIgnorables(text: string): string {
  return text.replace(/\p{Default_Ignorable_Code_Point}/gu, '');
}
