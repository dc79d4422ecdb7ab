import { err, ok, type Result } from '../../../kernel/result.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { ItemChanges } from '../../../ports/item-changes.ts';
import type {
  ConditionFailed,
  Item,
  ItemKey,
  ItemStore,
  TransactionCancelled,
  TransactionOperation,
} from '../../../ports/item-store.ts';
import type { ChangeTrim } from '../../item-rules/feeds.ts';
import { assertGet, assertGetMany, assertQuery } from '../../item-rules/reads.ts';
import {
  createUnitCounter,
  type ItemUnits,
  type UnitCounter,
  unitsOfGet,
  unitsOfGetMany,
  unitsOfQuery,
  unitsOfTransaction,
  unitsOfWrite,
} from '../../item-rules/units.ts';
import { copyItem } from '../../item-rules/values.ts';
import {
  assertTransaction,
  assertWrite,
  copyWrite,
  decideTransaction,
  decideWrite,
  keyOf,
} from '../../item-rules/writes.ts';
import { createChangeFeeds } from './change-feeds.ts';
import { createPartitions, type Partitions } from './partitions.ts';
import { queryIndex, queryTable } from './queries.ts';

/** The twin, with what only a test may do. Faults go around it: it is an `ItemStore` like any other. */
export interface MemoryItems extends ItemStore {
  readonly changes: ItemChanges;
  /** What the same calls would have consumed of DynamoDB. */
  readonly units: ItemUnits;
  /** Forgets changes at the beginning of a feed that are older than an instant; answers how many. */
  trimChanges(input: ChangeTrim): Promise<number>;
  /** Every item of all tables; copies. */
  all(): readonly Item[];
  /** Deletes the items whose `ttl` is over, as late as the test likes; until then they are returned and count. */
  expire(nowSeconds: number): void;
  /** Shows the index all that was written so far. Nothing to do unless it lags. */
  catchUpIndex(): void;
}

/** DynamoDB's model in memory. Lost with the process. Without a clock all changes are of the instant 0. */
export function createMemoryItems(
  options: { readonly indexLags?: boolean; readonly clock?: Clock } = {},
): MemoryItems {
  const stored = createPartitions();
  const feeds = createChangeFeeds({ nowMs: () => options.clock?.nowMs() ?? 0 });
  const recorded = withRecord(stored, (change) => feeds.record({ ...change, cause: 'write' }));
  const units = createUnitCounter();
  let indexed = options.indexLags === true ? createPartitions() : stored;
  const single = async (operation: TransactionOperation) => {
    assertWrite(operation);
    return writeOne(recorded, units, copyWrite(operation));
  };
  const done = (result: Result<Item | undefined, ConditionFailed>) => (result.ok ? ok(undefined) : result);
  return {
    get: async (input) => {
      assertGet(input);
      const item = stored.get(input.table, input.key);
      units.addRead(input.table, unitsOfGet(item));
      return copyOf(item);
    },
    getMany: async (input) => {
      assertGetMany(input);
      const found = input.keys.flatMap((key) => stored.get(input.table, key) ?? []);
      units.addRead(input.table, unitsOfGetMany(input.keys.length, found));
      return found.map(copyItem);
    },
    query: async (input) => {
      assertQuery(input);
      const page = input.index === undefined ? queryTable(stored, input) : queryIndex(indexed, input);
      units.addRead(input.table, unitsOfQuery(input.index, page.items));
      return { ...page, items: page.items.map(copyItem) };
    },
    put: async (input) => done(await single({ op: 'put', ...input })),
    delete: async (input) => done(await single({ op: 'delete', ...input })),
    update: async (input) => {
      const result = await single({ op: 'update', ...input });
      return result.ok ? ok(copyItem(result.value as Item)) : result;
    },
    transact: async (operations) => {
      assertTransaction(operations);
      return writeAll(recorded, units, operations.map(copyWrite));
    },
    changes: feeds,
    units,
    trimChanges: feeds.trim,
    all: () => stored.all().map(({ item }) => copyItem(item)),
    expire: (nowSeconds) => {
      for (const { table, item } of stored.all()) {
        if (!isNumber(item.ttl) || item.ttl >= nowSeconds) continue;
        feeds.record({ table, key: item, before: item, after: undefined, cause: 'expiry' });
        stored.set(table, item, undefined);
      }
    },
    catchUpIndex: () => {
      if (indexed !== stored) indexed = stored.clone();
    },
  };
}

/** The same partitions; `record` hears of each write before it happens. */
function withRecord(
  stored: Partitions,
  record: (change: {
    readonly table: string;
    readonly key: ItemKey;
    readonly before: Item | undefined;
    readonly after: Item | undefined;
  }) => void,
): Partitions {
  return {
    ...stored,
    set: (table, key, after) => {
      record({ table, key, before: stored.get(table, key), after });
      stored.set(table, key, after);
    },
  };
}

function writeOne(
  stored: Partitions,
  units: UnitCounter,
  operation: TransactionOperation,
): Result<Item | undefined, ConditionFailed> {
  const key = keyOf(operation);
  const existing = stored.get(operation.table, key);
  const decided = decideWrite(operation, existing);
  units.addWrites(unitsOfWrite(operation.table, existing, decided.ok ? decided.value : null));
  if (!decided.ok) return err(copyFailure(decided.error));
  stored.set(operation.table, key, decided.value);
  return decided;
}

function writeAll(
  stored: Partitions,
  units: UnitCounter,
  operations: readonly TransactionOperation[],
): Result<void, TransactionCancelled> {
  const existing = operations.map((operation) => stored.get(operation.table, keyOf(operation)));
  const decided = decideTransaction(operations, existing);
  units.addWrites(unitsOfTransaction(operations, existing, decided.ok ? decided.value : null));
  if (!decided.ok) {
    const reasons = decided.error.reasons.map((reason) => (reason === null ? null : copyFailure(reason)));
    return err({ kind: 'transaction_cancelled', reasons });
  }
  for (const [index, operation] of operations.entries()) {
    stored.set(operation.table, keyOf(operation), decided.value[index]);
  }
  return ok(undefined);
}

function copyOf(item: Item | undefined): Item | undefined {
  return item === undefined ? undefined : copyItem(item);
}

function copyFailure({ kind, existing }: ConditionFailed): ConditionFailed {
  return existing === undefined ? { kind } : { kind, existing: copyItem(existing) };
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}
