import type { Item, TransactionOperation } from '../../ports/item-store.ts';
import { isSameItem } from './same-item.ts';
import { heldBytes } from './values.ts';
import { INDEX_KEYS } from './writes.ts';

/** What a store has consumed of a table and its index, in DynamoDB's read and write request units. */
export interface TableUnits {
  readonly read: number;
  readonly write: number;
}

/** Units by table, since the store was opened. */
export interface ItemUnits {
  of(table: string): TableUnits;
}

const READ_BYTES = 4096;
const WRITE_BYTES = 1024;
/** A transaction prepares each of its operations and then commits it. */
const TRANSACTION_FACTOR = 2;

/** A strongly consistent read of one item: 4 KiB a unit, and one where there is no item. */
export function unitsOfGet(item: Item | undefined): number {
  return readUnits(item === undefined ? 0 : heldBytes(item));
}

/** As many single reads as there are keys. */
export function unitsOfGetMany(keys: number, items: readonly Item[]): number {
  const present = items.reduce((sum, item) => sum + unitsOfGet(item), 0);
  return present + (keys - items.length) * unitsOfGet(undefined);
}

/** Sizes are added before they are rounded; an index is read eventually consistent, for half. */
export function unitsOfQuery(index: string | undefined, items: readonly Item[]): number {
  const units = readUnits(items.reduce((bytes, item) => bytes + heldBytes(item), 0));
  return index === undefined ? units : units / 2;
}

function readUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / READ_BYTES));
}

export type UnitsByTable = ReadonlyMap<string, number>;

/**
 * A write outside a transaction. Done: by the larger of the items before and after it, and what the index takes; refused, for its
 * condition did not hold (`after` is null): by the item that stood there.
 */
export function unitsOfWrite(
  table: string,
  before: Item | undefined,
  after: Item | undefined | null,
): UnitsByTable {
  if (after === null) return new Map([[table, writeUnits(before)]]);
  return new Map([[table, writeUnits(before, after) + indexUnits(table, before, after)]]);
}

/**
 * A transaction: twice what its operations take alone, also where it was cancelled (`after` is null). The index takes its part
 * once, and nothing when it was cancelled.
 */
export function unitsOfTransaction(
  operations: readonly TransactionOperation[],
  before: readonly (Item | undefined)[],
  after: readonly (Item | undefined)[] | null,
): UnitsByTable {
  const units = new Map<string, number>();
  for (const [index, operation] of operations.entries()) {
    const { table } = operation;
    const written = after === null ? wouldBe(operation) : after[index];
    const once = after === null ? 0 : indexUnits(table, before[index], after[index]);
    const taken = writeUnits(before[index], written) * TRANSACTION_FACTOR + once;
    units.set(table, (units.get(table) ?? 0) + taken);
  }
  return units;
}

/** What an update would have made of its item is not worked out when the transaction is cancelled. */
function wouldBe(operation: TransactionOperation): Item | undefined {
  return operation.op === 'put' ? operation.item : undefined;
}

/** At least one unit; a check and a refusal have one item only. */
function writeUnits(...items: readonly (Item | undefined)[]): number {
  const bytes = items.map((item) => (item === undefined ? 0 : heldBytes(item)));
  return Math.max(1, ...bytes.map((one) => Math.ceil(one / WRITE_BYTES)));
}

/** Putting an entry, changing it or deleting it is one write, giving it another key two. */
function indexUnits(table: string, before: Item | undefined, after: Item | undefined): number {
  const [left, right] = [entryOf(table, before), entryOf(table, after)];
  if (left === undefined && right === undefined) return 0;
  if (left === undefined || right === undefined) return writeUnits(left, right);
  const { pk, sk } = INDEX_KEYS.byOwner;
  if (left[pk] !== right[pk] || left[sk] !== right[sk]) return writeUnits(left) + writeUnits(right);
  return isSameItem(left, right) ? 0 : writeUnits(left, right);
}

/** Only items with both key attributes are in the index, whole. */
function entryOf(table: string, item: Item | undefined): Item | undefined {
  const { byOwner } = INDEX_KEYS;
  if (table !== byOwner.table || item === undefined) return undefined;
  return Object.hasOwn(item, byOwner.pk) && Object.hasOwn(item, byOwner.sk) ? item : undefined;
}

/** Counts as the store goes on. */
export interface UnitCounter extends ItemUnits {
  addRead(table: string, units: number): void;
  addWrites(units: UnitsByTable): void;
}

export function createUnitCounter(): UnitCounter {
  const counted = new Map<string, TableUnits>();
  const of = (table: string) => counted.get(table) ?? { read: 0, write: 0 };
  return {
    of,
    addRead: (table, units) => {
      const { read, write } = of(table);
      counted.set(table, { read: read + units, write });
    },
    addWrites: (byTable) => {
      for (const [table, units] of byTable) {
        const { read, write } = of(table);
        counted.set(table, { read, write: write + units });
      }
    },
  };
}
