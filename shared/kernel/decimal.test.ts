import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addExact,
  canonicalDecimal,
  type Decimal,
  decimal,
  decimalText,
  integerDigits,
  multiplyExact,
  parseDecimal,
  roundHalfAwayFromZero,
  roundHalfEven,
  runningSum,
  sumExact,
} from './decimal.ts';

/** Decimals in the declared range: 15 integer digits, 12 places. */
const quantity = fc
  .bigInt({ min: -(10n ** 27n), max: 10n ** 27n })
  .map((units) => decimal(units).times('1e-12'));

const text = (value: Decimal) => decimalText(value);

describe('parseDecimal', () => {
  test.each([
    ['0', '0'],
    ['-0', '0'],
    ['-0.000', '0'],
    ['007', '7'],
    ['1.50', '1.5'],
    ['-12.034', '-12.034'],
    ['1e3', '1000'],
    ['1.5E+2', '150'],
    ['1e-7', '0.0000001'],
    ['1e400', `1${'0'.repeat(400)}`],
    ['99999999999999999999999999999999999999999999999999999999999999999999', `${'9'.repeat(68)}`],
  ])('reads %s exactly and writes it without exponent', (source, expected) => {
    const parsed = parseDecimal(source);
    expect(parsed.ok && text(parsed.value)).toBe(expected);
  });

  test.each([
    '',
    ' ',
    ' 1',
    '1 ',
    '+1',
    '.5',
    '5.',
    '1e',
    '1e+',
    '0x10',
    '0b1',
    'NaN',
    'Infinity',
    '-',
    '--1',
    '1,5',
    '1_000',
    '١',
    '1\n',
  ])('refuses %j as not numeric', (source) => {
    expect(parseDecimal(source)).toEqual({ ok: false, error: 'not_numeric' });
  });

  test.each(['1e401', '1e-401', '0e999999999999', '1e99999999999999999999', '1'.repeat(1_025)])(
    'refuses %s before it can cost time or memory',
    (source) => {
      expect(parseDecimal(source)).toEqual({ ok: false, error: 'too_many_digits' });
    },
  );

  test('a long text that is no number is refused as such', () => {
    expect(parseDecimal('x'.repeat(2_000))).toEqual({ ok: false, error: 'not_numeric' });
  });

  test('every finite double survives as its shortest round-trip text', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const parsed = parseDecimal(String(value).replace('+', ''));
        expect(parsed.ok && Number(text(parsed.value))).toBe(value === 0 ? 0 : value);
        expect(text(decimal(value))).not.toMatch(/e/i);
      }),
    );
  });
});

describe('decimalText', () => {
  test('equal numbers have one text, and reading it gives the number back', () => {
    fc.assert(
      fc.property(quantity, (value) => {
        expect(text(decimal(text(value)))).toBe(text(value));
        expect(text(value)).toMatch(/^(0|-?(0|[1-9]\d*)(\.\d*[1-9])?)$/);
      }),
    );
  });
});

describe('rounding', () => {
  test.each([
    ['2.5', 0, '3', '2'],
    ['3.5', 0, '4', '4'],
    ['-2.5', 0, '-3', '-2'],
    ['1.005', 2, '1.01', '1'],
    ['1.015', 2, '1.02', '1.02'],
    ['-1.005', 2, '-1.01', '-1'],
    ['0.0000000000005', 12, '0.000000000001', '0'],
    ['0.00000000000050000000000000000000000000000000000000001', 12, '0.000000000001', '0.000000000001'],
    ['1.23456789', 0, '1', '1'],
    ['1.9556789', 0, '2', '2'],
    ['1.23456789', 4, '1.2346', '1.2346'],
    ['1.226', 2, '1.23', '1.23'],
    ['-1.224', 2, '-1.22', '-1.22'],
    ['2.4', 0, '2', '2'],
  ])('%s at %i places is %s half away from zero and %s half even', (source, places, away, even) => {
    expect(text(roundHalfAwayFromZero(decimal(source), places))).toBe(away);
    expect(text(roundHalfEven(decimal(source), places))).toBe(even);
  });

  test('neither rounding is off by more than half a unit, and both are symmetric around zero', () => {
    fc.assert(
      fc.property(quantity, fc.integer({ min: 0, max: 12 }), (value, places) => {
        for (const round of [roundHalfEven, roundHalfAwayFromZero]) {
          const rounded = round(value, places);
          expect(
            rounded
              .minus(value)
              .abs()
              .times(2)
              .lte(decimal(`1e-${places}`)),
          ).toBe(true);
          expect(text(round(value.negated(), places))).toBe(text(rounded.negated()));
        }
      }),
    );
  });
});

test.each([
  ['0', 0],
  ['0.001', 0],
  ['-0.9', 0],
  ['1', 1],
  ['-999999999999999.5', 15],
  ['1000000000000000', 16],
  ['1e26', 27],
])('%s has %i integer digits', (source, digits) => {
  expect(integerDigits(decimal(source))).toBe(digits);
});

describe('exact arithmetic', () => {
  test('a sum does not depend on the order of its terms and equals the sum of whole units', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: -(10n ** 27n), max: 10n ** 27n }), { maxLength: 50 }),
        (units) => {
          const terms = units.map((unit) => decimal(unit).times('1e-12'));
          const expected = decimal(units.reduce((total, unit) => total + unit, 0n)).times('1e-12');
          expect(text(sumExact(terms))).toBe(text(expected));
          expect(text(sumExact([...terms].reverse()))).toBe(text(expected));
        },
      ),
    );
  });

  test('0.1 + 0.2 is 0.3', () => {
    expect(text(addExact(decimal(0.1), decimal('0.2')))).toBe('0.3');
    expect(text(multiplyExact(decimal('0.1'), decimal('0.1')))).toBe('0.01');
  });

  test('a sum or product that would lose digits throws instead of rounding', () => {
    expect(() => addExact(decimal('1e48'), decimal('1e-12'))).toThrow('more digits');
    expect(() => multiplyExact(decimal('1'.repeat(31)), decimal('1'.repeat(30)))).toThrow('more digits');
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 'x'])(
    '%s is never a decimal',
    (value) => {
      expect(() => decimal(value)).toThrow('decimal');
    },
  );
});

describe('texts of many numbers', () => {
  const written = fc.oneof(
    quantity.map(text),
    fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }).map(String),
    fc.constantFrom('-0', '0', '007', '1.50', '1e3', '-12.030', '0.0'),
  );

  test('are put into canonical notation as decimals are', () => {
    fc.assert(
      fc.property(written, (one) => {
        expect(canonicalDecimal(one)).toBe(decimalText(decimal(one)));
      }),
    );
  });

  test('add up exactly, one by one', () => {
    fc.assert(
      fc.property(fc.array(written), (many) => {
        const sum = runningSum();
        for (const [index, one] of many.entries()) {
          sum.add(one);
          const expected = sumExact(many.slice(0, index + 1).map(decimal));
          expect(decimalText(sum.total())).toBe(decimalText(expected));
        }
        expect(decimalText(sum.total())).toBe(decimalText(sumExact(many.map(decimal))));
      }),
    );
  });

  test('that need more digits than are kept throw instead of losing some', () => {
    const sum = runningSum();
    sum.add('9'.repeat(30));
    sum.add(`0.${'1'.repeat(31)}`);
    expect(() => sum.total()).toThrow('digits');
  });
});
