import { heightOf, type Row } from './rows.ts';

/** Rows that stay on one page where they fit on one at all. */
export interface Block {
  readonly rows: readonly Row[];
  /** A block of the table has the table's header above it, once a page. */
  readonly isTable: boolean;
}

/**
 * Fills pages from the top. A block that does not fit starts the next page; one that is higher than a page goes on
 * from row to row. The last block of the table follows the blocks behind it to their page, so totals never stand
 * there without a line. No row may be higher than a page less the header.
 */
export function fillPages(input: {
  readonly blocks: readonly Block[];
  readonly tableHeader: Row;
  readonly heightPt: number;
}): readonly (readonly Row[])[] {
  const { tableHeader, heightPt } = input;
  const pages: Row[][] = [[]];
  let page: Row[] = [];
  pages[0] = page;
  let leftPt = heightPt;
  let hasHeader = false;
  const turn = () => {
    page = [];
    pages.push(page);
    leftPt = heightPt;
    hasHeader = false;
  };
  const put = (row: Row) => {
    page.push(row);
    leftPt -= row.heightPt;
  };
  for (const { rows, isTable } of withTotalsKept(input)) {
    const needs = (part: readonly Row[]) =>
      heightOf(part) + (isTable && !hasHeader ? tableHeader.heightPt : 0);
    if (page.length > 0 && needs(rows) > leftPt) {
      if (needs(rows) <= heightPt || needs(rows.slice(0, 2)) > leftPt) turn();
    }
    for (const row of rows) {
      if (page.length > 0 && needs([row]) > leftPt) turn();
      if (isTable && !hasHeader) {
        put(tableHeader);
        hasHeader = true;
      }
      put(row);
    }
  }
  return pages;
}

/** Joins the table's last block with those behind it, where one page holds them. */
function withTotalsKept(input: {
  readonly blocks: readonly Block[];
  readonly tableHeader: Row;
  readonly heightPt: number;
}): readonly Block[] {
  const last = input.blocks.findLastIndex(({ isTable }) => isTable);
  if (last === -1) return input.blocks;
  const rows = input.blocks.slice(last).flatMap((block) => block.rows);
  if (heightOf(rows) + input.tableHeader.heightPt > input.heightPt) return input.blocks;
  return [...input.blocks.slice(0, last), { rows, isTable: true }];
}
