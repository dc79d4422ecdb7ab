import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJsonExactly } from './json-source.ts';

const issuesOf = (text: string) => {
  const parsed = parseJsonExactly(text);
  expect(parsed.ok).toBe(true);
  return parsed.ok ? parsed.value.numberIssues : [];
};

describe('numbers that JSON cannot carry are found with their path', () => {
  test.each([
    ['9007199254740992', [], 'unsafe_integer'],
    ['-9007199254740993', [], 'unsafe_integer'],
    ['[0,{"a":[1,12345678901234567890]}]', [1, 'a', 1], 'unsafe_integer'],
    [
      '{"events":[{"n":1},{"properties":{"n":123456789012345678901234567}}]}',
      ['events', 1, 'properties', 'n'],
      'unsafe_integer',
    ],
    ['{ "a" : { "b" : 1e400 } }', ['a', 'b'], 'out_of_range'],
    ['[-1E+999]', [0], 'out_of_range'],
    ['[1e-400]', [0], 'out_of_range'],
    [`[0.${'0'.repeat(400)}1]`, [0], 'out_of_range'],
    [`[${'1'.repeat(400)}]`, [0], 'out_of_range'],
    ['{"\\u0061\\"b":9007199254740993}', ['a"b'], 'unsafe_integer'],
    ['{"a\\\\":9007199254740993}', ['a\\'], 'unsafe_integer'],
    ['{"__proto__":{"n":9007199254740993}}', ['__proto__', 'n'], 'unsafe_integer'],
    ['{"a":[],"b":{},"c":9007199254740993}', ['c'], 'unsafe_integer'],
    ['[[],[[]],9007199254740993]', [2], 'unsafe_integer'],
  ])('%s', (text, path, kind) => {
    expect(issuesOf(text)).toMatchObject([{ path, kind }]);
  });

  test('each one is reported, in the order of the text, with its source', () => {
    expect(issuesOf('[9007199254740993,1,{"x":1e999},-9007199254740993]')).toEqual([
      { path: [0], kind: 'unsafe_integer', source: '9007199254740993' },
      { path: [2, 'x'], kind: 'out_of_range', source: '1e999' },
      { path: [3], kind: 'unsafe_integer', source: '-9007199254740993' },
    ]);
  });

  test('one that a later duplicate key overrides is reported too', () => {
    expect(parseJsonExactly('{"n":9007199254740993,"n":1}')).toEqual({
      ok: true,
      value: {
        value: { n: 1 },
        numberIssues: [{ path: ['n'], kind: 'unsafe_integer', source: '9007199254740993' }],
      },
    });
  });

  test('thousands of them below a thousand levels cost bounded paths, and sources are cut', () => {
    const depth = 1_000;
    const text = `${'['.repeat(depth)}${Array(2_000).fill('1e999').join()},${'1'.repeat(500)}${']'.repeat(depth)}`;
    const issues = issuesOf(text);
    expect(issues).toHaveLength(2_001);
    expect(Math.max(...issues.map(({ path }) => path.length))).toBe(32);
    expect(issues.at(-1)?.source).toHaveLength(64);
  });
});

describe('numbers that JSON carries are not reported', () => {
  test.each([
    '9007199254740991',
    '-9007199254740991',
    '0.1000000000000000055511151231257827',
    '1.7976931348623157e308',
    '5e-324',
    '0e-999',
    '0.00000000000000000000',
    '-0.0e999',
    '"9007199254740993"',
    '"\\"9007199254740993"',
    String.raw`["\\","1e999"]`,
    '{"9007199254740993":"1e999"}',
    '["a\\\\\\"9007199254740993","1e400"]',
  ])('%s', (text) => {
    expect(issuesOf(text)).toEqual([]);
  });
});

test.each([
  '',
  '{',
  '[1,]',
  '{"a":NaN}',
  "{'a':1}",
  '[01]',
  '1 2',
  '\ufeff{}',
  '[Infinity]',
  '{"a":1e}',
  'secret-text',
])('%j is malformed, and the error does not quote it', (text) => {
  const parsed = parseJsonExactly(text);
  expect(parsed).toMatchObject({ ok: false, error: { code: 'request.malformed_json' } });
  expect(JSON.stringify(parsed)).not.toContain('secret');
});

test('a key __proto__ is an own property and changes no prototype', () => {
  const parsed = parseJsonExactly('{"__proto__":{"admin":true}}');
  const value = parsed.ok ? parsed.value.value : null;
  expect(Object.keys(value ?? {})).toEqual(['__proto__']);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(Reflect.get(Object(value), 'admin')).toBeUndefined();
});

/** JSON texts with known unsafe integers at known places: each is written as a marked string, then unquoted. */
const MARK = 'unsafe:';
const marked = fc.bigInt({ min: 2n ** 53n, max: 10n ** 40n }).map((value) => `${MARK}${value}`);
const tree = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 5 },
    fc.oneof(
      marked,
      fc.string({ unit: 'binary' }),
      fc.maxSafeInteger(),
      fc.constantFrom(null, true, '12345678901234567890', '\\"1e999'),
    ),
    fc.array(tie('node'), { maxLength: 5 }),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('__proto__', '9007199254740993', 'a\\"b')),
      tie('node'),
      { maxKeys: 5 },
    ),
  ),
})).node;

function markedPaths(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value === 'string') return value.startsWith(MARK) ? [path] : [];
  if (Array.isArray(value)) return value.flatMap((item, index) => markedPaths(item, [...path, index]));
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, member]) => markedPaths(member, [...path, key]));
}

test('in any JSON text exactly the unsafe integers are found, at exactly their paths, and the value is that of JSON.parse', () => {
  fc.assert(
    fc.property(tree, fc.constantFrom(0, 1, '\t', '\n  '), (value, space) => {
      const text = JSON.stringify(value, null, space).replaceAll(new RegExp(`"${MARK}(\\d+)"`, 'g'), '$1');
      const parsed = parseJsonExactly(text);
      if (!parsed.ok) throw new Error('valid JSON was refused');
      expect(parsed.value.numberIssues.map(({ path }) => path)).toEqual(markedPaths(value));
      expect(parsed.value.value).toEqual(JSON.parse(text));
    }),
    { numRuns: 500 },
  );
});
