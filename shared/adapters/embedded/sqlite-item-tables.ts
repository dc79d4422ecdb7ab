import type { DatabaseSync } from 'node:sqlite';
import { TABLES } from '../../contracts/names.ts';
import { defined } from '../../kernel/assert.ts';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { decodeItem, encodeAttributes } from '../item-rules/item-codec.ts';
import { INDEX_KEYS } from '../item-rules/writes.ts';

/** What SQLite holds of an item: all attributes as text, and those that it finds items by as columns, too. */
type ItemRow = readonly [
  pk: string,
  sk: string,
  attributes: string,
  ttl: number | null,
  ownerPk: string | null,
  ownerSk: string | null,
];

/** One table of the store; everything but `get` belongs into a write. */
export interface ItemTable {
  readonly name: string;
  get(key: ItemKey): Item | undefined;
  put(row: ItemRow): void;
  /** False where an item is there, which stays as it is. */
  putIfAbsent(row: ItemRow): boolean;
  delete(key: ItemKey): void;
  deleteExpired(nowSeconds: number, limit: number): number;
}

export interface ItemTables {
  of(table: string): ItemTable;
  readonly all: readonly ItemTable[];
}

export function itemSchema(): string {
  const names = Object.values(TABLES);
  const tables = names.map(
    (name) => `
      CREATE TABLE IF NOT EXISTS ${name} (
        pk TEXT NOT NULL, sk TEXT NOT NULL, attributes TEXT NOT NULL,
        ttl INTEGER, owner_pk TEXT, owner_sk TEXT,
        PRIMARY KEY (pk, sk)
      ) WITHOUT ROWID, STRICT;
      CREATE INDEX IF NOT EXISTS ${name}_by_ttl ON ${name} (ttl) WHERE ttl IS NOT NULL;`,
  );
  const byOwner = `
      CREATE INDEX IF NOT EXISTS ${INDEX_KEYS.byOwner.table}_by_owner
        ON ${INDEX_KEYS.byOwner.table} (owner_pk, owner_sk, pk, sk)
        WHERE owner_pk IS NOT NULL AND owner_sk IS NOT NULL;`;
  return [...tables, byOwner].join('');
}

export function toRow(item: Item): ItemRow {
  const { ttl } = item;
  const ownerPk = item[INDEX_KEYS.byOwner.pk];
  const ownerSk = item[INDEX_KEYS.byOwner.sk];
  return [
    item.pk,
    item.sk,
    encodeAttributes(item),
    // As DynamoDB: any other `ttl` never expires.
    typeof ttl === 'number' ? ttl : null,
    typeof ownerPk === 'string' ? ownerPk : null,
    typeof ownerSk === 'string' ? ownerSk : null,
  ];
}

export function prepareItemTables(db: DatabaseSync): ItemTables {
  return toTables(Object.values(TABLES).map((name) => prepareTable(db, name)));
}

export function toTables(all: readonly ItemTable[]): ItemTables {
  const byName = new Map(all.map((table) => [table.name, table]));
  return { of: (name) => defined(byName.get(name), `table ${name}`), all };
}

/** With the present in seconds and the most to delete. */
export function deleteExpiredSql(name: string): string {
  return `DELETE FROM ${name} WHERE (pk, sk) IN (
    SELECT pk, sk FROM ${name} WHERE ttl < ? ORDER BY ttl LIMIT ?)`;
}

function prepareTable(db: DatabaseSync, name: string): ItemTable {
  const select = db.prepare(`SELECT attributes FROM ${name} WHERE pk = ? AND sk = ?`);
  const insert = `INSERT INTO ${name} (pk, sk, attributes, ttl, owner_pk, owner_sk) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (pk, sk) DO`;
  const putIfAbsent = db.prepare(`${insert} NOTHING`);
  const put = db.prepare(`${insert} UPDATE SET attributes = excluded.attributes, ttl = excluded.ttl,
    owner_pk = excluded.owner_pk, owner_sk = excluded.owner_sk`);
  const remove = db.prepare(`DELETE FROM ${name} WHERE pk = ? AND sk = ?`);
  const removeExpired = db.prepare(deleteExpiredSql(name));
  return {
    name,
    get: ({ pk, sk }) => {
      const row = select.get(pk, sk);
      return row === undefined ? undefined : decodeItem({ pk, sk }, String(row.attributes));
    },
    put: (row) => {
      put.run(...row);
    },
    putIfAbsent: (row) => putIfAbsent.run(...row).changes === 1,
    delete: ({ pk, sk }) => {
      remove.run(pk, sk);
    },
    deleteExpired: (nowSeconds, limit) => Number(removeExpired.run(nowSeconds, limit).changes),
  };
}
