import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Item } from '../../shared/ports/item-store.ts';
import {
  anyAttributes,
  anyInteger,
  get,
  type ItemsUnderTest,
  integerRead,
  LARGEST,
  MAIN,
  pagesOf,
  put,
  trickyText,
  uniqueKey,
  uniquePk,
} from './items-builders.ts';

/** A maker, so that every test has an object of its own. */
const everyKind = () => ({
  text: 'a\u0000"\\é😀\u2028',
  empty: '',
  zero: 0,
  negative: -42,
  largestSafe: Number.MAX_SAFE_INTEGER,
  large: LARGEST,
  least: -LARGEST,
  yes: true,
  no: false,
  nothing: null,
  bytes: new Uint8Array([0, 1, 127, 128, 255]),
  noBytes: new Uint8Array(),
  list: [1, 'a', null, [], {}, [2n ** 64n], new Uint8Array([7])],
  map: { a: { b: [{ c: 'd' }] }, '': undefined },
});

export function describeValues({ items, runs }: ItemsUnderTest): void {
  describe('values', () => {
    it('of every kind come back exactly, from every call that answers items', async () => {
      const { map, ...kinds } = everyKind();
      const key = uniqueKey();
      const item: Item = { ...key, ...kinds, map: { a: map.a } };
      await put(items(), item);
      expect(await get(items(), key)).toEqual(item);
      expect(await items().getMany({ table: MAIN, keys: [key] })).toEqual([item]);
      expect(await items().query({ table: MAIN, pk: key.pk, limit: 1 })).toEqual({ items: [item] });
      const refused = await items().put({ table: MAIN, item: key, condition: { kind: 'item_absent' } });
      expect(refused).toEqual({ ok: false, error: { kind: 'condition_failed', existing: item } });
      const updated = await items().update({ table: MAIN, key, changes: { remove: ['absent'] } });
      expect(updated).toEqual({ ok: true, value: item });
    });

    it('come back exactly whatever they hold and are called', async () => {
      const property = fc.asyncProperty(anyAttributes, anyAttributes, async (attributes, more) => {
        const key = uniqueKey();
        await put(items(), { ...key, ...attributes, pk: key.pk, sk: key.sk });
        expect(await get(items(), key)).toEqual({ ...attributes, ...key });
        const changes = { set: { ...more, always: 1 } };
        const updated = await items().update({ table: MAIN, key, changes });
        const expected = { ...attributes, ...more, always: 1, ...key };
        expect(updated).toEqual({ ok: true, value: expected });
        expect(await get(items(), key)).toEqual(expected);
      });
      await fc.assert(property, { numRuns: runs });
    });

    it('that are integers are exact up to 38 digits, and a number where that is safe', async () => {
      const property = fc.asyncProperty(anyInteger, async (integer) => {
        const key = uniqueKey();
        await put(items(), { ...key, integer, inList: [integer] });
        const read = integerRead(integer);
        expect(await get(items(), key)).toStrictEqual({ ...key, integer: read, inList: [read] });
      });
      await fc.assert(property, { numRuns: runs });
    });

    it('may be a minus zero, which comes back as zero', async () => {
      const key = uniqueKey();
      await put(items(), { ...key, zero: -0, inList: [-0] });
      expect(await get(items(), key)).toStrictEqual({ ...key, zero: 0, inList: [0] });
    });

    it('are replaced by the next put as a whole', async () => {
      const key = uniqueKey();
      await put(items(), { ...key, a: 1, b: { c: 1 } });
      await put(items(), { ...key, b: { d: 2 } });
      expect(await get(items(), key)).toEqual({ ...key, b: { d: 2 } });
    });
  });

  describe('keys', () => {
    it('may be any text, and texts that differ at all are different keys', async () => {
      const property = fc.asyncProperty(
        fc.uniqueArray(fc.tuple(trickyText, trickyText), {
          minLength: 2,
          maxLength: 6,
          selector: (pair) => pair.join('\uffff/'),
        }),
        async (names) => {
          const run = uniquePk();
          const all = names.map(([pk, sk], value) => ({ pk: `${run}${pk}`, sk, value }));
          for (const item of all) await put(items(), item);
          for (const { pk, sk, value } of all) {
            expect(await get(items(), { pk, sk })).toEqual({ pk, sk, value });
            const [page = []] = await pagesOf(items(), { pk, limit: 100 });
            expect(page).toHaveLength(all.filter((other) => other.pk === pk).length);
          }
        },
      );
      await fc.assert(property, { numRuns: runs });
    });

    it('of getMany find what is there, and leave out the rest', async () => {
      const pk = uniquePk();
      const all = Array.from({ length: 99 }, (_, index) => ({ pk, sk: `sk-${index}`, index }));
      for (const item of all) await put(items(), item);
      const keys = [{ pk, sk: 'absent' }, ...all.map(({ sk }) => ({ pk, sk }))];
      const found = await items().getMany({ table: MAIN, keys });
      expect([...found].sort((a, b) => Number(a.index) - Number(b.index))).toEqual(all);
      expect(await items().getMany({ table: MAIN, keys: [{ pk, sk: 'absent' }] })).toEqual([]);
    });

    it('of one table are unknown to the other', async () => {
      const key = uniqueKey();
      await items().put({ table: 'claims', item: { ...key, in: 'claims' } });
      expect(await get(items(), key)).toBeUndefined();
      await put(items(), { ...key, in: 'main' });
      await items().delete({ table: MAIN, key });
      expect(await items().get({ table: 'claims', key })).toEqual({ ...key, in: 'claims' });
    });
  });

  describe('items', () => {
    it('share nothing with what was passed in, also when it changes before the call ends', async () => {
      const key = uniqueKey();
      const item = { ...key, list: [1], bytes: new Uint8Array([1]), map: { a: 1 } };
      const putting = items().put({ table: MAIN, item });
      item.list.push(2);
      item.bytes[0] = 2;
      item.map.a = 2;
      await putting;
      const set = { list: [3], added: new Uint8Array([3]) };
      const updating = items().update({ table: MAIN, key, changes: { set } });
      set.list.push(4);
      set.added[0] = 4;
      await updating;
      const expected = { ...key, list: [3], added: new Uint8Array([3]), bytes: new Uint8Array([1]) };
      expect(await get(items(), key)).toEqual({ ...expected, map: { a: 1 } });
    });

    it('share nothing with what was handed out', async () => {
      const key = uniqueKey();
      const item = { ...key, list: [1], bytes: new Uint8Array([1]) };
      await put(items(), item);
      const refused = await items().put({ table: MAIN, item: key, condition: { kind: 'item_absent' } });
      const handedOut = [
        await get(items(), key),
        ...(await items().getMany({ table: MAIN, keys: [key] })),
        ...(await items().query({ table: MAIN, pk: key.pk, limit: 1 })).items,
        refused.ok ? undefined : refused.error.existing,
      ] as unknown as { list: number[]; bytes: Uint8Array }[];
      expect(handedOut).toHaveLength(4);
      for (const { list, bytes } of handedOut) {
        list.push(2);
        bytes[0] = 2;
      }
      expect(await get(items(), key)).toEqual(item);
    });
  });
}
