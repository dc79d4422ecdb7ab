import { compareUtf8 } from '../../domain/metering/group-order.ts';
import { assert, defined } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { Item, ItemKey, QueryInput, QueryPage, SortKeyRange } from '../../ports/item-store.ts';
import { endOfPrefix } from './text.ts';
import { assertKey, assertKeyText, heldBytes } from './values.ts';
import { assertTable, INDEX_KEYS } from './writes.ts';

export function assertGet(input: { readonly table: string; readonly key: ItemKey }): void {
  assertTable(input.table);
  assertKey(input.key);
}

export function assertGetMany(input: { readonly table: string; readonly keys: readonly ItemKey[] }): void {
  assertTable(input.table);
  assert(
    input.keys.length > 0 && input.keys.length <= LIMITS.batchGetKeys,
    '1 to 100 items are read at once',
  );
  for (const key of input.keys) assertKey(key);
  const distinct = new Set(input.keys.map(({ pk, sk }) => JSON.stringify([pk, sk])));
  assert(distinct.size === input.keys.length, 'an item is read once');
}

export function assertQuery(input: QueryInput): void {
  assertTable(input.table);
  assertKeyText(input.pk, LIMITS.partitionKeyBytes);
  const { limit } = input;
  assert(Number.isInteger(limit) && limit > 0 && limit <= LIMITS.queryItems, 'a page has 1 to 1,000 items');
  if (input.index !== undefined) {
    const index = Object.entries(INDEX_KEYS).find(([name]) => name === input.index)?.[1];
    assert(index?.table === input.table, `${input.table} has no index ${input.index}`);
  }
  if (input.sk !== undefined) assertRange(input.sk);
}

function assertRange(range: SortKeyRange): void {
  if ('prefix' in range) {
    assertKeyText(range.prefix, LIMITS.sortKeyBytes);
    return;
  }
  const { from, to } = range;
  if (from !== undefined) assertKeyText(from, LIMITS.sortKeyBytes);
  if (to !== undefined) assertKeyText(to, LIMITS.sortKeyBytes);
  if (from === undefined || to === undefined) return;
  assert(compareUtf8(from, to) <= 0, 'a range of sort keys ends before it begins');
}

/** What of the sort key is asked for, in the order of UTF-8 bytes: at least, at most, below. */
export interface SortKeyBounds {
  readonly from?: string;
  readonly to?: string;
  readonly below?: string;
}

export function boundsOf(range: SortKeyRange | undefined): SortKeyBounds {
  if (range === undefined) return {};
  if (!('prefix' in range)) return range;
  const below = endOfPrefix(range.prefix);
  return { from: range.prefix, ...(below === undefined ? {} : { below }) };
}

/** The place of an item in a query: by the sort key that is asked for, then by its own key, which tells equal ones apart. */
export interface Position extends ItemKey {
  readonly sortKey: string;
}

export function positionOf(item: Item, index: string | undefined): Position {
  const sortKey = index === undefined ? item.sk : item[INDEX_KEYS.byOwner.sk];
  assert(typeof sortKey === 'string', 'what an index holds has its sort key');
  return { sortKey, pk: item.pk, sk: item.sk };
}

export function comparePositions(left: Position, right: Position): number {
  return (
    compareUtf8(left.sortKey, right.sortKey) ||
    compareUtf8(left.pk, right.pk) ||
    compareUtf8(left.sk, right.sk)
  );
}

/** Fills a page from what lies ahead, in order; reads one item more than it returns. */
export function takePage(input: {
  readonly items: Iterable<Item>;
  readonly limit: number;
  readonly index: string | undefined;
}): QueryPage {
  const items: Item[] = [];
  let bytes = 0;
  for (const item of input.items) {
    if (items.length === input.limit || bytes >= LIMITS.queryBytes) {
      const last = defined(items.at(-1), 'the last item of a page');
      return { items, next: encodePosition(positionOf(last, input.index), input.index) };
    }
    items.push(item);
    bytes += heldBytes(item);
  }
  return { items };
}

function encodePosition({ sortKey, pk, sk }: Position, index: string | undefined): string {
  return index === undefined ? sortKey : JSON.stringify([sortKey, pk, sk]);
}

/**
 * Any text is a position: tokens come back through clients, and one that nobody gave out starts elsewhere in the
 * same answer instead of failing.
 */
export function decodePosition(token: string, input: QueryInput): Position {
  if (input.index === undefined) return { sortKey: token, pk: input.pk, sk: token };
  const [sortKey, pk, sk] = parseTexts(token);
  return { sortKey: sortKey ?? token, pk: pk ?? '', sk: sk ?? '' };
}

function parseTexts(token: string): readonly string[] {
  try {
    const parsed: unknown = JSON.parse(token);
    return Array.isArray(parsed) && parsed.every((part) => typeof part === 'string') ? parsed : [];
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return [];
    throw thrown;
  }
}
