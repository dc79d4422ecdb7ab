import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Item, ItemStore, SortKeyRange } from '../../shared/ports/item-store.ts';
import {
  byUtf8,
  type ItemsUnderTest,
  MAIN,
  pagesOf,
  put,
  skOf,
  trickyText,
  uniqueKey,
  uniquePk,
} from './items-builders.ts';

const anyRange: fc.Arbitrary<SortKeyRange> = fc.oneof(
  fc.record({ prefix: trickyText }),
  fc.record({ from: trickyText }),
  fc.record({ to: trickyText }),
  fc.constant({}),
  fc.tuple(trickyText, trickyText).map((ends) => {
    const [from = '', to = ''] = [...ends].sort(byUtf8);
    return { from, to };
  }),
);
const anyPaging = fc.record({ limit: fc.integer({ min: 1, max: 7 }), descending: fc.boolean() });

function isIn(range: SortKeyRange, sk: string): boolean {
  if ('prefix' in range) return sk.startsWith(range.prefix);
  if (range.from !== undefined && byUtf8(sk, range.from) < 0) return false;
  return range.to === undefined || byUtf8(sk, range.to) <= 0;
}

/** Sizes of pages that are all full but the last, and none of them empty unless all are. */
function fullPages(count: number, limit: number): readonly number[] {
  const pages = Math.max(1, Math.ceil(count / limit));
  return Array.from({ length: pages }, (_, page) => Math.min(limit, count - page * limit));
}

export function describeQueries({ items, runs }: ItemsUnderTest): void {
  describe('a query', () => {
    it('answers one partition in the order of UTF-8 bytes, page by page, forwards and backwards', async () => {
      const property = fc.asyncProperty(
        fc.uniqueArray(trickyText, { minLength: 1, maxLength: 20 }),
        fc.array(fc.tuple(anyRange, anyPaging), { minLength: 1, maxLength: 6 }),
        async (sks, questions) => {
          const pk = uniquePk();
          for (const sk of sks) await put(items(), { pk, sk, value: `of ${sk}` });
          for (const [range, paging] of questions) {
            const expected = sks.filter((sk) => isIn(range, sk)).sort(byUtf8);
            if (paging.descending) expected.reverse();
            const pages = await pagesOf(items(), { pk, sk: range, ...paging });
            expect(pages.flat().map(skOf)).toEqual(expected);
            expect(pages.map(({ length }) => length)).toEqual(fullPages(expected.length, paging.limit));
          }
        },
      );
      await fc.assert(property, { numRuns: runs });
    });

    it('includes both ends of a range, and of a prefix the prefix itself and nothing beside it', async () => {
      const pk = uniquePk();
      const sks = ['a', 'ab', 'ab\u0000', 'ab\u{10ffff}', 'ac', 'b', '\u{10ffff}', '\u{10ffff}x'];
      for (const sk of sks) await put(items(), { pk, sk });
      const found = async (sk: SortKeyRange) =>
        (await pagesOf(items(), { pk, sk, limit: 100 })).flat().map(skOf);
      expect(await found({ from: 'ab', to: 'ac' })).toEqual(['ab', 'ab\u0000', 'ab\u{10ffff}', 'ac']);
      expect(await found({ from: 'ab', to: 'ab' })).toEqual(['ab']);
      expect(await found({ from: 'aba' })).toEqual(['ab\u{10ffff}', 'ac', 'b', '\u{10ffff}', '\u{10ffff}x']);
      expect(await found({ to: 'ab' })).toEqual(['a', 'ab']);
      expect(await found({ prefix: 'ab' })).toEqual(['ab', 'ab\u0000', 'ab\u{10ffff}']);
      expect(await found({ prefix: '\u{10ffff}' })).toEqual(['\u{10ffff}', '\u{10ffff}x']);
      expect(await found({ prefix: 'ab\u{10ffff}' })).toEqual(['ab\u{10ffff}']);
      expect(await found({ prefix: 'abc' })).toEqual([]);
      expect(await found({ from: 'x', to: 'y' })).toEqual([]);
      expect(await items().query({ table: MAIN, pk: uniquePk(), limit: 1 })).toEqual({ items: [] });
    });

    it('says that it goes on exactly while something follows', async () => {
      const pk = uniquePk();
      for (const sk of ['a', 'b', 'c', 'd']) await put(items(), { pk, sk });
      for (const descending of [false, true]) {
        expect((await items().query({ table: MAIN, pk, limit: 4, descending })).next).toBeUndefined();
        expect((await items().query({ table: MAIN, pk, limit: 3, descending })).next).toBeDefined();
        const range = { prefix: descending ? 'd' : 'a' };
        expect(
          (await items().query({ table: MAIN, pk, sk: range, limit: 1, descending })).next,
        ).toBeUndefined();
      }
    });

    it('goes on behind the last page, whatever was written and deleted meanwhile', async () => {
      const pk = uniquePk();
      for (const sk of ['b', 'd', 'f', 'h']) await put(items(), { pk, sk });
      const first = await items().query({ table: MAIN, pk, limit: 2 });
      for (const sk of ['a', 'c', 'e', 'i']) await put(items(), { pk, sk });
      for (const sk of ['d', 'f']) await items().delete({ table: MAIN, key: { pk, sk } });
      const startAfter = first.next ?? '';
      const second = await items().query({ table: MAIN, pk, limit: 10, startAfter });
      expect([first.items.map(skOf), second.items.map(skOf)]).toEqual([
        ['b', 'd'],
        ['e', 'h', 'i'],
      ]);
    });

    it('sees every write that was answered before', async () => {
      const pk = uniquePk();
      for (let count = 1; count <= 10; count += 1) {
        await put(items(), { pk, sk: `sk-${count}` });
        expect((await items().query({ table: MAIN, pk, limit: 100 })).items).toHaveLength(count);
      }
    });

    it('ends a page at 1 MB, with at least one item, and goes on behind it', async () => {
      const pk = uniquePk();
      const sks = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
      for (const sk of sks) await put(items(), { pk, sk, text: 'x'.repeat(300_000) });
      for (const descending of [false, true]) {
        const pages = await pagesOf(items(), { pk, limit: 1000, descending });
        expect(pages.flat().map(skOf)).toEqual(descending ? sks.toReversed() : sks);
        expect(pages.length).toBeGreaterThan(1);
        for (const page of pages) expect(page.length).toBeLessThanOrEqual(4);
      }
    });
  });

  describe('the index', () => describeIndex({ items, runs }));
}

