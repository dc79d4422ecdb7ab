import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../shared/kernel/assert.ts';
import { bytesOf, inOrder, listAll, type ObjectsUnderTest, uniqueFolder } from './objects-builders.ts';

/** Around `/` in the order of bytes, and around the place where UTF-8 and UTF-16 disagree. */
const name = fc
  .array(fc.constantFrom('a', 'b', '-', '.', '0', 'B', '\uffee', '😀'), { minLength: 1, maxLength: 3 })
  .map((characters) => characters.join(''))
  .filter((text) => text !== '.' && text !== '..');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const anyText = fc
  .array(fc.constantFrom('a', 'b', '-', '.', '/', '0', '\uffee', '😀'), { maxLength: 4 })
  .map((characters) => characters.join(''));

export function describeObjectLists({ objects, runs }: ObjectsUnderTest): void {
  describe('lists', () => {
    it('hold exactly the keys with the prefix, in the order of their bytes, in pages of any size', async () => {
      const inputs = {
        paths: fc.uniqueArray(path, { maxLength: 20 }),
        deleted: fc.nat({ max: 3 }),
        asked: fc.array(
          fc.record({ prefix: anyText, startAfter: anyText, limit: fc.integer({ min: 1, max: 8 }) }),
          {
            minLength: 5,
            maxLength: 5,
          },
        ),
      };
      const property = fc.asyncProperty(fc.record(inputs), async ({ paths, deleted, asked }) => {
        const folder = uniqueFolder();
        const keys = paths.map((one) => `${folder}/${one}`);
        await Promise.all(keys.map((key) => objects().put({ key, body: bytesOf(key) })));
        for (const key of keys.slice(0, deleted)) await objects().delete(key);
        const left = inOrder(keys.slice(deleted));
        for (const { prefix, startAfter, limit } of asked) {
          const [start, from] = [`${folder}/${prefix}`, `${folder}/${startAfter}`];
          const matching = left.filter((key) => key.startsWith(start));
          expect(await listAll(objects(), { prefix: start, limit })).toEqual(matching);
          const behind = matching.filter((key) => key !== from && inOrder([from, key])[0] === from);
          expect(await listAll(objects(), { prefix: start, startAfter: from, limit })).toEqual(behind);
        }
      });
      await fc.assert(property, { numRuns: runs });
    });

    it('say where to go on only while there is more', async () => {
      const folder = uniqueFolder();
      const keys = ['1', '2', '3', '4'].map((one) => `${folder}/${one}`);
      for (const key of keys) await objects().put({ key, body: bytesOf('x') });
      const first = await objects().list({ prefix: folder, limit: 2 });
      expect(first).toEqual({ keys: keys.slice(0, 2), next: keys[1] });
      expect(await objects().list({ prefix: folder, limit: 2, startAfter: first.next ?? '' })).toEqual({
        keys: keys.slice(2),
      });
      expect(await objects().list({ prefix: folder, limit: 4 })).toEqual({ keys });
      expect(await objects().list({ prefix: `${folder}/none`, limit: 4 })).toEqual({ keys: [] });
    });

    it('show a key at once when it was put, and no more when it was deleted', async () => {
      const folder = uniqueFolder();
      const present = new Set<string>();
      for (let index = 0; index < 20; index += 1) {
        const key = `${folder}/day-${index % 3}/${index}`;
        await objects().put({ key, body: bytesOf('x') });
        present.add(key);
        if (index % 4 === 3) {
          const gone = `${folder}/day-${(index - 2) % 3}/${index - 2}`;
          await objects().delete(gone);
          present.delete(gone);
        }
        expect(await listAll(objects(), { prefix: folder, limit: 7 })).toEqual(inOrder(present));
      }
    });

    it('of a prefix that no key can have are empty, and lead nowhere else', async () => {
      const folder = uniqueFolder();
      await objects().put({ key: `${folder}/a/b`, body: bytesOf('x') });
      for (const end of ['/..', '/../', '/a/../a/', '/a//', '//', '/./', '/a/b/c', '/.']) {
        expect(await objects().list({ prefix: folder + end, limit: 10 })).toEqual({ keys: [] });
      }
      for (const prefix of ['/', '..', '../', './', '/etc/'])
        expect(await objects().list({ prefix, limit: 10 })).toEqual({ keys: [] });
    });

    it.each([0, -1, 1_001, 1.5])('of %d keys are a bug of the caller', async (limit) => {
      await expect(objects().list({ prefix: '', limit })).rejects.toThrow(InvariantError);
    });
  });
}
