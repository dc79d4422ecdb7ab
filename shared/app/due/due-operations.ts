import { TABLES } from '../../contracts/names.ts';
import type { TransactionOperation } from '../../ports/item-store.ts';
import { type DueRecord, dueKey, dueToItem } from '../records/due-item.ts';

/** Makes something due, in the transaction of what makes it so. */
export function putDue(record: DueRecord): TransactionOperation {
  return { op: 'put', table: TABLES.main, item: dueToItem(record) };
}

/** Takes a due item away in the transaction of what was done; fails where somebody else did it before. */
export function removeDue(record: DueRecord): TransactionOperation {
  return { op: 'delete', table: TABLES.main, key: dueKey(record), condition: { kind: 'item_present' } };
}

/** Both, for what is due at another instant or not at all any more; nothing where nothing changes. */
export function moveDue(before: DueRecord | null, next: DueRecord | null): readonly TransactionOperation[] {
  if (before !== null && next !== null && dueKey(before).sk === dueKey(next).sk) return [];
  return [...(before === null ? [] : [removeDue(before)]), ...(next === null ? [] : [putDue(next)])];
}