/** It may lag: what it should show is waited for. */
async function ownedBy(items: ItemStore, pk: string, expected: readonly string[]): Promise<readonly Item[]> {
  return await vi.waitFor(
    async () => {
      const found = (await pagesOf(items, { index: 'byOwner', pk, limit: 1000 })).flat();
      expect(found.map(skOf).sort(byUtf8)).toEqual([...expected].sort(byUtf8));
      return found;
    },
    { timeout: 30_000, interval: 20 },
  );
}

function describeIndex({ items, runs }: ItemsUnderTest): void {
  it('holds whole items that have both of its key attributes, and follows their changes', async () => {
    const owner = uniquePk('owner');
    const key = uniqueKey();
    const item = {
      ...key,
      sk: 'one',
      ownerPk: owner,
      ownerSk: '1',
      list: [2n ** 70n],
      bytes: new Uint8Array([1]),
    };
    await put(items(), item);
    await put(items(), { ...key, sk: 'no owner', ownerSk: '2' });
    await put(items(), { ...key, sk: 'no place', ownerPk: owner });
    expect(await ownedBy(items(), owner, ['one'])).toEqual([item]);
    const update = { table: MAIN, key: { pk: key.pk, sk: 'no place' } };
    await items().update({ ...update, changes: { set: { ownerSk: '0' } } });
    expect((await ownedBy(items(), owner, ['no place', 'one'])).map(skOf)).toEqual(['no place', 'one']);
    await items().update({ ...update, changes: { remove: ['ownerPk'] } });
    await items().delete({ table: MAIN, key: { pk: key.pk, sk: 'one' } });
    expect(await ownedBy(items(), owner, [])).toEqual([]);
  });

  it('is paged in the order of its sort key, none left out where many share it', async () => {
    const anyOwned = fc.array(fc.tuple(fc.constantFrom('a', 'b', '\uffff', '😀'), fc.nat(3)), {
      maxLength: 15,
    });
    const property = fc.asyncProperty(anyOwned, anyPaging, async (owned, paging) => {
      const owner = uniquePk('owner');
      const all = owned.map(([ownerSk, partition], index) => {
        return { pk: `${owner}-${partition}`, sk: `sk-${index}`, ownerPk: owner, ownerSk };
      });
      for (const item of all) await put(items(), item);
      await ownedBy(items(), owner, all.map(skOf));
      const pages = await pagesOf(items(), { index: 'byOwner', pk: owner, ...paging });
      expect(pages.flat().map(skOf).sort(byUtf8)).toEqual(all.map(skOf).sort(byUtf8));
      const order = all.map(({ ownerSk }) => ownerSk).sort(byUtf8);
      if (paging.descending) order.reverse();
      expect(pages.flat().map(({ ownerSk }) => ownerSk)).toEqual(order);
      expect(pages.map(({ length }) => length)).toEqual(fullPages(all.length, paging.limit));
      const range = { from: 'b', to: '\uffff' };
      const some = await pagesOf(items(), { index: 'byOwner', pk: owner, sk: range, ...paging });
      const within = all.filter(({ ownerSk }) => ownerSk === 'b' || ownerSk === '\uffff');
      expect(some.flat().map(skOf).sort(byUtf8)).toEqual(within.map(skOf).sort(byUtf8));
    });
    await fc.assert(property, { numRuns: runs });
  });
}
