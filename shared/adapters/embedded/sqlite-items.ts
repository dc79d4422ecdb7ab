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
import type { ChangeTrim } from '../item-rules/feeds.ts';
import { assertGet, assertGetMany, assertQuery } from '../item-rules/reads.ts';
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
  const items = { ...createReads(database, tables), ...createWrites(database, tables) };
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
    deleteExpired,
    trimChanges: (trim) => trimChanges(database, trim),
    close: database.close,
  };
}

/** What a read sees is durable: between commits there is nothing else. */
function createReads(
  database: SqliteDatabase,
  tables: ItemTables,
): Pick<ItemStore, 'get' | 'getMany' | 'query'> {
  const query = database.read(createQueries);
  return {
    get: async (input) => {
      assertGet(input);
      return database.read(() => tables.of(input.table).get(input.key));
    },
    getMany: async (input) => {
      assertGetMany(input);
      const table = tables.of(input.table);
      return database.read(() => input.keys.flatMap((key) => table.get(key) ?? []));
    },
    query: async (input) => {
      assertQuery(input);
      return database.read(() => query(input));
    },
  };
}

/** Each write is decided inside the commit that holds it; also a refusal waits for the commit of what it saw. */
function createWrites(
  database: SqliteDatabase,
  tables: ItemTables,
): Pick<ItemStore, 'put' | 'update' | 'delete' | 'transact'> {
  const writeOne = async (operation: TransactionOperation) => {
    assertWrite(operation);
    const copy = copyWrite(operation);
    return await database.write(() => decideAndWrite(tables, copy));
  };
  return {
    put: async (input) => {
      assertWrite({ op: 'put', ...input });
      return await database.write(putIn(tables, input));
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
      return await database.write(() => decideAndWriteAll(tables, copies));
    },
  };
}

/** The two usual puts take one statement: claims are settled by the thousand. */
function putIn(tables: ItemTables, input: PutInput): () => Result<void, ConditionFailed> {
  const table = tables.of(input.table);
  const { pk, sk } = input.item;
  const row = toRow(input.item);
  const { condition } = input;
  if (condition === undefined) {
    return () => {
      table.put(row);
      return ok(undefined);
    };
  }
  if (condition.kind === 'item_absent') {
    return () => (table.putIfAbsent(row) ? ok(undefined) : refusal(table.get({ pk, sk })));
  }
  const check = { op: 'check', table: input.table, key: { pk, sk }, condition } as const;
  return () => {
    const decided = decideWrite(check, table.get({ pk, sk }));
    if (!decided.ok) return decided;
    table.put(row);
    return ok(undefined);
  };
}

function refusal(existing: Item | undefined): Result<void, ConditionFailed> {
  return err({ kind: 'condition_failed', ...(existing === undefined ? {} : { existing }) });
}

function decideAndWrite(
  tables: ItemTables,
  operation: TransactionOperation,
): Result<Item | undefined, ConditionFailed> {
  const decided = decideWrite(operation, tables.of(operation.table).get(keyOf(operation)));
  if (decided.ok) write(tables, operation, decided.value);
  return decided;
}

function decideAndWriteAll(
  tables: ItemTables,
  operations: readonly TransactionOperation[],
): Result<void, TransactionCancelled> {
  const existing = operations.map((operation) => tables.of(operation.table).get(keyOf(operation)));
  const decided = decideTransaction(operations, existing);
  if (!decided.ok) return decided;
  for (const [index, operation] of operations.entries()) write(tables, operation, decided.value[index]);
  return ok(undefined);
}

function write(tables: ItemTables, operation: TransactionOperation, after: Item | undefined): void {
  if (operation.op === 'check') return;
  const table = tables.of(operation.table);
  if (after === undefined) table.delete(keyOf(operation));
  else table.put(toRow(after));
}
