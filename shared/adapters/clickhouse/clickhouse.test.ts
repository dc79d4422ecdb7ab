import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClickHouseClient } from '@clickhouse/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { dayPlan, eventRow, partOf, usageRow } from '../../../test/contracts/analytics-builders.ts';
import { defined } from '../../kernel/assert.ts';
import { type EmbeddedAnalytics, openChdb } from '../embedded/chdb.ts';
import { createChdbClient } from '../embedded/chdb-client.ts';
import { checkTables } from './check-tables.ts';
import { type Migration, migrate, readMigrations } from './migrate.ts';
import { createQuerier, type Querier } from './querier.ts';
import { GUARDED_TABLES, TABLE_SETTINGS } from './settings.ts';

let folder: string;
let store: EmbeddedAnalytics | undefined;
let client: ClickHouseClient;
let querier: Querier;

/** A second way into the same engine, for what the port does not show. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clickhouse-'));
  store = await openChdb({ dataFolder: folder });
  client = createChdbClient(join(folder, 'clickhouse'));
  querier = createQuerier(client);
});

afterEach(async () => {
  await client.close();
  await store?.close();
  await rm(folder, { recursive: true, force: true });
});

const count = async (sql: string) => {
  const rows = await querier.ask({ sql, params: {}, row: z.object({ n: z.coerce.number() }) });
  return defined(rows[0], 'a count').n;
};
const analytics = () => defined(store, 'the store').analytics;

describe('inserts into embedded ClickHouse', () => {
  it('of 10,000 rows are one block, in the table and in the target of every view', async () => {
    const rows = Array.from({ length: 10_000 }, (_, index) =>
      usageRow({ timeMs: dayPlan('').fromMs + index }),
    );
    await client.command({ query: 'SYSTEM STOP MERGES' });
    await analytics().insert(partOf('usage', rows));
    for (const table of ['usage', 'usage_minute', 'usage_hour', 'usage_day']) {
      expect(await count(`SELECT count() AS n FROM system.parts WHERE active AND table = '${table}'`)).toBe(
        1,
      );
    }
    expect(await count('SELECT count() AS n FROM usage')).toBe(10_000);
  });

  it('keep all events of a chunk through merges: a part is compared with its plan long after', async () => {
    const rows = Array.from({ length: 50 }, (_, index) =>
      eventRow({ id: `${index % 25}`, source: `${index < 25}` }),
    );
    await analytics().insert(partOf('events', rows.slice(0, 20)));
    await analytics().insert(partOf('events', rows.slice(20)));
    const address = { table: 'events', partition: '202611', chunk: 'chunk' } as const;
    const before = await analytics().partContents(address);
    await client.command({ query: 'OPTIMIZE TABLE events FINAL' });
    expect(before.rows).toBe(50);
    expect(await analytics().partContents(address)).toEqual(before);
  });

  it('drop the rows of a token that is known, also when they are other rows', async () => {
    await analytics().insert(partOf('usage', [usageRow({ quantity: '1' })], 'a token'));
    await analytics().insert(partOf('usage', [usageRow({ quantity: '2' })], 'a token'));
    expect((await analytics().usage(dayPlan('acme')))[0]?.sum).toBe('1');
  });

  it('whose view throws are unknown, and the same token completes the rollups without counting twice', async () => {
    // Views run in the order of their names.
    await client.command({
      query: `CREATE MATERIALIZED VIEW a_view_that_throws TO usage_day AS
        SELECT tenant, throwIf(1, 'no') AS rows FROM usage`,
    });
    const part = partOf('usage', [usageRow({ quantity: '5' })]);
    await expect(analytics().insert(part)).rejects.toMatchObject({ name: 'StoreError', outcome: 'unknown' });
    await client.command({ query: 'DROP VIEW a_view_that_throws' });
    await analytics().insert(part);
    for (const grain of ['usage', 'minute', 'hour', 'day'] as const) {
      expect((await analytics().usage(dayPlan('acme', { grain })))[0]?.sum).toBe('5');
    }
  });

  it('survive closing and opening again, and their tokens do, too', async () => {
    const part = partOf('usage', [usageRow({ quantity: '5' })]);
    await analytics().insert(part);
    await client.close();
    await store?.close();
    store = await openChdb({ dataFolder: folder });
    await analytics().insert(part);
    for (const grain of ['usage', 'minute', 'hour', 'day'] as const) {
      expect((await analytics().usage(dayPlan('acme', { grain })))[0]?.count).toBe('1');
    }
  });

  it('that run are seen by their token', async () => {
    let isOver = false;
    const running = client
      .command({ query: 'SELECT sleep(2)', clickhouse_settings: { log_comment: 'X/usage/202611/1.1' } })
      .finally(() => {
        isOver = true;
      });
    let seen = false;
    while (!seen && !isOver) seen = !(await analytics().hasEnded('X/usage/202611'));
    expect(seen).toBe(true);
    expect(await analytics().hasEnded('X/events')).toBe(true);
    await running;
    expect(await analytics().hasEnded('X/usage/202611')).toBe(true);
  });
});

describe('the tables', () => {
  it('all have the settings that counting once and durability need', async () => {
    await expect(checkTables(querier)).resolves.toBeUndefined();
    const targets = await count(`SELECT count() AS n FROM system.tables
      WHERE database = currentDatabase() AND engine LIKE '%MergeTree'`);
    expect(targets).toBe(GUARDED_TABLES.length);
  });

  it.each(GUARDED_TABLES)('%s without one of them keep the store from opening', async (table) => {
    for (const name of [
      'non_replicated_deduplication_window',
      'fsync_after_insert',
      'fsync_part_directory',
    ]) {
      await client.command({ query: `ALTER TABLE ${table} MODIFY SETTING ${name} = 0` });
      const complaint = `${table} needs ${name} = ${TABLE_SETTINGS[name]}`;
      await expect(checkTables(querier)).rejects.toThrow(complaint);
      await client.command({
        query: `ALTER TABLE ${table} MODIFY SETTING ${name} = ${TABLE_SETTINGS[name]}`,
      });
    }
    await expect(checkTables(querier)).resolves.toBeUndefined();
  });

  it('that lack a setting, or are gone, are found when the store is opened', async () => {
    await client.command({ query: 'ALTER TABLE usage_hour MODIFY SETTING fsync_after_insert = 0' });
    await client.command({ query: 'DROP TABLE resends' });
    await client.close();
    await store?.close();
    store = undefined;
    await expect(openChdb({ dataFolder: folder })).rejects.toThrow(
      /usage_hour needs fsync.*resends is missing/,
    );
  });
});

describe('usage of some fences', () => {
  it('is found without reading the rows of all others', async () => {
    const rows = Array.from({ length: 40_000 }, (_, index) =>
      usageRow({ id: `${index}`, fence: index < 39_990 ? 1 : 9, timeMs: dayPlan('').fromMs + index }),
    );
    await analytics().insert(partOf('usage', rows));
    const [changed] = await analytics().customersChanged({
      ...{ tenant: 'acme', fromFence: 9, belowFence: 10, limit: 10 },
    });
    expect(changed).toMatchObject({ customer: 'globex' });
    const plan = await querier.ask({
      sql: `EXPLAIN indexes = 1 SELECT customer FROM usage WHERE tenant = 'acme' AND fence >= 9 AND fence < 10`,
      params: {},
      row: z.object({ explain: z.string() }),
    });
    const text = plan.map(({ explain }) => explain.trim()).join(' ');
    expect(text).toMatch(/Name: fence_index .*Granules: 1\/5/);
  });
});

describe('migrations', () => {
  /** The migrations that there are, and one more. */
  const knownAnd = async (sql: string): Promise<readonly Migration[]> => {
    const known = await readMigrations();
    return [...known, { version: known.length + 1, name: 'more.sql', sql }];
  };
  const run = async (migrations: readonly Migration[]) => await migrate({ client, querier }, migrations);
  const tablesNamed = (name: string) => {
    return count(
      `SELECT count() AS n FROM system.tables WHERE database = currentDatabase() AND name = '${name}'`,
    );
  };

  it('that are applied are not applied again', async () => {
    const known = await readMigrations();
    await run(known);
    expect(await count('SELECT count() AS n FROM schema_migrations')).toBe(known.length);
  });

  it('that are new are applied once, in order, each statement of a file', async () => {
    const all = await knownAnd('CREATE TABLE x (a Int8) ENGINE = Log;\n\nDROP TABLE x;\n');
    await run(all);
    await run(all);
    expect(await tablesNamed('x')).toBe(0);
    expect(await count(`SELECT count() AS n FROM schema_migrations WHERE version = ${all.length}`)).toBe(1);
  });

  it('of a newer program are refused', async () => {
    const known = await readMigrations();
    await run(await knownAnd('SELECT 1'));
    const complaint = `the schema has version ${known.length + 1}, this program knows ${known.length}`;
    await expect(run(known)).rejects.toThrow(complaint);
  });

  it('that were changed after they were applied are refused', async () => {
    await run(await knownAnd('SELECT 1'));
    await expect(run(await knownAnd('SELECT 2'))).rejects.toThrow('more.sql was changed');
  });

  it('that fail leave nothing recorded and run again', async () => {
    const known = await readMigrations();
    const failing = await knownAnd('CREATE TABLE IF NOT EXISTS x (a Int8) ENGINE = Log;\nSELECT throwIf(1);');
    await expect(run(failing)).rejects.toMatchObject({ name: 'StoreError' });
    expect(await count('SELECT count() AS n FROM schema_migrations')).toBe(known.length);
    await run(await knownAnd('CREATE TABLE IF NOT EXISTS x (a Int8) ENGINE = Log;\nSELECT 1;'));
    expect(await tablesNamed('x')).toBe(1);
  });

  it('are recorded also where a crash left the token of their record, and not the record', async () => {
    // A removal leaves the same: the log of tokens knows the block, the table lacks it.
    await client.command({
      query: 'ALTER TABLE schema_migrations DELETE WHERE version = 1',
      clickhouse_settings: { mutations_sync: '2' },
    });
    await run(await readMigrations());
    expect(await count('SELECT count() AS n FROM schema_migrations WHERE version = 1')).toBe(1);
  });

  it('create nothing that exists, so that a crash between their statements is repaired by running them again', async () => {
    await client.command({ query: 'TRUNCATE TABLE schema_migrations' });
    const known = await readMigrations();
    await run(known);
    expect(await count('SELECT count() AS n FROM schema_migrations')).toBe(known.length);
  });
});

describe('answers', () => {
  it('of another shape than asked for are a broken invariant, not data', async () => {
    const question = { sql: 'SELECT 1 AS n', params: {}, row: z.object({ n: z.string() }) };
    await expect(querier.ask(question)).rejects.toThrow('another shape');
  });

  it('that a store which is closed cannot give are known not to have been asked for', async () => {
    const closed = analytics();
    await store?.close();
    store = undefined;
    const outcome = { name: 'StoreError', outcome: 'not_done', reason: 'unreachable' };
    await expect(closed.usage(dayPlan('acme'))).rejects.toMatchObject(outcome);
    await expect(closed.insert(partOf('usage', [usageRow()]))).rejects.toMatchObject(outcome);
  });
});
