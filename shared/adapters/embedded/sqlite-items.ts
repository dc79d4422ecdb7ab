import { assert } from '../../kernel/assert.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ItemChanges } from '../../ports/item-changes.ts';
import type {
  ConditionFailed,
  Item,
  ItemStore,
  PutInput,
  TransactionCancelled,
  TransactionOperation,
} from '../../ports/item-store.ts';
import { holds } from '../item-rules/conditions.ts';
import type { ChangeTrim } from '../item-rules/feeds.ts';
import { assertGet, assertGetMany, assertQuery } from '../item-rules/reads.ts';
import {
  createUnitCounter,
  type ItemUnits,
  type UnitCounter,
  type UnitsByTable,
  unitsOfGet,
  unitsOfGetMany,
  unitsOfQuery,
  unitsOfTransaction,
  unitsOfWrite,
} from '../item-rules/units.ts';
import { copyItem } from '../item-rules/values.ts';
import {
  assertTransaction,
  assertWrite,
  copyWrite,
  decideTransaction,
  decideWrite,
  keyOf,
} from '../item-rules/writes.ts';
import { openSqlite, type SqliteDatabase } from './sqlite-database.ts';
import { changeSchema, createChangeReader, trimChanges, withFeeds } from './sqlite-item-changes.ts';
import { createQueries } from './sqlite-item-queries.ts';
import { type ItemTables, itemSchema, prepareItemTables, toRow } from './sqlite-item-tables.ts';

export interface EmbeddedItems {
  readonly items: ItemStore;
  readonly changes: ItemChanges;
  /** What the same calls would have consumed of DynamoDB. */
  readonly units: ItemUnits;
  /**
   * Deletes at most `limit` items whose `ttl` was over before `nowSeconds`, in one commit, and says how many: fewer than
   * `limit` when there are no more. Throws StoreError.
   */
  deleteExpired(nowSeconds: number, limit: number): Promise<number>;
  /** Deletes changes at the beginning of a feed that are older than an instant; answers how many. Throws StoreError. */
  trimChanges(input: ChangeTrim): Promise<number>;
  /** Commits what waits; nothing may be asked afterwards. */
  close(): Promise<void>;
}

/** Items in the SQLite file at `path`, for this process alone. Its index never lags. */
export function openSqliteItems(input: {
  readonly path: string;
  /** What changes are dated by. */
  readonly clock: Clock;
  /** For tests of a full disk: the file may not grow beyond so many pages of 4 KiB. */
  readonly pagesMax?: number;
}): EmbeddedItems {
  const { clock, ...file } = input;
  const database = openSqlite({ ...file, schema: itemSchema() + changeSchema() });
  const tables = database.read((db) => withFeeds(prepareItemTables(db), { db, clock }));
  const units = createUnitCounter();
  const items = { ...createReads(database, tables, units), ...createWrites(database, tables, units) };
  const deleteExpired = async (nowSeconds: number, limit: number) => {
    assert(Number.isSafeInteger(limit) && limit > 0, 'at least one item is deleted at once');
    return await database.write(() => {
      let deleted = 0;
      for (const table of tables.all) deleted += table.deleteExpired(nowSeconds, limit - deleted);
      return deleted;
    });
  };
  return {
    items,
    changes: createChangeReader(database),
    units,
    deleteExpired,
    trimChanges: (trim) => trimChanges(database, trim),
    close: database.close,
  };
}

/** What a read sees is durable: between commits there is nothing else. */
function createReads(
  database: SqliteDatabase,
  tables: ItemTables,
  units: UnitCounter,
): Pick<ItemStore, 'get' | 'getMany' | 'query'> {
  const query = database.read(createQueries);
  return {
    get: async (input) => {
      assertGet(input);
      const item = database.read(() => tables.of(input.table).get(input.key));
      units.addRead(input.table, unitsOfGet(item));
      return item;
    },
    getMany: async (input) => {
      assertGetMany(input);
      const table = tables.of(input.table);
      const items = database.read(() => input.keys.flatMap((key) => table.get(key) ?? []));
      units.addRead(input.table, unitsOfGetMany(input.keys.length, items));
      return items;
    },
    query: async (input) => {
      assertQuery(input);
      const page = database.read(() => query(input));
      units.addRead(input.table, unitsOfQuery(input.index, page.items));
      return page;
    },
  };
}

