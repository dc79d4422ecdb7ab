import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../shared/kernel/assert.ts';
import type {
  AttributeChanges,
  Condition,
  Item,
  ItemKey,
  ItemStore,
  ItemValue,
  QueryInput,
  TransactionOperation,
} from '../../shared/ports/item-store.ts';
import { get, type ItemsUnderTest, LARGEST, MAIN, put, uniqueKey, uniquePk } from './items-builders.ts';

const KIB = 1024;
/** Lists within lists, around a text. */
const nested = (levels: number): ItemValue => (levels === 0 ? 'x' : [nested(levels - 1)]);
const chain = (terms: number): Condition => ({
  kind: 'any',
  of: Array.from({ length: terms }, (_, index) => ({ kind: 'not_equal', name: 'a', value: index })),
});

/** What a type forbids can still come from data. */
const loose = (value: unknown) => value as never;

const VALUES_REFUSED: readonly [string, unknown][] = [
  ['a fraction', 0.5],
  ['NaN', Number.NaN],
  ['infinity', Number.POSITIVE_INFINITY],
  ['a number beyond the safe ones', 2 ** 53],
  ['39 digits', LARGEST + 2n],
  ['39 digits below zero', -LARGEST - 2n],
  ['undefined', undefined],
  ['a function', () => 1],
  ['a date', new Date(0)],
  ['a map of the language', new Map()],
  ['half a surrogate pair', 'a\ud800'],
  ['undefined in a list', [undefined]],
  ['holes in a list', new Array(2)],
  ['a fraction deep inside', { a: [{ b: 0.1 }] }],
  ['an empty name deep inside', { a: [{ '': 1 }] }],
  ['a name with a control character', { 'a\u0000': 1 }],
  ['a name deep inside that is one', { a: [{ '\n': 1 }] }],
  ['a name deep inside that objects treat as their own', { a: [JSON.parse('{"__proto__":1}')] }],
  ['32 levels', nested(32)],
];
const KEYS_REFUSED: readonly [string, unknown][] = [
  ['an empty partition key', { pk: '' }],
  ['an empty sort key', { sk: '' }],
  ['a partition key that is no text', { pk: 1 }],
  ['a sort key that is missing', { sk: undefined }],
  ['a partition key above 2,048 bytes', { pk: 'é'.repeat(1_025) }],
  ['a sort key above 1,024 bytes', { sk: 'é'.repeat(513) }],
  ['half a surrogate pair', { sk: 'a\udc00' }],
];
const CHANGES_REFUSED: readonly [string, AttributeChanges][] = [
  ['nothing', {}],
  ['empty lists of changes', { set: {}, add: {}, remove: [] }],
  ['the partition key', { set: { pk: 'other' } }],
  ['the sort key', { remove: ['sk'] }],
  ['one attribute twice', { set: { a: 1 }, remove: ['a'] }],
  ['one attribute set and added to', { set: { a: 1 }, add: { a: 1 } }],
  ['one attribute removed twice', { remove: ['a', 'a'] }],
  ['an empty name', { set: { '': 1 } }],
  ['the prototype', { remove: ['__proto__'] }],
  ['a fraction', { add: { a: 0.5 } }],
  ['a text that is added', { add: { a: loose('1') } }],
  ['undefined', { set: { a: loose(undefined) } }],
  ['an owner that is no text', { set: { ownerPk: 1 } }],
  ['an owner that is empty', { set: { ownerSk: '' } }],
  ['more than 100 attributes', { remove: Array.from({ length: 101 }, (_, index) => `a${index}`) }],
];
const CONDITIONS_REFUSED: readonly [string, Condition][] = [
  ['an empty group', { kind: 'all', of: [] }],
  ['an empty group inside', { kind: 'any', of: [{ kind: 'item_absent' }, { kind: 'any', of: [] }] }],
  ['an empty name', { kind: 'attribute_absent', name: '' }],
  ['an order of true and false', { kind: 'less', name: 'a', value: true }],
  ['a fraction', { kind: 'equal', name: 'a', value: 0.5 }],
  ['39 digits', { kind: 'equal', name: 'a', value: LARGEST + 2n }],
  ['a comparison with null', { kind: 'equal', name: 'a', value: loose(null) }],
  ['more than 100 terms', chain(100)],
];
const QUERIES_REFUSED: readonly [string, Partial<QueryInput>][] = [
  ['no items', { limit: 0 }],
  ['more than 1,000 items', { limit: 1_001 }],
  ['a fraction of an item', { limit: 1.5 }],
  ['an empty prefix', { sk: { prefix: '' } }],
  ['an empty end', { sk: { from: '' } }],
  ['an end before the beginning', { sk: { from: 'b', to: 'a' } }],
  ['an end before the beginning, by bytes', { sk: { from: '😀', to: '\uffff' } }],
  ['an empty partition', { pk: '' }],
  ['an unknown index', { index: 'byName' }],
  ['an index of another table', { table: 'claims', index: 'byOwner' }],
  ['an unknown table', { table: 'other' }],
];

