import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defined, InvariantError } from '../../shared/kernel/assert.ts';
import type { Condition, Item, ItemValue } from '../../shared/ports/item-store.ts';
import {
  type ChangesUnderTest,
  changesOf,
  imagesOf,
  OUTBOX,
  put,
  readShard,
} from './item-changes-builders.ts';
import { anyAttributes, MAIN, uniqueKey } from './items-builders.ts';

const ABSENT: Condition = { kind: 'item_absent' };
const PRESENT: Condition = { kind: 'item_present' };

/** Two values that are the same to a store, however they are written. */
const SAME: readonly [string, ItemValue, ItemValue][] = [
  ['a text', 'x', 'x'],
  ['an integer as bigint', 7, 7n],
  ['a large integer', 2n ** 70n, 2n ** 70n],
  ['zero below zero', 0, -0],
  ['null', null, null],
  ['bytes', new Uint8Array([1, 2]), new Uint8Array([1, 2])],
  ['a list', [1, ['a']], [1n, ['a']]],
  ['a map in another order', { a: 1, b: { c: 2, d: [] } }, { b: { d: [], c: 2 }, a: 1n }],
  ['a map that looks like a large integer', { $n: '1' }, { $n: '1' }],
];
const DIFFERENT: readonly [string, ItemValue, ItemValue][] = [
  ['an integer and its text', 1, '1'],
  ['a large integer and the next', 2n ** 70n, 2n ** 70n + 1n],
  ['null and the empty text', null, ''],
  ['false and zero', false, 0],
  ['lists in another order', [1, 2], [2, 1]],
  ['lists of other lengths', [1], [1, 1]],
  ['an empty list and an empty map', [], {}],
  ['maps of the same size', { a: 1 }, { b: 1 }],
  ['a map that has more', { a: 1 }, { a: 1, b: null }],
  ['a map and one with what objects inherit', { a: 1 }, { constructor: 1 }],
  ['a list and a map that looks like it', ['a'], { 0: 'a' }],
  ['bytes that differ in the last', new Uint8Array([1, 2]), new Uint8Array([1, 3])],
  ['bytes and their text', new Uint8Array([97]), 'a'],
  ['a map deep inside', [{ a: [{ b: 1 }] }], [{ a: [{ b: 2 }] }]],
  ['texts of other normal forms', 'é', 'e\u0301'],
];

