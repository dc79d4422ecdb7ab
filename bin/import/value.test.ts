import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimal, parseDecimal } from '../../shared/kernel/decimal.ts';
import { parseJsonExactly } from '../../shared/kernel/json-source.ts';
import { parseJsonKeepingDigits, typedText } from './value.ts';

/** Numeric text of all kinds: integers of any length, fractions, exponents. */
const numericText = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.oneof(fc.bigInt({ min: 0n, max: 10n ** 30n }).map(String), fc.nat(1_000).map(String)),
    fc.oneof(fc.constant(''), fc.stringMatching(/^\.\d{1,25}$/)),
    fc.oneof(fc.constant(''), fc.stringMatching(/^[eE][+-]?\d{1,3}$/)),
  )
  .map((parts) => parts.join(''));

describe('text of a cell', () => {
  test('keeps its exact value, as a number or as text, through JSON and back', () => {
    fc.assert(
      fc.property(numericText, (text) => {
        const sent = JSON.stringify({ n: typedText(text) });
        const received = parseJsonExactly(sent);
        if (!received.ok) throw new Error('not JSON');
        expect(received.value.numberIssues).toEqual([]);
        const { n } = received.value.value as { n: string | number };
        const before = parseDecimal(text);
        if (before.ok) expect(decimal(n).equals(before.value)).toBe(true);
        else expect(n).toBe(text);
      }),
    );
  });

  test('becomes a number whenever a double holds it', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.maxSafeInteger(),
          fc.double({ noNaN: true, noDefaultInfinity: true, max: 1e15, min: -1e15 }),
        ),
        (number) => {
          expect(typedText(JSON.stringify(number))).toBe(JSON.parse(JSON.stringify(number)));
        },
      ),
    );
  });

  test('that is no JSON number stays as it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const typed = typedText(text);
        if (typeof typed === 'number') expect(JSON.parse(text)).toBe(typed);
        else expect(typed).toBe(text);
      }),
    );
  });

  test.each([
    '007',
    '+5',
    '1.',
    '.5',
    ' 5',
    '0x10',
    'NaN',
    'Infinity',
    '1e400',
    '9007199254740993',
    '0.1000000000000000055',
    '',
  ])('%s stays text', (text) => {
    expect(typedText(text)).toBe(text);
  });

  test.each([
    ['374', 374],
    ['-12.50', -12.5],
    ['1e3', 1_000],
    ['9007199254740991', 9_007_199_254_740_991],
  ])('%s is a number', (text, number) => {
    expect(typedText(text)).toBe(number);
  });
});

describe('JSON whose digits count', () => {
  test('is what JSON.parse makes of it when every number is exact', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value);
        const hasUnsafe = parseJsonExactly(text).ok && /\d{17}|e\+/.test(text);
        fc.pre(!hasUnsafe);
        expect(parseJsonKeepingDigits(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test('has text where a double would round', () => {
    expect(parseJsonKeepingDigits('{"a":[9007199254740993,1],"b":"9007199254740993","c":0.1}')).toEqual({
      a: ['9007199254740993', 1],
      b: '9007199254740993',
      c: 0.1,
    });
  });

  test('keeps a member called __proto__', () => {
    expect(JSON.stringify(parseJsonKeepingDigits('{"__proto__":9007199254740993}'))).toBe(
      '{"__proto__":"9007199254740993"}',
    );
  });
});
