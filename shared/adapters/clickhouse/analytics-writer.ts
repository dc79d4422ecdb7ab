import type { ClickHouseClient } from '@clickhouse/client';
import { z } from 'zod';
import type { AnalyticsTable } from '../../domain/metering/rows.ts';
import { assert, defined } from '../../kernel/assert.ts';
import type { AnalyticsWriter, PartAddress } from '../../ports/analytics.ts';
import { integerColumn } from './columns.ts';
import { foldRows } from './fold-rows.ts';
import { createParams, type Params } from './params.ts';
import { insertPriced } from './priced-rows.ts';
import type { Querier } from './querier.ts';
import { assertWhole, toRecords } from './records.ts';
import { INSERT_SETTINGS } from './settings.ts';
import { toStoreError } from './store-errors.ts';

export interface AnalyticsWriterDeps {
  /** Used for nothing but inserts and removals: on embedded connections one statement runs at a time. */
  readonly inserts: ClickHouseClient;
  /** For folds, which take a while and must not hold inserts up. */
  readonly folds: ClickHouseClient;
  readonly querier: Querier;
}

export function createAnalyticsWriter({ inserts, folds, querier }: AnalyticsWriterDeps): AnalyticsWriter {
  // Embedded, a statement that waits for its turn is known to nobody but us.
  const running = new Set<string>();
  return {
    insert: async (part) => {
      assertWhole(part);
      const records = toRecords(part);
      if (records.length === 0) return;
      const { table, token } = part;
      assert(!running.has(token), 'a token is used by one insert at a time');
      running.add(token);
      try {
        await insertBlock(inserts, { table, token, records });
      } finally {
        running.delete(token);
      }
    },
    hasEnded: async (tokenPrefix) => {
      if ([...running].some((token) => token.startsWith(tokenPrefix))) return false;
      return (await countProcesses(querier, tokenPrefix)) === 0;
    },
    partContents: (address) => readContents(querier, address),
    removePart: (address) => removeRows(inserts, address),
    putPriced: (rows) => insertPriced(inserts, rows),
    fold: foldRows(folds),
  };
}

async function insertBlock(
  inserts: ClickHouseClient,
  block: { readonly table: AnalyticsTable; readonly token: string; readonly records: readonly object[] },
): Promise<void> {
  const { table, token, records } = block;
  try {
    await inserts.insert({
      table,
      values: records,
      format: 'JSONEachRow',
      query_id: token,
      // The embedded engine gives statements ids of its own; their comment names the token on both.
      clickhouse_settings: { ...INSERT_SETTINGS, insert_deduplication_token: token, log_comment: token },
    });
  } catch (thrown) {
    throw toStoreError(thrown, `the insert ${token} failed`);
  }
}

async function countProcesses(querier: Querier, tokenPrefix: string): Promise<number> {
  const params = createParams();
  const prefix = params.bind('String', tokenPrefix);
  const rows = await querier.ask({
    sql: `SELECT count() AS statements FROM system.processes
      WHERE startsWith(query_id, ${prefix}) OR startsWith(Settings['log_comment'], ${prefix})`,
    params: params.values,
    row: z.object({ statements: integerColumn }),
  });
  return defined(rows[0], 'the count of statements').statements;
}

/** Rows as they are stored: those of one chunk differ in what they are ordered by, so no merge makes them fewer. */
async function readContents(querier: Querier, address: PartAddress) {
  const params = createParams();
  const rows = await querier.ask({
    sql: `SELECT count() AS rows, toString(groupBitXor(row_hash)) AS fingerprint FROM ${address.table}
      WHERE toYYYYMM(time) = ${partitionOf(params, address)} AND ${ownedBy(params, address)}`,
    params: params.values,
    row: z.object({ rows: integerColumn, fingerprint: z.string() }),
  });
  return defined(rows[0], 'what a part holds');
}

async function removeRows(inserts: ClickHouseClient, address: PartAddress): Promise<void> {
  const params = createParams();
  const query = `ALTER TABLE ${address.table} DELETE IN PARTITION ${partitionOf(params, address)}
    WHERE ${ownedBy(params, address)}`;
  const comment = `remove/${address.chunk}/${address.table}/${address.partition}`;
  try {
    await inserts.command({
      query,
      query_params: { ...params.values },
      // 2: returns when the rows are gone on every replica.
      clickhouse_settings: { mutations_sync: '2', log_comment: comment },
    });
  } catch (thrown) {
    throw toStoreError(thrown, `the removal ${comment} failed`);
  }
}

function partitionOf(params: Params, address: PartAddress): string {
  assert(/^\d{6}$/.test(address.partition), 'a partition is a month such as 202611');
  return params.bind('UInt32', Number(address.partition));
}

function ownedBy(params: Params, address: PartAddress): string {
  const chunk = `chunk = ${params.bind('String', address.chunk)}`;
  return address.tenant === undefined
    ? chunk
    : `${chunk} AND tenant = ${params.bind('String', address.tenant)}`;
}
