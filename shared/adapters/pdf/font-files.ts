import { copyFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The font files, by name, and where installed packages have them. All are under the SIL Open Font License. */
const INSTALLED = {
  'NotoSans_400Regular.ttf': () =>
    import.meta.resolve('@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf'),
  'NotoSans_600SemiBold.ttf': () =>
    import.meta.resolve('@expo-google-fonts/noto-sans/600SemiBold/NotoSans_600SemiBold.ttf'),
  'NotoSansJP_400Regular.ttf': () =>
    import.meta.resolve('@expo-google-fonts/noto-sans-jp/400Regular/NotoSansJP_400Regular.ttf'),
  'NotoSansJP_600SemiBold.ttf': () =>
    import.meta.resolve('@expo-google-fonts/noto-sans-jp/600SemiBold/NotoSansJP_600SemiBold.ttf'),
} as const;

export type FontName = keyof typeof INSTALLED;

const FONT_NAMES = Object.keys(INSTALLED) as readonly FontName[];

/** Gives a font file's bytes; a rejection means that the file could not be read. */
export type ReadFont = (name: FontName) => Promise<Uint8Array>;

/** Reads the fonts out of node_modules, each once: where the product runs unbundled. */
export function createInstalledFonts(): ReadFont {
  return readingOnce((name) => fileURLToPath(INSTALLED[name]()));
}

/** Reads the fonts from a folder that `copyFonts` filled, each once: beside a bundle, `new URL('fonts/', import.meta.url)`. */
export function createFolderFonts(input: { readonly folder: URL }): ReadFont {
  return readingOnce((name) => path.join(fileURLToPath(input.folder), name));
}

/** Fills a folder, made if it is missing, with every font file: a step of bundling. */
export async function copyFonts(input: { readonly folder: string }): Promise<void> {
  await mkdir(input.folder, { recursive: true });
  for (const name of FONT_NAMES) {
    await copyFile(fileURLToPath(INSTALLED[name]()), path.join(input.folder, name));
  }
}

function readingOnce(fileOf: (name: FontName) => string): ReadFont {
  const read = new Map<FontName, Uint8Array>();
  return async (name) => {
    const known = read.get(name);
    if (known !== undefined) return known;
    const bytes = await readFile(fileOf(name));
    read.set(name, bytes);
    return bytes;
  };
}
