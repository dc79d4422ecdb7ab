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
import { assertKey, assertKeyText, copyItem, heldBytes, itemBytes } from './values.ts';

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

function assertItem(table: string, item: Item): void {
  assert(itemBytes(item) <= LIMITS.itemBytes, 'an item is too large');
  for (const index of Object.values(INDEX_KEYS)) {
    if (index.table !== table) continue;
    if (Object.hasOwn(item, index.pk)) assertKeyText(item[index.pk], LIMITS.partitionKeyBytes);
    if (Object.hasOwn(item, index.sk)) assertKeyText(item[index.sk], LIMITS.sortKeyBytes);
  }
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
  const failure = failureOf(operation, existing);
  return failure === null ? ok(itemAfter(operation, existing)) : err(failure);
}

/**
 * The items after the transaction, one an operation in order, or why none of it happens. All conditions come first:
 * an operation that could not be done says nothing where the transaction does not happen anyway.
 */
export function decideTransaction(
  operations: readonly TransactionOperation[],
  existing: readonly (Item | undefined)[],
): Result<readonly (Item | undefined)[], TransactionCancelled> {
  const reasons = operations.map((operation, index) => failureOf(operation, existing[index]));
  if (reasons.some((reason) => reason !== null)) return err({ kind: 'transaction_cancelled', reasons });
  const after = operations.map((operation, index) => itemAfter(operation, existing[index]));
  const bytes = operations.map((operation, index) => bytesInTransaction(operation, after[index]));
  const sum = bytes.reduce((total, one) => total + one, 0);
  assert(sum <= LIMITS.transactionBytes, 'a transaction is too large');
  return ok(after);
}

function failureOf(operation: TransactionOperation, existing: Item | undefined): ConditionFailed | null {
  if (operation.condition === undefined || holds(operation.condition, existing)) return null;
  return { kind: 'condition_failed', ...(existing === undefined ? {} : { existing }) };
}

function itemAfter(operation: TransactionOperation, existing: Item | undefined): Item | undefined {
  if (operation.op === 'delete') return undefined;
  if (operation.op === 'check') return existing;
  if (operation.op === 'put') return operation.item;
  const changed = applyChanges(operation.key, existing, operation.changes);
  assertItem(operation.table, changed);
  return changed;
}

function bytesInTransaction(operation: TransactionOperation, after: Item | undefined): number {
  if ((operation.op === 'put' || operation.op === 'update') && after !== undefined) return heldBytes(after);
  const { pk, sk } = keyOf(operation);
  return utf8Bytes(pk) + utf8Bytes(sk);
}
