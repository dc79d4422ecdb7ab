import { describe, expect, test } from 'vitest';
import { DIFFERENCES } from './differences.ts';
import { compareCase, readVectors } from './vector-case.ts';

const cases = ['pricing-cases.json', 'rating-cases.json'].flatMap(readVectors);
const [first] = cases;
const titled = (vectors: typeof cases) =>
  vectors.map((vector) => [`${vector.id} ${vector.model}`, vector] as const);

describe('we bill what the case says', () => {
  test.each(titled(cases.filter(({ id }) => !DIFFERENCES.has(id))))('%s', (_, vector) => {
    const { expected, actual } = compareCase(vector);
    expect(actual).toEqual(expected);
  });
});

describe('we differ, and say why', () => {
  test.each(titled(cases.filter(({ id }) => DIFFERENCES.has(id))))('%s', (_, vector) => {
    const { expected, actual } = compareCase(vector);
    expect(actual).not.toEqual(expected);
  });
});

test('every difference belongs to a case, and every quirk of a source is one', () => {
  const ids = cases.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual(expect.arrayContaining([...DIFFERENCES.keys()]));
  const quirks = cases.filter(({ quirk }) => quirk === true).map(({ id }) => id);
  expect([...DIFFERENCES.keys()]).toEqual(expect.arrayContaining(quirks));
});

test('a model without an adapter fails, and so does a field that the adapter does not know', () => {
  if (first === undefined) throw new Error('no case');
  expect(() => compareCase({ ...first, model: 'unheard_of' })).toThrow('no adapter');
  expect(() => compareCase({ ...first, config: { ...Object(first.config), discount: '1' } })).toThrow(
    'discount',
  );
});