export function describeChangeWrites(subject: ChangesUnderTest): void {
  const { items, runs } = subject;

  describe('a write', () => {
    it('is one change: its key, the item before and after, its cause and time', async () => {
      const key = uniqueKey();
      await put(items(), { ...key, n: 1 });
      await items().update({ table: OUTBOX, key, changes: { add: { n: 1 }, set: { a: 'x' } } });
      await items().put({ table: OUTBOX, item: { ...key, list: [1] }, condition: PRESENT });
      await items().delete({ table: OUTBOX, key });
      await items().update({ table: OUTBOX, key, changes: { remove: ['none'] } });
      const found = await changesOf(subject, key);
      expect(imagesOf(found)).toEqual([
        [null, { ...key, n: 1 }],
        [
          { ...key, n: 1 },
          { ...key, n: 2, a: 'x' },
        ],
        [
          { ...key, n: 2, a: 'x' },
          { ...key, list: [1] },
        ],
        [{ ...key, list: [1] }, null],
        [null, key],
      ]);
      for (const change of found) {
        expect(change).toMatchObject({ key, cause: 'write' });
        expect(change.changedAtMs).toSatisfy(Number.isSafeInteger);
      }
    });

    it('has exactly what was stored in both images', async () => {
      const property = fc.asyncProperty(anyAttributes, anyAttributes, async (first, second) => {
        const key = uniqueKey();
        await put(items(), { ...first, ...key, tag: 1 });
        await put(items(), { ...second, ...key, tag: 2 });
        const [before, after] = [
          { ...first, ...key, tag: 1 },
          { ...second, ...key, tag: 2 },
        ];
        expect(imagesOf(await changesOf(subject, key))).toEqual([
          [null, before],
          [before, after],
        ]);
      });
      await fc.assert(property, { numRuns: runs });
    });

    it('is read as it was, whatever becomes of what was passed in or handed out', async () => {
      const key = uniqueKey();
      const bytes = new Uint8Array([1]);
      const list = ['a'];
      await put(items(), key);
      await put(items(), { ...key, bytes, list });
      bytes.fill(9);
      list.push('b');
      const [created, changed] = await changesOf(subject, key);
      const item = { ...key, bytes: new Uint8Array([1]), list: ['a'] };
      const after = defined(changed?.after, 'the item');
      expect(after).toEqual(item);
      (after.bytes as Uint8Array).fill(8);
      (after.list as string[]).push('c');
      const { shardId, sequenceNumber } = defined(created, 'the first change');
      const again = await readShard(subject.changes(), { shardId, after: sequenceNumber });
      const ofItem = again.filter((change) => change.key.pk === key.pk);
      expect(imagesOf(ofItem.slice(0, 1))).toEqual([[key, item]]);
    });

    it.each(DIFFERENT)('changes an item also between %s', async (_title, value, other) => {
      const key = uniqueKey();
      const [one, two] = [
        { ...key, value },
        { ...key, value: other },
      ];
      for (const item of [one, two, one]) await put(items(), item);
      expect(imagesOf(await changesOf(subject, key))).toEqual([
        [null, one],
        [one, two],
        [two, one],
      ]);
    });
  });

  describe('no change', () => {
    it.each(SAME)('where an item is written as it is: %s', async (_title, value, again) => {
      const key = uniqueKey();
      await put(items(), { ...key, value, other: 1 });
      await put(items(), { other: 1n, value: again, ...key });
      await items().put({ table: OUTBOX, item: { ...key, value: again, other: 1 }, condition: PRESENT });
      await items().update({ table: OUTBOX, key, changes: { set: { value: again } } });
      await items().update({ table: OUTBOX, key, changes: { add: { other: 0 }, remove: ['none'] } });
      await items().transact([{ op: 'put', table: OUTBOX, item: { ...key, value: again, other: 1 } }]);
      expect(imagesOf(await changesOf(subject, key))).toEqual([[null, { ...key, value, other: 1 }]]);
    });

    it('where nothing was there to delete', async () => {
      const key = uniqueKey();
      expect((await items().delete({ table: OUTBOX, key })).ok).toBe(true);
      expect((await items().transact([{ op: 'delete', table: OUTBOX, key }])).ok).toBe(true);
      expect(await changesOf(subject, key)).toEqual([]);
    });

    it('where a condition fails', async () => {
      const [there, gone] = [uniqueKey(), uniqueKey()];
      const item = { ...there, n: 1 };
      await put(items(), item);
      const changes = { set: { n: 2 } };
      const refused = [
        await items().put({ table: OUTBOX, item: { ...there, n: 2 }, condition: ABSENT }),
        await items().update({ table: OUTBOX, key: there, changes, condition: ABSENT }),
        await items().delete({ table: OUTBOX, key: there, condition: ABSENT }),
        await items().put({ table: OUTBOX, item: gone, condition: PRESENT }),
        await items().update({ table: OUTBOX, key: gone, changes, condition: PRESENT }),
        await items().delete({ table: OUTBOX, key: gone, condition: PRESENT }),
      ];
      expect(refused.map(({ ok }) => ok)).toEqual(refused.map(() => false));
      expect(imagesOf(await changesOf(subject, there))).toEqual([[null, item]]);
      expect(await changesOf(subject, gone)).toEqual([]);
    });

    it('where a write is a bug of the caller', async () => {
      const [key, along] = [uniqueKey(), uniqueKey()];
      const item: Item = { ...key, text: 'x' };
      await put(items(), item);
      const update = { table: OUTBOX, key, changes: { add: { text: 1 } } };
      await expect(items().update(update)).rejects.toThrow(InvariantError);
      const other = { op: 'put', table: OUTBOX, item: along } as const;
      await expect(items().transact([other, { op: 'update', ...update }])).rejects.toThrow(InvariantError);
      expect(imagesOf(await changesOf(subject, key))).toEqual([[null, item]]);
      expect(await changesOf(subject, along)).toEqual([]);
    });
  });

  describe('a transaction', () => {
    it('is one change for each item that it changed, and none of what it only checked or left equal', async () => {
      const keys = Array.from({ length: 5 }, uniqueKey);
      const [created, replaced, deleted, checked, equal] = keys;
      if (!created || !replaced || !deleted || !checked || !equal) throw new Error('five keys');
      for (const key of [replaced, deleted, checked, equal]) await put(items(), { ...key, n: 1 });
      const done = await items().transact([
        { op: 'put', table: MAIN, item: { ...created, n: 9 } },
        { op: 'put', table: OUTBOX, item: { ...created, n: 2 }, condition: ABSENT },
        { op: 'update', table: OUTBOX, key: replaced, changes: { add: { n: 1 } } },
        { op: 'delete', table: OUTBOX, key: deleted },
        { op: 'check', table: OUTBOX, key: checked, condition: PRESENT },
        { op: 'put', table: OUTBOX, item: { ...equal, n: 1 } },
        { op: 'put', table: 'claims', item: equal },
      ]);
      expect(done.ok).toBe(true);
      const images = [];
      for (const key of keys) images.push(imagesOf(await changesOf(subject, key)).slice(-1));
      const one = (key: typeof created) => ({ ...key, n: 1 });
      expect(images).toEqual([
        [[null, { ...created, n: 2 }]],
        [[one(replaced), { ...replaced, n: 2 }]],
        [[one(deleted), null]],
        [[null, one(checked)]],
        [[null, one(equal)]],
      ]);
    });

    it('that is cancelled is no change, whichever operation stood in the way', async () => {
      for (const failing of [0, 1, 2]) {
        const keys = [uniqueKey(), uniqueKey(), uniqueKey()];
        const done = await items().transact(
          keys.map((key, index) => {
            const condition = index === failing ? PRESENT : ABSENT;
            return { op: 'put', table: OUTBOX, item: { ...key, n: 1 }, condition } as const;
          }),
        );
        expect(done.ok).toBe(false);
        for (const key of keys) expect(await changesOf(subject, key)).toEqual([]);
      }
    });
  });
}
