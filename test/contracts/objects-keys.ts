import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../shared/kernel/assert.ts';
import {
  bytesOf,
  inOrder,
  listAll,
  type ObjectsUnderTest,
  readText,
  uniqueFolder,
} from './objects-builders.ts';

const character = fc.oneof(
  fc.constantFrom('a', 'A', 'ä', 'Ä', '.', '%', '+', ' ', '\\', ':', '*', '😀', '\uffee'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
);
const segment = fc
  .array(character, { minLength: 1, maxLength: 8 })
  .map((characters) => characters.join(''))
  .filter(
    (text) =>
      text.isWellFormed() && !/\p{Cc}/u.test(text) && !text.includes('/') && text !== '.' && text !== '..',
  );
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'));

export function describeObjectKeys({ objects, runs }: ObjectsUnderTest): void {
  describe('keys', () => {
    it('of any characters are told apart and listed as they are', async () => {
      const property = fc.asyncProperty(
        fc.uniqueArray(path, { minLength: 1, maxLength: 12 }),
        async (paths) => {
          const folder = uniqueFolder();
          const keys = paths.map((one) => `${folder}/${one}`);
          await Promise.all(keys.map((key) => objects().put({ key, body: bytesOf(key), ifAbsent: true })));
          for (const key of keys) expect(await readText(objects(), key)).toBe(key);
          expect(await listAll(objects(), { prefix: `${folder}/`, limit: 5 })).toEqual(inOrder(keys));
        },
      );
      await fc.assert(property, { numRuns: runs });
    });

    it('that differ in case or in composition only are two', async () => {
      const folder = uniqueFolder();
      const keys = ['name', 'Name', 'NAME', '\u00e9', 'e\u0301', 'dir/x', 'Dir/x'].map(
        (n) => `${folder}/${n}`,
      );
      for (const key of keys) {
        expect(await objects().put({ key, body: bytesOf(key), ifAbsent: true })).toMatchObject({ ok: true });
      }
      for (const key of keys) expect(await readText(objects(), key)).toBe(key);
    });

    it('may go on where another one ends', async () => {
      const folder = uniqueFolder();
      const keys = ['a', 'a/b', 'a/b/c'].map((name) => `${folder}/${name}`);
      for (const key of [...keys].reverse()) await objects().put({ key, body: bytesOf(key) });
      for (const key of keys) expect(await readText(objects(), key)).toBe(key);
      expect(await listAll(objects(), { prefix: folder, limit: 1 })).toEqual(keys);
      await objects().delete(`${folder}/a/b`);
      expect(await listAll(objects(), { prefix: folder, limit: 10 })).toEqual([
        `${folder}/a`,
        `${folder}/a/b/c`,
      ]);
    });

    it.each([
      ['a segment of 254 bytes', 's'.repeat(254)],
      ['84 bytes that need encoding', 'Ä'.repeat(42)],
      ['900 bytes in segments', Array.from({ length: 9 }, () => 's'.repeat(99)).join('/')],
    ])('may have %s', async (_, name) => {
      const key = `${uniqueFolder()}/${name}`;
      await objects().put({ key, body: bytesOf('x') });
      expect(await readText(objects(), key)).toBe('x');
    });

    it.each([
      ['empty', ''],
      ['a slash', '/'],
      ['a slash in front', '/a'],
      ['a slash behind', 'a/'],
      ['an empty segment', 'a//b'],
      ['a way up', 'a/../b'],
      ['only a way up', '..'],
      ['a way to itself', './a'],
      [
        '1,025 bytes',
        Array.from({ length: 41 }, () => 's'.repeat(24))
          .join('/')
          .padEnd(1_025, 's'),
      ],
      ['a segment of 255 bytes', 's'.repeat(255)],
      ['a segment of 255 bytes once encoded', `${'A'.repeat(84)}sss`],
      ['no Unicode', 'a\ud800'],
      ['a control character', 'a\0b'],
      ['a line end', 'a\n'],
    ])('that no store could hold are a bug of the caller: %s', async (_, key) => {
      const body = bytesOf('x');
      await expect(objects().put({ key, body })).rejects.toThrow(InvariantError);
      await expect(objects().put({ key, body, ifAbsent: true })).rejects.toThrow(InvariantError);
      await expect(objects().get(key)).rejects.toThrow(InvariantError);
      await expect(objects().delete(key)).rejects.toThrow(InvariantError);
    });
  });
}
