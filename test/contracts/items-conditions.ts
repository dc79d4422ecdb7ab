import { describe, expect, it } from 'vitest';
import type { Condition, Item, ItemValue } from '../../shared/ports/item-store.ts';
import { get, type ItemsUnderTest, isMet, LARGEST, MAIN, put, uniqueKey } from './items-builders.ts';

type Kind = 'equal' | 'not_equal' | 'less' | 'less_or_equal' | 'greater' | 'greater_or_equal';
type Scalar = string | number | bigint | boolean;

const ABSENT = Symbol('an item without the attribute');
const NO_ITEM = Symbol('no item');

/** Which comparisons hold when what is stored is less, equal, greater, or cannot be compared. */
const HOLD: Readonly<Record<'less' | 'same' | 'greater' | 'apart', readonly Kind[]>> = {
  less: ['not_equal', 'less', 'less_or_equal'],
  same: ['equal', 'less_or_equal', 'greater_or_equal'],
  greater: ['not_equal', 'greater', 'greater_or_equal'],
  apart: ['not_equal'],
};
const ORDERED: readonly Kind[] = ['less', 'less_or_equal', 'greater', 'greater_or_equal'];
const EQUALITY: readonly Kind[] = ['equal', 'not_equal'];

const COMPARISONS: readonly [ItemValue | symbol, keyof typeof HOLD, Scalar][] = [
  [1, 'less', 2],
  [-2, 'less', -1],
  [9, 'less', 10],
  [2, 'same', 2],
  [2, 'same', 2n],
  [0, 'same', -0],
  [3, 'greater', 2],
  [2 ** 53 - 1, 'less', 2n ** 53n],
  [2n ** 53n, 'less', 2n ** 53n + 1n],
  [LARGEST, 'greater', LARGEST - 1n],
  [-LARGEST, 'less', 0],
  [LARGEST, 'same', LARGEST],
  ['a', 'less', 'b'],
  ['10', 'less', '9'],
  ['Z', 'less', 'a'],
  ['', 'less', 'a'],
  ['', 'same', ''],
  ['a', 'less', 'a\u0000'],
  ['é', 'greater', 'z'],
  ['e\u0301', 'less', 'é'],
  ['\uffff', 'less', '😀'],
  ['😀', 'same', '😀'],
  [1, 'apart', '1'],
  ['1', 'apart', 1],
  [0, 'apart', ''],
  [null, 'apart', 'null'],
  [null, 'apart', 0],
  [true, 'apart', 1],
  [true, 'apart', 'true'],
  [[1], 'apart', 1],
  [{}, 'apart', ''],
  [new Uint8Array([97]), 'apart', 'a'],
  [ABSENT, 'apart', 1],
  [ABSENT, 'apart', ''],
  [NO_ITEM, 'apart', 1],
  [NO_ITEM, 'apart', 'a'],
];
const EQUALITIES: readonly [ItemValue | symbol, keyof typeof HOLD, boolean][] = [
  [true, 'same', true],
  [false, 'same', false],
  [true, 'apart', false],
  ['true', 'apart', true],
  [1, 'apart', true],
  [0, 'apart', false],
  [null, 'apart', false],
  [ABSENT, 'apart', false],
  [NO_ITEM, 'apart', false],
];

const nameOf = (value: unknown) =>
  typeof value === 'symbol'
    ? value.description
    : typeof value === 'bigint'
      ? `${value}n`
      : JSON.stringify(value);

