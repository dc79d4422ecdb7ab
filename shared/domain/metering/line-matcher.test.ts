import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { lineMatcher } from './line-matcher.ts';

const anyValue: fc.Arbitrary<string> = fc.constantFrom('eu', 'us', '', 'acme');
const anyFilters = fc.dictionary(
  fc.constantFrom('region', 'zone', 'customer'),
  fc.array(anyValue, { minLength: 1, maxLength: 3 }),
  { maxKeys: 3 },
);
const anyLine = fc.record({ meter: fc.constantFrom('calls', 'tokens'), filters: anyFilters });
const anyRow = fc.record({
  meter: fc.constantFrom('calls', 'tokens', 'other'),
  customer: fc.constantFrom('acme', 'globex', 'eu'),
  dimensions: fc.dictionary(fc.constantFrom('region', 'zone', '__proto__', 'constructor'), anyValue),
});

test('a line counts the rows of its meter that have one of its values in every dimension, and no others', () => {
  fc.assert(
    fc.property(fc.array(anyLine), fc.array(anyRow), (lines, rows) => {
      const linesOf = lineMatcher(lines);
      for (const { dimensions, ...row } of rows) {
        const values = new Map([...Object.entries(dimensions), ['customer', row.customer]]);
        const expected = lines.flatMap(({ meter, filters }, place) => {
          const counts = Object.entries(filters).every(([name, asked]) => {
            return values.has(name) && asked.includes(values.get(name) ?? '');
          });
          return meter === row.meter && counts ? [place] : [];
        });
        expect(linesOf({ ...row, dimensions: canonicalJson(dimensions) })).toEqual(expected);
      }
    }),
  );
});
