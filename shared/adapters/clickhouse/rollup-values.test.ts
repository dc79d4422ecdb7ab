import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ClickHouseClient } from '@clickhouse/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS, dayPlan, NOON_MS, partOf, usageRow } from '../../../test/contracts/analytics-builders.ts';
import { expectedUsage } from '../../../test/contracts/analytics-oracle.ts';
import type { UsageRow } from '../../domain/metering/rows.ts';
import { ROLLUP_GRAINS } from '../../domain/metering/usage-read.ts';
import { defined } from '../../kernel/assert.ts';
import { createChdbClient } from '../embedded/chdb-client.ts';
import { createAnalyticsReader } from './analytics-reader.ts';
import { createAnalyticsWriter } from './analytics-writer.ts';
import { type Migration, migrate, readMigrations } from './migrate.ts';
import { createQuerier, type Querier } from './querier.ts';

const VERSION = 6;
const AGGREGATIONS = ['count', 'sum', 'min', 'max', 'latest', 'unique_count'] as const;

let folder: string;
let client: ClickHouseClient;
let querier: Querier;
let known: readonly Migration[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollup-values-'));
  known = await readMigrations();
  open();
});

afterEach(async () => {
  await client.close();
  await rm(folder, { recursive: true, force: true });
});

function open(): void {
  client = createChdbClient(folder);
  querier = createQuerier(client);
}

const upTo = async (version: number) => await migrate({ client, querier }, known.slice(0, version));
const insert = async (rows: readonly UsageRow[], token?: string) => {
  await createAnalyticsWriter({ inserts: client, folds: client, querier }).insert(
    partOf('usage', rows, token),
  );
};

/** Rows of one day. The least, greatest and latest lie anywhere among them. */
function someRows(count: number): readonly UsageRow[] {
  return Array.from({ length: count }, (_, n) => {
    const timeMs = NOON_MS + ((n * 7_919_000) % (DAY_MS / 2));
    const uniqueKey = n % 3 === 0 ? '' : `${n % 7}`;
    return usageRow({ timeMs, uniqueKey, quantity: `${((n * 37) % 101) - 50}.5` });
  });
}

/** Which rollups do not answer as a fold over the rows does. */
async function wrongRollups(rows: readonly UsageRow[], fields: Parameters<typeof dayPlan>[1] = {}) {
  const reader = createAnalyticsReader(querier);
  const wrong: string[] = [];
  for (const aggregation of AGGREGATIONS) {
    for (const grain of ROLLUP_GRAINS[aggregation]) {
      const plan = dayPlan('acme', { ...fields, aggregation, grain });
      const found = await reader.usage(plan);
      const answer = found.map(({ windowStartMs, group, value }) => [windowStartMs, group, value]);
      if (!isDeepStrictEqual(answer, expectedUsage(rows, plan))) wrong.push(`${aggregation} by ${grain}`);
    }
  }
  return wrong;
}

async function statementsOfMigration(): Promise<readonly string[]> {
  const { sql } = defined(
    known.find(({ version }) => version === VERSION),
    'the migration',
  );
  return sql.split(/;\s*$/m).filter((statement) => statement.trim() !== '');
}

describe('the values of rollups', () => {
  // Those of hours: minutes are ready then, days not begun.
  it.each([7, 8, 9, 10, 11, 12])(
    'are those of all rows, from before and after, when a crash ended the migration behind its statement %d',
    async (end) => {
      await upTo(VERSION - 1);
      const rows = someRows(30);
      await insert(rows.slice(0, 10));
      await insert(rows.slice(10, 20));
      const statements = await statementsOfMigration();
      expect(statements).toHaveLength(18);
      for (const query of statements.slice(0, end)) await client.command({ query });
      await insert(rows.slice(20, 25));
      await upTo(known.length);
      await insert(rows.slice(25));
      expect(await wrongRollups(rows)).toEqual([]);
    },
  );

  it('are those of all rows also when only some were filled in, and when some were twice', async () => {
    await upTo(VERSION - 1);
    const rows = someRows(20);
    await insert(rows);
    for (const query of await statementsOfMigration()) {
      const some = query.replace('FROM usage\n', 'FROM (SELECT * FROM usage ORDER BY id LIMIT 7) AS usage\n');
      await client.command({ query: query.includes('INSERT INTO') ? some : query });
    }
    expect(await wrongRollups(rows)).toContain('unique_count by day');
    await upTo(known.length);
    expect(await wrongRollups(rows)).toEqual([]);
  });

  it('are filled in for any number of months, also before 1970', async () => {
    await upTo(VERSION - 1);
    await client.command({
      query: `INSERT INTO usage (tenant, meter, customer, dimensions, time, id, quantity, unique_key, sign)
        SELECT 'acme', 'tokens', 'globex', '{}', addMonths(toDateTime64('1965-01-15 12:00:00', 3, 'UTC'), number),
          toString(number), number, toString(number), 1
        FROM numbers(110) SETTINGS max_partitions_per_insert_block = 0`,
    });
    await upTo(known.length);
    const rows = Array.from({ length: 110 }, (_, month) => {
      const timeMs = Date.UTC(1965, month, 15, 12);
      return usageRow({ timeMs, id: `${month}`, quantity: `${month}`, uniqueKey: `${month}` });
    });
    // One window a month: a default that beats its rows would be seen.
    const boundariesMs = Array.from({ length: 111 }, (_, month) => Date.UTC(1965, month, 1));
    const range = { fromMs: Date.UTC(1965, 0, 1), toMs: Date.UTC(1965, 110, 1) };
    const months = { ...range, windows: { kind: 'boundaries', boundariesMs } as const };
    expect(await wrongRollups(rows, months)).toEqual([]);
  });

  it('come under the tokens that there were: one from before counts once after it, and after the next start', async () => {
    await upTo(VERSION - 1);
    const rows = someRows(20);
    await insert(rows.slice(0, 10), 'before');
    await upTo(known.length);
    await insert(rows.slice(0, 10), 'before');
    await insert(rows.slice(10), 'after');
    await client.close();
    open();
    await insert(rows.slice(0, 10), 'before');
    await insert(rows.slice(10), 'after');
    expect(await wrongRollups(rows)).toEqual([]);
  });
});