/** Each write is decided inside the commit that holds it; also a refusal waits for the commit of what it saw. */
function createWrites(
  database: SqliteDatabase,
  tables: ItemTables,
  units: UnitCounter,
): Pick<ItemStore, 'put' | 'update' | 'delete' | 'transact'> {
  const write = async <T>(work: () => Counted<T>): Promise<T> => {
    const counted = await database.write(work);
    units.addWrites(counted.units);
    return counted.result;
  };
  const writeOne = async (operation: TransactionOperation) => {
    assertWrite(operation);
    const copy = copyWrite(operation);
    return await write(() => decideAndWrite(tables, copy));
  };
  return {
    put: async (input) => {
      assertWrite({ op: 'put', ...input });
      return await write(putIn(tables, input));
    },
    update: async (input) => {
      const written = await writeOne({ op: 'update', ...input });
      return written.ok ? ok(written.value as Item) : written;
    },
    delete: async (input) => {
      const written = await writeOne({ op: 'delete', ...input });
      return written.ok ? ok(undefined) : written;
    },
    transact: async (operations) => {
      assertTransaction(operations);
      const copies = operations.map(copyWrite);
      return await write(() => decideAndWriteAll(tables, copies));
    },
  };
}

/** A work may run again where its commit did not happen: its units count once it did. */
interface Counted<T> {
  readonly result: T;
  readonly units: UnitsByTable;
}

/** A put where nothing may be takes one statement: claims are settled by the thousand. */
function putIn(tables: ItemTables, input: PutInput): () => Counted<Result<void, ConditionFailed>> {
  const { condition } = input;
  const item = copyItem(input.item);
  const { pk, sk } = item;
  const table = tables.of(input.table);
  const row = toRow(item);
  const counted = (before: Item | undefined, result: Result<void, ConditionFailed>) => ({
    result,
    units: unitsOfWrite(input.table, before, result.ok ? item : null),
  });
  if (condition?.kind === 'item_absent') {
    return () => {
      if (table.putIfAbsent(row)) return counted(undefined, ok(undefined));
      const existing = table.get({ pk, sk });
      return counted(existing, refusal(existing));
    };
  }
  return () => {
    const existing = table.get({ pk, sk });
    if (condition !== undefined && !holds(condition, existing)) return counted(existing, refusal(existing));
    table.put(row);
    return counted(existing, ok(undefined));
  };
}

function refusal(existing: Item | undefined): Result<void, ConditionFailed> {
  return err({ kind: 'condition_failed', ...(existing === undefined ? {} : { existing }) });
}

function decideAndWrite(
  tables: ItemTables,
  operation: TransactionOperation,
): Counted<Result<Item | undefined, ConditionFailed>> {
  const existing = tables.of(operation.table).get(keyOf(operation));
  const result = decideWrite(operation, existing);
  if (result.ok) write(tables, operation, result.value);
  return { result, units: unitsOfWrite(operation.table, existing, result.ok ? result.value : null) };
}

function decideAndWriteAll(
  tables: ItemTables,
  operations: readonly TransactionOperation[],
): Counted<Result<void, TransactionCancelled>> {
  const existing = operations.map((operation) => tables.of(operation.table).get(keyOf(operation)));
  const decided = decideTransaction(operations, existing);
  const units = unitsOfTransaction(operations, existing, decided.ok ? decided.value : null);
  if (!decided.ok) return { result: decided, units };
  for (const [index, operation] of operations.entries()) write(tables, operation, decided.value[index]);
  return { result: ok(undefined), units };
}

function write(tables: ItemTables, operation: TransactionOperation, after: Item | undefined): void {
  if (operation.op === 'check') return;
  const table = tables.of(operation.table);
  if (after === undefined) table.delete(keyOf(operation));
  else table.put(toRow(after));
}