export function describeLimits({ items }: ItemsUnderTest): void {
  describe('refused, with nothing written', () => {
    const refuse = async (call: (key: ReturnType<typeof uniqueKey>) => Promise<unknown>) => {
      const key = uniqueKey();
      await put(items(), { ...key, before: 1 });
      await expect(call(key)).rejects.toThrow(InvariantError);
      expect(await get(items(), key)).toEqual({ ...key, before: 1 });
    };
    it.each(VALUES_REFUSED)('a value that is %s', async (_title, value) => {
      await refuse((key) => items().put({ table: MAIN, item: { ...key, value: loose(value) } }));
      const changes = { set: { value: loose(value) } };
      await refuse((key) => items().update({ table: MAIN, key, changes }));
      await refuse((key) => items().transact([{ op: 'update', table: MAIN, key, changes }]));
    });
    it.each(KEYS_REFUSED)('a key with %s', async (_title, part) => {
      const wrong = { pk: uniquePk(), sk: 'item', ...(part as object) } as ItemKey;
      for (const call of everyCall(items(), wrong)) await expect(call()).rejects.toThrow(InvariantError);
    });
    it.each(CHANGES_REFUSED)('an update that changes %s', async (_title, changes) => {
      await refuse((key) => items().update({ table: MAIN, key, changes }));
      await refuse((key) => items().transact([{ op: 'update', table: MAIN, key, changes }]));
    });
    it.each(CONDITIONS_REFUSED)('a condition with %s', async (_title, condition) => {
      await refuse((key) => items().put({ table: MAIN, item: key, condition }));
      await refuse((key) => items().delete({ table: MAIN, key, condition }));
      await refuse((key) => items().transact([{ op: 'check', table: MAIN, key, condition }]));
    });
    it.each(QUERIES_REFUSED)('a query for %s', async (_title, part) => {
      const input: QueryInput = { table: MAIN, pk: uniquePk(), limit: 1, ...part };
      await expect(items().query(input)).rejects.toThrow(InvariantError);
    });
  });

  describe('an item', () => describeItemSize(items));
  describe('a read or transaction', () => describeCounts(items));
  describe('within the limits', () => {
    it('are 100 terms, 100 attributes, 31 levels and 2,048 and 1,024 bytes of key', async () => {
      const key = { pk: uniquePk().padEnd(2_048, 'x'), sk: 'é'.repeat(512) };
      const names = Array.from({ length: 100 }, (_, index) => `a${index}`);
      const set = Object.fromEntries(names.map((name) => [name, 1]));
      const updated = await items().update({ table: MAIN, key, changes: { set }, condition: chain(99) });
      expect(updated).toEqual({ ok: true, value: { ...key, ...set } });
      const deep: Item = { ...key, deep: nested(31) };
      await put(items(), deep);
      expect(await get(items(), key)).toEqual(deep);
    });
  });
}

