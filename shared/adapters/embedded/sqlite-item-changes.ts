import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { FEED_TABLES } from '../../contracts/names.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ItemChange, ItemChanges } from '../../ports/item-changes.ts';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import {
  assertChangeRead,
  assertFeed,
  type ChangeTrim,
  hasFeed,
  withinChangeBytes,
} from '../item-rules/feeds.ts';
import { decodeItem } from '../item-rules/item-codec.ts';
import { isSameItem } from '../item-rules/same-item.ts';
import { createStreamShards } from '../stream-shards.ts';
import { toRowPosition } from './positions.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import { deleteExpiredSql, type ItemTable, type ItemTables, toTables } from './sqlite-item-tables.ts';

/** All readers of a feed share one process and one disk, so more shards would not read faster. */
const SHARDS = createStreamShards(1);

const changeRow = z.object({
  position: z.int(),
  changed_at_ms: z.int(),
  cause: z.enum(['write', 'expiry']),
  pk: z.string(),
  sk: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
});
const expiredRow = z.object({ pk: z.string(), sk: z.string(), attributes: z.string() });
const ageRow = z.object({ position: z.int(), changed_at_ms: z.int() });

/** AUTOINCREMENT, for no position may be given again after its change was deleted. Images are stored as items are. */
export function changeSchema(): string {
  const tables = FEED_TABLES.map(
    (name) => `
      CREATE TABLE IF NOT EXISTS ${name}_changes (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        changed_at_ms INTEGER NOT NULL, cause TEXT NOT NULL,
        pk TEXT NOT NULL, sk TEXT NOT NULL, before TEXT, after TEXT
      ) STRICT;`,
  );
  return tables.join('');
}

/** The same tables, of which those with a feed write down each change in the commit that makes it. */
export function withFeeds(
  tables: ItemTables,
  deps: { readonly db: DatabaseSync; readonly clock: Clock },
): ItemTables {
  return toTables(tables.all.map((table) => (hasFeed(table.name) ? withFeed(table, deps) : table)));
}

function withFeed(
  table: ItemTable,
  { db, clock }: { readonly db: DatabaseSync; readonly clock: Clock },
): ItemTable {
  const { name } = table;
  const select = db.prepare(`SELECT attributes FROM ${name} WHERE pk = ? AND sk = ?`);
  const takeExpired = db.prepare(`${deleteExpiredSql(name)} RETURNING pk, sk, attributes`);
  const insert = db.prepare(`INSERT INTO ${name}_changes (changed_at_ms, cause, pk, sk, before, after)
    VALUES (?, ?, ?, ?, ?, ?)`);
  const textOf = ({ pk, sk }: ItemKey) => {
    const row = select.get(pk, sk);
    return row === undefined ? null : String(row.attributes);
  };
  const record = (input: Texts & { readonly cause: ItemChange['cause'] }) => {
    const { cause, pk, sk, before, after } = input;
    if (!isSame(input)) insert.run(clock.nowMs(), cause, pk, sk, before, after);
  };
  return {
    ...table,
    put: (row) => {
      const [pk, sk, after] = row;
      record({ cause: 'write', pk, sk, before: textOf({ pk, sk }), after });
      table.put(row);
    },
    putIfAbsent: (row) => {
      const [pk, sk, after] = row;
      const isDone = table.putIfAbsent(row);
      if (isDone) record({ cause: 'write', pk, sk, before: null, after });
      return isDone;
    },
    delete: ({ pk, sk }) => {
      record({ cause: 'write', pk, sk, before: textOf({ pk, sk }), after: null });
      table.delete({ pk, sk });
    },
    deleteExpired: (nowSeconds, limit) => {
      const expired = takeExpired.all(nowSeconds, limit).map((row) => expiredRow.parse(row));
      for (const { pk, sk, attributes } of expired)
        record({ cause: 'expiry', pk, sk, before: attributes, after: null });
      return expired.length;
    },
  };
}

/** An item before and after, as it is stored. */
interface Texts extends ItemKey {
  readonly before: string | null;
  readonly after: string | null;
}

/** One item has many texts: names come in the order in which they were written. */
function isSame({ pk, sk, before, after }: Texts): boolean {
  return before === after || isSameItem(imageOf({ pk, sk }, before), imageOf({ pk, sk }, after));
}

function imageOf(key: ItemKey, text: string | null): Item | null {
  return text === null ? null : decodeItem(key, text);
}

export function createChangeReader(database: SqliteDatabase): ItemChanges {
  const statements = database.read(
    (db) =>
      new Map<string, ReturnType<typeof db.prepare>>(
        FEED_TABLES.map((name) => [
          name,
          db.prepare(`SELECT position, changed_at_ms, cause, pk, sk, before, after FROM ${name}_changes
            WHERE position > ? ORDER BY position LIMIT ?`),
        ]),
      ),
  );

  function* changes(table: string, after: number, limit: number): Generator<ItemChange> {
    for (const found of statements.get(table)?.iterate(after, limit) ?? []) {
      const row = changeRow.parse(found);
      const key = { pk: row.pk, sk: row.sk };
      yield {
        sequenceNumber: String(row.position),
        key,
        before: imageOf(key, row.before),
        after: imageOf(key, row.after),
        changedAtMs: row.changed_at_ms,
        cause: row.cause,
      };
    }
  }

  return {
    shards: async (table) => {
      assertFeed(table);
      return SHARDS.ids;
    },
    read: async (input) => {
      assertChangeRead(input);
      SHARDS.indexOf(input.shardId);
      const after = toRowPosition(input.after ?? '0');
      return database.read(() => withinChangeBytes(changes(input.table, after, input.limit)));
    },
  };
}

/** Deletes the oldest changes, until one that is not older than `before`, in steps; answers how many. Throws StoreError. */
export async function trimChanges(database: SqliteDatabase, input: ChangeTrim): Promise<number> {
  const { table, before, upTo } = input;
  assertFeed(table);
  const last = upTo === undefined ? Number.MAX_SAFE_INTEGER : toRowPosition(upTo);
  let deleted = 0;
  for (;;) {
    const step = await database.write((db) => trimStep(db, { table, before, last }));
    deleted += step;
    if (step < LIMITS.changeTrimStep) return deleted;
  }
}

/** The feed loses its beginning only, so that images go on joining each other where a clock was set back. */
function trimStep(
  db: DatabaseSync,
  { table, before, last }: { readonly table: string; readonly before: number; readonly last: number },
): number {
  const oldest = db
    .prepare(
      `SELECT position, changed_at_ms FROM ${table}_changes WHERE position <= ? ORDER BY position LIMIT ?`,
    )
    .all(last, LIMITS.changeTrimStep)
    .map((row) => ageRow.parse(row));
  const firstYoung = oldest.findIndex(({ changed_at_ms }) => changed_at_ms >= before);
  const end = firstYoung < 0 ? oldest.at(-1) : oldest[firstYoung - 1];
  if (end === undefined) return 0;
  return Number(db.prepare(`DELETE FROM ${table}_changes WHERE position <= ?`).run(end.position).changes);
}
