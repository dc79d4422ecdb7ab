import { compareUtf8 } from '../../../domain/metering/group-order.ts';
import type { Item, QueryInput, QueryPage } from '../../../ports/item-store.ts';
import {
  boundsOf,
  comparePositions,
  decodePosition,
  type Position,
  positionOf,
  type SortKeyBounds,
  takePage,
} from '../../item-rules/reads.ts';
import { INDEX_KEYS } from '../../item-rules/writes.ts';
import type { Partitions } from './partitions.ts';

export function queryTable(stored: Partitions, input: QueryInput): QueryPage {
  return pageOf(stored.partition(input.table, input.pk), input);
}

/** Only items with both key attributes are in the index. */
export function queryIndex(indexed: Partitions, input: QueryInput): QueryPage {
  const { pk, sk } = INDEX_KEYS.byOwner;
  const items = indexed
    .all()
    .filter(({ table, item }) => table === input.table && item[pk] === input.pk && Object.hasOwn(item, sk))
    .map(({ item }) => item)
    .sort((left, right) => comparePositions(positionOf(left, input.index), positionOf(right, input.index)));
  return pageOf(items, input);
}

function pageOf(sorted: readonly Item[], input: QueryInput): QueryPage {
  const bounds = boundsOf(input.sk);
  const after = input.startAfter === undefined ? undefined : decodePosition(input.startAfter, input);
  const direction = input.descending === true ? -1 : 1;
  const isAhead = (position: Position) =>
    after === undefined || comparePositions(position, after) * direction > 0;
  const found = sorted.filter((item) => {
    const position = positionOf(item, input.index);
    return isWithin(position.sortKey, bounds) && isAhead(position);
  });
  const items = input.descending === true ? found.reverse() : found;
  return takePage({ items, limit: input.limit, index: input.index });
}

function isWithin(sortKey: string, { from, to, below }: SortKeyBounds): boolean {
  if (from !== undefined && compareUtf8(sortKey, from) < 0) return false;
  if (to !== undefined && compareUtf8(sortKey, to) > 0) return false;
  return below === undefined || compareUtf8(sortKey, below) < 0;
}