export function describeConditions({ items }: ItemsUnderTest): void {
  const store = async (value: ItemValue | symbol) => {
    const key = uniqueKey();
    if (typeof value !== 'symbol') await put(items(), { ...key, value });
    else if (value === ABSENT) await put(items(), { ...key, other: 1 });
    return key;
  };

  describe('comparisons', () => {
    const cases = [
      ...COMPARISONS.map((one) => ({ one, kinds: [...EQUALITY, ...ORDERED] })),
      ...EQUALITIES.map((one) => ({ one, kinds: EQUALITY })),
    ].map(({ one: [stored, order, value], kinds }) => {
      return { stored, order, value, kinds, title: `${nameOf(stored)} is ${order} to ${nameOf(value)}` };
    });
    it.each(cases)('of the stored value: $title', async ({ stored, order, value, kinds }) => {
      const key = await store(stored);
      const held: Kind[] = [];
      for (const kind of kinds) {
        if (await isMet(items(), key, { kind, name: 'value', value })) held.push(kind);
      }
      expect(held.sort()).toEqual(HOLD[order].filter((kind) => kinds.includes(kind)).sort());
    });

    it('see own attributes only, and also the key', async () => {
      const key = await store('x');
      for (const name of ['constructor', 'hasOwnProperty', 'toString']) {
        expect(await isMet(items(), key, { kind: 'attribute_absent', name })).toBe(true);
        expect(await isMet(items(), key, { kind: 'equal', name, value: 'x' })).toBe(false);
      }
      expect(await isMet(items(), key, { kind: 'equal', name: 'sk', value: key.sk })).toBe(true);
      expect(await isMet(items(), key, { kind: 'attribute_absent', name: 'pk' })).toBe(false);
    });
  });

  describe('presence', () => {
    it.each([
      ['no item', NO_ITEM, ['attribute_absent', 'item_absent']],
      ['an item without the attribute', ABSENT, ['attribute_absent', 'item_present']],
      ['an attribute that is null', null, ['item_present']],
      ['an attribute that is empty', '', ['item_present']],
    ] as const)('of %s', async (_title, stored, expected) => {
      const key = await store(stored);
      const conditions: readonly Condition[] = [
        { kind: 'attribute_absent', name: 'value' },
        { kind: 'item_absent' },
        { kind: 'item_present' },
      ];
      const held: string[] = [];
      for (const condition of conditions) {
        if (await isMet(items(), key, condition)) held.push(condition.kind);
      }
      expect(held).toEqual(expected);
    });
  });

  describe('groups', () => {
    const yes: Condition = { kind: 'item_present' };
    const no: Condition = { kind: 'item_absent' };
    it.each([
      ['all', [yes], true],
      ['all', [yes, yes], true],
      ['all', [yes, no], false],
      ['any', [no, yes], true],
      ['any', [no, no], false],
      ['any', [no], false],
      ['all', [yes, { kind: 'any', of: [no, { kind: 'all', of: [yes, yes] }] }], true],
      ['any', [no, { kind: 'all', of: [yes, { kind: 'any', of: [no, no] }] }], false],
    ] as const)('%s of %j: %s', async (kind, of, expected) => {
      const key = await store('x');
      expect(await isMet(items(), key, { kind, of })).toBe(expected);
    });
  });

  describe('a condition', () => {
    const condition: Condition = { kind: 'equal', name: 'value', value: 1 };
    it.each([1, 2, ABSENT, NO_ITEM])('decides each kind of write alike: %s', async (stored) => {
      const expectDecided = async (write: (key: { pk: string; sk: string }) => Promise<unknown>) => {
        const key = await store(stored);
        const before = await get(items(), key);
        const error = { kind: 'condition_failed', ...(before === undefined ? {} : { existing: before }) };
        expect(await write(key)).toMatchObject(stored === 1 ? { ok: true } : { ok: false, error });
        const after = await get(items(), key);
        return { before, after };
      };
      const untouched = (seen: { before: Item | undefined; after: Item | undefined }) => {
        if (stored !== 1) expect(seen.after).toEqual(seen.before);
        else expect(seen.after).not.toEqual(seen.before);
      };
      untouched(
        await expectDecided((key) => items().put({ table: MAIN, item: { ...key, a: 1 }, condition })),
      );
      untouched(await expectDecided((key) => items().delete({ table: MAIN, key, condition })));
      const changes = { set: { a: 1 } };
      untouched(await expectDecided((key) => items().update({ table: MAIN, key, changes, condition })));
    });
  });
}
