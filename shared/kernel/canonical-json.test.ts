import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assertJsonValue, canonicalJson, type JsonValue } from './canonical-json.ts';

/** JSON values whose texts are well-formed Unicode, as the parser's border guarantees. */
const jsonValue = fc.jsonValue({ stringUnit: 'grapheme', maxDepth: 4 }) as fc.Arbitrary<JsonValue>;

function withReversedKeys(value: JsonValue): JsonValue {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(withReversedKeys);
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, member]) => [key, withReversedKeys(member)] as const)
      .reverse(),
  );
}

describe('canonicalJson', () => {
  test('the example of RFC 8785 section 3.2.2 gives the bytes of section 3.2.4', () => {
    const input = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],' +
        '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
    );
    expect(canonicalJson(input)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test('keys are ordered by UTF-16 code units', () => {
    expect(
      canonicalJson({ '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7 }),
    ).toBe('{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\u{1f600}":5,"\ufb33":3}');
  });

  test('the order of keys never changes the text, and the text means the value', () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(withReversedKeys(value))).toBe(text);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('the text is that of the reference implementation, whether the keys are in order or not', () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        const expected = canonicalize(value);
        expect(canonicalJson(value)).toBe(expected);
        expect(canonicalJson(withReversedKeys(value))).toBe(expected);
        expect(canonicalJson(JSON.parse(expected ?? 'null'))).toBe(expected);
      }),
    );
  });

  test('keys that are numbers are ordered as texts, whatever the engine does with them', () => {
    expect(canonicalJson({ a: 1, 10: 2, 9: 3 })).toBe('{"10":2,"9":3,"a":1}');
    expect(canonicalJson({ list: [{ 10: 1, 9: -0 }] })).toBe('{"list":[{"10":1,"9":0}]}');
  });

  test('a key __proto__ is kept like any other', () => {
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"a":2}}'))).toBe('{"__proto__":{"a":2},"b":1}');
  });

  test.each([
    ['undefined', undefined],
    ['an undefined member', { a: undefined }],
    ['a hole in a list', Array(1)],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a bigint', 1n],
    ['NaN', Number.NaN],
    ['infinity', { a: [Number.POSITIVE_INFINITY] }],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['a lone surrogate', '\ud800'],
    ['a lone surrogate as key', { '\udc00': 1 }],
  ])('%s is refused, for it would be dropped or changed silently', (_, value) => {
    expect(() => assertJsonValue(value)).toThrow('JSON');
  });

  test('a cycle and a bottomless value are refused instead of exhausting the stack', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(() => assertJsonValue(cycle)).toThrow('nested too deeply');
  });
});