function everyCall(items: ItemStore, key: ItemKey): readonly (() => Promise<unknown>)[] {
  return [
    () => items.get({ table: MAIN, key }),
    () => items.getMany({ table: MAIN, keys: [key] }),
    () => items.put({ table: MAIN, item: { ...key } }),
    () => items.update({ table: MAIN, key, changes: { set: { a: 1 } } }),
    () => items.delete({ table: MAIN, key }),
    () => items.transact([{ op: 'check', table: MAIN, key, condition: { kind: 'item_absent' } }]),
  ];
}

function describeItemSize(items: () => ItemStore): void {
  it('has at most 400 KB, names and key included', async () => {
    const key = uniqueKey();
    // "pk", "sk" and "é" are names of two bytes each.
    const room = 400 * KIB - (2 + key.pk.length) - (2 + key.sk.length) - 2;
    const largest = { ...key, é: `é${'x'.repeat(room - 2)}` };
    await put(items(), largest);
    const item = { ...key, é: `é${'x'.repeat(room - 1)}` };
    await expect(items().put({ table: MAIN, item })).rejects.toThrow(InvariantError);
    expect(await get(items(), key)).toEqual(largest);
    const nestedItem = { ...key, l: ['x'.repeat(200 * KIB), { m: new Uint8Array(200 * KIB) }] };
    await expect(items().put({ table: MAIN, item: nestedItem })).rejects.toThrow(InvariantError);
  });

  it.each([
    ['an owner that is no text', { ownerPk: 1, ownerSk: 'a' }],
    ['an owner that is no text, though without a place', { ownerPk: 1 }],
    ['an owner that is empty', { ownerPk: '', ownerSk: 'a' }],
    ['a place that is empty', { ownerPk: 'a', ownerSk: '' }],
    ['an owner above 2,048 bytes', { ownerPk: 'x'.repeat(2_049), ownerSk: 'a' }],
    ['a place above 1,024 bytes', { ownerPk: 'a', ownerSk: 'x'.repeat(1_025) }],
    ['an empty name', { '': 1 }],
  ])('has not %s', async (_title, attributes) => {
    const key = uniqueKey();
    await expect(items().put({ table: MAIN, item: { ...key, ...attributes } })).rejects.toThrow(
      InvariantError,
    );
    expect(await get(items(), key)).toBeUndefined();
  });
}

function describeCounts(items: () => ItemStore): void {
  const puts = (count: number, bytes: number): TransactionOperation[] => {
    const pk = uniquePk();
    return Array.from({ length: count }, (_, index) => {
      return { op: 'put', table: MAIN, item: { pk, sk: `sk-${index}`, text: 'x'.repeat(bytes) } };
    });
  };

  it('has 1 to 100 items, each of them once', async () => {
    const key = uniqueKey();
    const [put1] = puts(1, 1);
    const twice: TransactionOperation[] = [
      { op: 'put', table: MAIN, item: key },
      { op: 'delete', table: MAIN, key },
    ];
    for (const operations of [[], puts(101, 1), twice, [put1, put1] as TransactionOperation[]]) {
      await expect(items().transact(operations)).rejects.toThrow(InvariantError);
    }
    const keys = Array.from({ length: 101 }, (_, index) => ({ pk: key.pk, sk: `sk-${index}` }));
    for (const wrong of [[], keys, [key, { ...key }]]) {
      await expect(items().getMany({ table: MAIN, keys: wrong })).rejects.toThrow(InvariantError);
    }
    expect(await items().getMany({ table: MAIN, keys: keys.slice(1) })).toEqual([]);
    expect(await items().query({ table: MAIN, pk: key.pk, limit: 1000 })).toEqual({ items: [] });
  });

  it('writes at most 4 MB at once, and nothing of more', async () => {
    const operations = puts(11, 390 * KIB);
    await expect(items().transact(operations)).rejects.toThrow(InvariantError);
    const pk = operations[0]?.op === 'put' ? operations[0].item.pk : '';
    expect(await items().query({ table: MAIN, pk, limit: 1 })).toEqual({ items: [] });
    expect(await items().transact(operations.slice(0, 10))).toEqual({ ok: true, value: undefined });
  });
}
