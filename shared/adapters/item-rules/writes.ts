import { INDEXES, TABLES } from '../../contracts/names.ts';
import { assert } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type {
  ConditionFailed,
  Item,
  ItemKey,
  TransactionCancelled,
  TransactionOperation,
} from '../../ports/item-store.ts';
import { applyChanges, assertChanges, copyChanges } from './changes.ts';
import { assertCondition, holds } from './conditions.ts';
import { utf8Bytes } from './text.ts';
import { assertKey, assertKeyText, copyItem, itemBytes } from './values.ts';

const TABLE_NAMES: ReadonlySet<string> = new Set(Object.values(TABLES));

export function assertTable(table: string): void {
  assert(TABLE_NAMES.has(table), `there is no table ${table}`);
}

/** The key attributes of each index and the table that it is of. */
export const INDEX_KEYS = {
  [INDEXES.byOwner]: { table: TABLES.main, pk: 'ownerPk', sk: 'ownerSk' },
} as const;

/** Throws InvariantError on a write that DynamoDB would refuse whatever is stored. */
export function assertWrite(operation: TransactionOperation): void {
  assertTable(operation.table);
  assertKey(keyOf(operation));
  if (operation.op === 'put') assertItem(operation.table, operation.item);
  if (operation.op === 'update') assertChanges(operation.changes);
  if (operation.condition !== undefined) assertCondition(operation.condition);
}

/** As `assertWrite`, of a transaction. */
export function assertTransaction(operations: readonly TransactionOperation[]): void {
  assert(operations.length > 0, 'a transaction is not empty');
  assert(operations.length <= LIMITS.transactionItems, 'a transaction has too many operations');
  for (const operation of operations) assertWrite(operation);
  const addresses = operations.map((operation) => {
    const { pk, sk } = keyOf(operation);
    return JSON.stringify([operation.table, pk, sk]);
  });
  assert(new Set(addresses).size === addresses.length, 'a transaction has one operation an item');
}

function assertItem(table: string, item: Item): number {
  const bytes = itemBytes(item);
  assert(bytes <= LIMITS.itemBytes, 'an item is too large');
  for (const index of Object.values(INDEX_KEYS)) {
    if (index.table !== table) continue;
    if (Object.hasOwn(item, index.pk)) assertKeyText(item[index.pk], LIMITS.partitionKeyBytes);
    if (Object.hasOwn(item, index.sk)) assertKeyText(item[index.sk], LIMITS.sortKeyBytes);
  }
  return bytes;
}

/** A copy that shares nothing with the caller, who may go on changing what they passed. */
export function copyWrite(operation: TransactionOperation): TransactionOperation {
  if (operation.op === 'put') return { ...operation, item: copyItem(operation.item) };
  const { pk, sk } = operation.key;
  if (operation.op !== 'update') return { ...operation, key: { pk, sk } };
  return { ...operation, key: { pk, sk }, changes: copyChanges(operation.changes) };
}

export function keyOf(operation: TransactionOperation): ItemKey {
  const { pk, sk } = operation.op === 'put' ? operation.item : operation.key;
  return { pk, sk };
}

/** The item after the write, undefined where there is none then, or why the write does not happen. */
export function decideWrite(
  operation: TransactionOperation,
  existing: Item | undefined,
): Result<Item | undefined, ConditionFailed> {
  const { condition } = operation;
  if (condition !== undefined && !holds(condition, existing)) {
    return err({ kind: 'condition_failed', ...(existing === undefined ? {} : { existing }) });
  }
  if (operation.op === 'delete') return ok(undefined);
  if (operation.op === 'check') return ok(existing);
  if (operation.op === 'put') return ok(operation.item);
  const changed = applyChanges(operation.key, existing, operation.changes);
  assertItem(operation.table, changed);
  return ok(changed);
}

/** The items after the transaction, one an operation in order, or why none of it happens. */
export function decideTransaction(
  operations: readonly TransactionOperation[],
  existing: readonly (Item | undefined)[],
): Result<readonly (Item | undefined)[], TransactionCancelled> {
  const decided = operations.map((operation, index) => decideWrite(operation, existing[index]));
  if (decided.some(({ ok: happens }) => !happens)) {
    const reasons = decided.map((result) => (result.ok ? null : result.error));
    return err({ kind: 'transaction_cancelled', reasons });
  }
  const after = decided.map((result) => (result.ok ? result.value : undefined));
  const bytes = operations.map((operation, index) => bytesInTransaction(operation, after[index]));
  const sum = bytes.reduce((total, one) => total + one, 0);
  assert(sum <= LIMITS.transactionBytes, 'a transaction is too large');
  return ok(after);
}

function bytesInTransaction(operation: TransactionOperation, after: Item | undefined): number {
  if ((operation.op === 'put' || operation.op === 'update') && after !== undefined) return itemBytes(after);
  const { pk, sk } = keyOf(operation);
  return utf8Bytes(pk) + utf8Bytes(sk);
}
