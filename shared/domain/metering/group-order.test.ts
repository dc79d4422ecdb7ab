import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareGroups, compareUtf8 } from './group-order.ts';

describe('the order of groups', () => {
  it('of texts is that of their UTF-8 bytes, which stores sort by', () => {
    const text = fc.string({ unit: 'binary' });
    const property = fc.property(text, text, (left, right) => {
      const bytes = Buffer.compare(Buffer.from(left), Buffer.from(right));
      expect(Math.sign(compareUtf8(left, right))).toBe(bytes);
    });
    fc.assert(property, {
      numRuns: 2_000,
      examples: [
        ['\uffff', '😀'],
        ['a', 'aa'],
        ['😀', '😁'],
      ],
    });
  });

  it('puts null before every text, and the first difference decides', () => {
    const groups = [
      ['', 'z'],
      [null, 'b'],
      ['', null],
      [null, null],
      ['a', null],
    ];
    expect(groups.toSorted(compareGroups)).toEqual([
      [null, null],
      [null, 'b'],
      ['', null],
      ['', 'z'],
      ['a', null],
    ]);
    expect(compareGroups([], [])).toBe(0);
  });
});
