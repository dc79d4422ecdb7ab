import { create } from 'fontkit';
import { expect, test } from 'vitest';
import { createInstalledFonts, type FontName } from './font-files.ts';
import { loadTypefaces } from './typefaces.ts';

const readFont = createInstalledFonts();
const printed = async (text: string) => {
  const typefaces = await loadTypefaces({ readFont, texts: [text] });
  return typefaces.clusters(text, 'regular');
};
const textOf = async (text: string) => (await printed(text)).map((cluster) => cluster.text).join('');

test('each character has the first font that can print it', async () => {
  expect(await printed('Ł東')).toEqual([
    { text: 'Ł', font: 'NotoSans_400Regular.ttf' },
    { text: '東', font: 'NotoSansJP_400Regular.ttf' },
  ]);
  const typefaces = await loadTypefaces({ readFont, texts: ['東'] });
  expect(typefaces.clusters('東', 'strong')[0]?.font).toBe('NotoSansJP_600SemiBold.ttf');
});

test.each([
  ['an emoji of several code points is one mark', '👩‍👩‍👧 x', '\u{FFFD} x'],
  ['Korean', '한국', '\u{FFFD}\u{FFFD}'],
  ['half of a surrogate pair', 'a\ud83db', 'a\u{FFFD}b'],
  ['white space of any kind', ' a\t\r\n\u00a0b\u2028c ', 'a b c'],
  ['control characters', 'a\u0000\u0007b', 'ab'],
  ['overrides of direction, which could turn a figure round', '\u202e12.00\u202c', '12.00'],
  ['invisible characters', 'so\u00adft\u200b', 'soft'],
  ['a variation of an ideograph', '葛\u{E0100}城', '葛城'],
  ['a kana of two code points', 'か\u3099', 'か\u3099'],
  ['nothing', '', ''],
])('%s', async (_, text, expected) => {
  expect((await textOf(text)).normalize('NFC')).toBe(expected.normalize('NFC'));
});

test('both weights of a family have the same characters, so that one answers for both', async () => {
  const charactersOf = async (name: FontName) => {
    const font = create(Buffer.from(await readFont(name)));
    return 'characterSet' in font ? new Set(font.characterSet) : null;
  };
  const [latin, japanese] = [
    await charactersOf('NotoSans_400Regular.ttf'),
    await charactersOf('NotoSansJP_400Regular.ttf'),
  ];
  expect(latin?.size).toBeGreaterThan(3_000);
  expect(japanese?.size).toBeGreaterThan(15_000);
  expect(await charactersOf('NotoSans_600SemiBold.ttf')).toEqual(latin);
  expect(await charactersOf('NotoSansJP_600SemiBold.ttf')).toEqual(japanese);
});
