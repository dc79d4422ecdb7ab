import { LIMITS } from '../kernel/limits.ts';
import type { Item, ItemStore, QueryInput } from '../ports/item-store.ts';

/**
 * All items that a query finds, page by page: a page ends at its limit and at 1 MB, so one page never proves that there is
 * no more. For lists that a limit of ours keeps short; `atMost` ends it early where more would change nothing.
 */
export async function queryAll(
  items: ItemStore,
  query: Omit<QueryInput, 'limit' | 'startAfter'>,
  atMost = Number.POSITIVE_INFINITY,
): Promise<readonly Item[]> {
  const found: Item[] = [];
  let next: string | undefined;
  do {
    const limit = Math.min(LIMITS.queryItems, atMost - found.length);
    const page = await items.query({ ...query, limit, ...(next === undefined ? {} : { startAfter: next }) });
    found.push(...page.items);
    next = page.next;
  } while (next !== undefined && found.length < atMost);
  return found;
}
