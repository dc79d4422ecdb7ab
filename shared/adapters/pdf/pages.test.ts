import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { type Block, fillPages } from './pages.ts';
import { heightOf, type Row } from './rows.ts';

const row = (heightPt: number): Row => ({ heightPt, texts: [], rules: [] });
const block = (isTable: boolean, ...heights: number[]): Block => ({ isTable, rows: heights.map(row) });
const tableHeader = row(10);
const heightsOf = (blocks: readonly Block[]) =>
  fillPages({ blocks, tableHeader, heightPt: 100 }).map((page) => page.map(({ heightPt }) => heightPt));

test('the header stands above the lines of each page, and totals are never without a line', () => {
  const lines = [1, 2, 3].map(() => block(true, 40));
  expect(heightsOf([block(false, 5), ...lines, block(false, 30)])).toEqual([
    [5, 10, 40, 40],
    [10, 40, 30],
  ]);
  expect(heightsOf([block(true, 40), block(true, 40), block(false, 20)])).toEqual([
    [10, 40],
    [10, 40, 20],
  ]);
});

test('a line goes to the next page with its tiers; one that is higher than a page is broken between tiers', () => {
  expect(heightsOf([block(true, 50), block(true, 20, 15, 15), block(true, 10)])).toEqual([
    [10, 50],
    [10, 20, 15, 15, 10],
  ]);
  expect(heightsOf([block(true, 60), block(true, 20, 30, 30, 30)])).toEqual([
    [10, 60],
    [10, 20, 30, 30],
    [10, 30],
  ]);
});

const height = fc.integer({ min: 1, max: 90 });
const blocks = fc.tuple(
  fc.array(height, { maxLength: 5 }),
  fc.array(fc.array(height, { minLength: 1, maxLength: 4 }), { maxLength: 20 }),
  fc.array(height, { minLength: 1, maxLength: 3 }),
);

test.prop({ blocks })(
  'every row is printed once, in order, and no page is too full',
  ({ blocks: [head, lines, foot] }) => {
    const all = [block(false, ...head), ...lines.map((rows) => block(true, ...rows)), block(false, ...foot)];
    const rows = all.flatMap((each) => each.rows);
    const pages = fillPages({ blocks: all, tableHeader, heightPt: 100 });
    expect(pages.flat().filter((each) => each !== tableHeader)).toEqual(rows);
    for (const page of pages) {
      expect(heightOf(page)).toBeLessThanOrEqual(100);
      expect(page.length).toBeGreaterThan(0);
      expect(page.filter((each) => each === tableHeader).length).toBeLessThanOrEqual(1);
    }
  },
);
