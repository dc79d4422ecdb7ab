import type { ClickHouseClient } from '@clickhouse/client';
import type { z } from 'zod';
import { assert } from '../../kernel/assert.ts';
import { READ_SETTINGS } from './settings.ts';
import { toStoreError } from './store-errors.ts';

export type ParamValue = string | number | readonly string[] | readonly number[];

/** One question: SQL with `{name:Type}` placeholders, their values, and the shape of each row of the answer. */
export interface Question<Row> {
  readonly sql: string;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly row: z.ZodType<Row>;
}

export interface Querier {
  /** Throws a StoreError when the store cannot answer; an answer of another shape is a broken invariant. */
  ask<Row>(question: Question<Row>): Promise<readonly Row[]>;
}

export function createQuerier(client: ClickHouseClient): Querier {
  return {
    async ask(question) {
      const rows = await read(client, question);
      return rows.map((row) => {
        const parsed = question.row.safeParse(row);
        assert(parsed.success, `a row of analytics has another shape: ${parsed.error?.message}`);
        return parsed.data;
      });
    },
  };
}

async function read(client: ClickHouseClient, question: Question<unknown>): Promise<readonly unknown[]> {
  try {
    const answer = await client.query({
      query: question.sql,
      query_params: { ...question.params },
      // One text, read at once: cut into rows by the client, it takes several times as long.
      format: 'JSONCompact',
      clickhouse_settings: READ_SETTINGS,
    });
    const { meta = [], data } = await answer.json<readonly unknown[]>();
    const names = meta.map(({ name }) => name);
    return data.map((values) => toRow(names, values));
  } catch (thrown) {
    throw toStoreError(thrown, 'a question to analytics failed');
  }
}

function toRow(names: readonly string[], values: readonly unknown[]): unknown {
  const row: Record<string, unknown> = {};
  for (const [index, name] of names.entries()) row[name] = values[index];
  return row;
}
