import { readdir, readFile } from 'node:fs/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { z } from 'zod';
import { assert } from '../../kernel/assert.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { StoreError } from '../../ports/store-error.ts';
import type { Querier } from './querier.ts';
import { INSERT_SETTINGS, TABLE_SETTINGS } from './settings.ts';
import { toStoreError } from './store-errors.ts';

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

const FILE_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;
const MIGRATIONS = new URL('migrations/', import.meta.url);

export async function readMigrations(folder: URL = MIGRATIONS): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return await Promise.all(
    names.map(async (name, index) => {
      const version = Number(FILE_NAME.exec(name)?.[1]);
      assert(version === index + 1, `the migrations are numbered without gaps: ${name}`);
      return { version, name, sql: await readFile(new URL(name, folder), 'utf8') };
    }),
  );
}

export interface MigrateDeps {
  readonly client: ClickHouseClient;
  readonly querier: Querier;
}

/**
 * Applies what is not applied yet, in order. Statements are idempotent: one that ran before a crash runs again.
 * Throws a StoreError of outcome `refused` where the database is newer than the code, or an applied file was changed.
 */
export async function migrate(deps: MigrateDeps, migrations: readonly Migration[]): Promise<void> {
  await run(deps.client, CREATE_LOG);
  const applied = await readApplied(deps.querier);
  const newest = Math.max(0, ...applied.keys());
  if (newest > migrations.length) {
    throw schemaError(`the schema has version ${newest}, this program knows ${migrations.length}`);
  }
  for (const migration of migrations) {
    const checksum = sha256Hex(migration.sql);
    const known = applied.get(migration.version);
    if (known === undefined) await apply(deps.client, migration, checksum);
    else if (known !== checksum) throw schemaError(`${migration.name} was changed after it was applied`);
  }
}

const settings = Object.entries(TABLE_SETTINGS).map(([name, value]) => `${name} = ${value}`);
const CREATE_LOG = `CREATE TABLE IF NOT EXISTS schema_migrations
  (version UInt32, name String, checksum String) ENGINE = MergeTree ORDER BY version SETTINGS ${settings.join(', ')}`;

async function readApplied(querier: Querier): Promise<ReadonlyMap<number, string>> {
  const rows = await querier.ask({
    sql: 'SELECT DISTINCT version, checksum FROM schema_migrations ORDER BY version',
    params: {},
    row: z.object({ version: z.int(), checksum: z.string() }),
  });
  return new Map(rows.map(({ version, checksum }) => [version, checksum]));
}

async function apply(client: ClickHouseClient, migration: Migration, checksum: string): Promise<void> {
  for (const statement of migration.sql.split(/;\s*$/m)) {
    if (statement.trim() !== '') await run(client, statement);
  }
  try {
    await client.insert({
      table: 'schema_migrations',
      values: [{ version: migration.version, name: migration.name, checksum }],
      format: 'JSONEachRow',
      // The log of a crashed insert must not swallow the next try. A second row is the same row.
      clickhouse_settings: {
        ...INSERT_SETTINGS,
        deduplicate_insert: 'disable',
        insert_deduplicate: 0,
        insert_deduplication_token: '',
      },
    });
  } catch (thrown) {
    throw toStoreError(thrown, `the migration ${migration.name} could not be recorded`);
  }
}

async function run(client: ClickHouseClient, query: string): Promise<void> {
  try {
    await client.command({ query });
  } catch (thrown) {
    throw toStoreError(thrown, 'a migration failed');
  }
}

function schemaError(message: string): StoreError {
  return new StoreError({ message, outcome: 'refused', reason: 'rejected' });
}
