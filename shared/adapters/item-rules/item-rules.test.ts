import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Item } from '../../ports/item-store.ts';
import { decodeItem, encodeAttributes } from './item-codec.ts';
import { decodePosition } from './reads.ts';
import { endOfPrefix } from './text.ts';
import { itemBytes } from './values.ts';

const KEY = { pk: 'p', sk: 's' };
const KEY_BYTES = 2 + 1 + 2 + 1;
const byUtf8 = (left: string, right: string) => Buffer.compare(Buffer.from(left), Buffer.from(right));

describe('the size of an item is DynamoDB’s', () => {
  const nineteen = '1'.repeat(19);
  test.each<[string, Item[string], number]>([
    ['an empty text', '', 0],
    ['a text, in UTF-8', 'é😀', 6],
    ['bytes', new Uint8Array(7), 7],
    ['null', null, 1],
    ['true', true, 1],
    ['an empty list', [], 3],
    ['an empty map', {}, 3],
    ['a list: one byte more an element', ['a', null], 3 + 2 + 1 + 1],
    ['a map: one byte more an entry, and its names', { ab: 'c', d: true }, 3 + 2 + 3 + 2],
    ['maps in lists', [{ a: '' }], 3 + 1 + (3 + 1 + 1)],
    ['zero', 0, 2],
    ['one digit', 7, 2],
    ['38 digits', 10n ** 38n - 1n, 21],
    ['zeroes at the end, which do not count', 10n ** 37n, 2],
    ['a digit pair that may lie across two bytes', 11, 3],
    ['a negative integer: one byte more', BigInt(`-${nineteen}`), 12],
  ])('%s', (_title, value, bytes) => {
    expect(itemBytes({ ...KEY, n: value })).toBe(KEY_BYTES + 1 + bytes);
  });
});

describe('the end of a prefix', () => {
  test.each([
    ['a', 'b'],
    ['ab', 'ac'],
    ['a\uffff', 'a\u{10000}'],
    ['a\ud7ff', 'a\ue000'],
    ['a😀', 'a😁'],
    ['a\u{10ffff}', 'b'],
    ['a\u{10ffff}\u{10ffff}', 'b'],
    ['\u{10ffff}', undefined],
  ])('of %j is %j', (prefix, end) => {
    expect(endOfPrefix(prefix)).toBe(end);
  });

  test('lies above each text that begins with it, and not above any other that is greater', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', '\u007f', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10ffff}'), {
        minLength: 1,
        maxLength: 4,
      })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, text, (prefix, other) => {
        const end = endOfPrefix(prefix);
        const isBelowEnd = end === undefined || byUtf8(other, end) < 0;
        expect(byUtf8(other, prefix) >= 0 && isBelowEnd).toBe(other.startsWith(prefix));
      }),
    );
  });
});

describe('the stored text of an item', () => {
  test('never changes its form: what is stored today is read for years', () => {
    const stored =
      '{"a":"x","n":-7,"yes":true,"none":null,"big":{"$n":"-100000000000000000000000000000000000007"},' +
      '"bytes":{"$b":"AAH/"},"list":[1,{"$n":"9007199254740992"}],"map":{"$m":{"$n":"1"}},"two":{"$n":"1","a":2}}';
    const item: Item = {
      ...KEY,
      a: 'x',
      n: -7,
      yes: true,
      none: null,
      big: -100000000000000000000000000000000000007n,
      bytes: new Uint8Array([0, 1, 255]),
      list: [1, 2n ** 53n],
      map: { $n: '1' },
      two: { $n: '1', a: 2 },
    };
    expect(decodeItem(KEY, stored)).toEqual(item);
    expect(encodeAttributes(item)).toBe(stored);
  });

  test.each<[string, Item[string]]>([
    ['a map that looks like an integer', { $n: '12' }],
    ['a map that looks like bytes', { $b: 'AAAA' }],
    ['a map that looks like a map', { $m: { $n: '1' } }],
    ['a map that looks like a map that looks like one', { $m: { $m: { $m: 1 } } }],
    ['a map of the tags together', { $n: 1, $b: 2 }],
    ['a map with one tag whose value is a list', { $n: [1] }],
    ['an empty map in lists', [[{}]]],
  ])('is exact for %s', (_title, value) => {
    for (const item of [
      { ...KEY, value },
      { ...KEY, $n: value },
      { ...KEY, value: [{ inner: value }] },
    ]) {
      expect(decodeItem(KEY, encodeAttributes(item))).toEqual(item);
    }
  });
});

/** Texts with halves of surrogate pairs, too. */
const codeUnits = fc.array(fc.nat(0xffff), { maxLength: 6 }).map((units) => String.fromCharCode(...units));

test('any text is a position: of a table the sort key itself, of an index one that nobody gave out, too', () => {
  fc.assert(
    fc.property(fc.oneof(codeUnits, fc.json()), (token) => {
      const table = { table: 'main', pk: 'p', limit: 1 };
      expect(decodePosition(token, table)).toEqual({ sortKey: token, pk: 'p', sk: token });
      const position = decodePosition(token, { ...table, index: 'byOwner' });
      expect(Object.values(position).map((part) => typeof part)).toEqual(['string', 'string', 'string']);
    }),
  );
});
