import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { breakLines } from './line-breaks.ts';
import type { Cluster } from './typefaces.ts';

const toClusters = (text: string): readonly Cluster[] =>
  [...text].map((character) => ({ text: character, font: 'NotoSans_400Regular.ttf' }));
const textOf = (clusters: readonly Cluster[]) => clusters.map(({ text }) => text).join('');
/** Every character is one point wide. */
const broken = (text: string, width: number) =>
  breakLines({ clusters: toClusters(text), width, measure: (clusters) => clusters.length }).map(textOf);

test.each([
  ['one two three', 7, ['one two', 'three']],
  ['one two three', 8, ['one two', 'three']],
  ['one two', 3, ['one', 'two']],
  ['abcdefgh', 3, ['abc', 'def', 'gh']],
  ['ab cdefgh ij', 4, ['ab', 'cdef', 'gh', 'ij']],
  ['pay-per-use', 8, ['pay-per-', 'use']],
  ['eu/west/one', 4, ['eu/', 'west', '/one']],
  ['cost -5.00', 6, ['cost', '-5.00']],
  ['is 1,000,000', 8, ['is', '1,000,00', '0']],
  ['東京都千代田区', 3, ['東京都', '千代田', '区']],
  ['東京、大阪', 2, ['東', '京、', '大阪']],
  ['東（京）', 2, ['東', '（京', '）']],
])('"%s" in %d', (text, width, lines) => {
  expect(broken(text, width)).toEqual(lines);
});

test.prop({
  text: fc.string({ unit: fc.constantFrom(...'ab- /1東、（') }),
  width: fc.integer({ min: 1, max: 12 }),
})('no line is too wide, and only spaces at breaks are lost', ({ text, width }) => {
  const lines = broken(text, width);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
});
