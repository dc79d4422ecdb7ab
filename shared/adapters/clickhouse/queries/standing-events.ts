import { z } from 'zod';
import { assert } from '../../../kernel/assert.ts';
import { decimal, decimalText } from '../../../kernel/decimal.ts';
import { LIMITS } from '../../../kernel/limits.ts';
import type { AnalyticsReader } from '../../../ports/analytics.ts';
import { integerColumn } from '../columns.ts';
import { createParams, type Params } from '../params.ts';
import type { Querier } from '../querier.ts';
import { EVENT_COLUMNS, eventRow } from './events.ts';
import { IS_ROW } from './usage-rows.ts';

type Query = Parameters<AnalyticsReader['standingEvents']>[0];

const standingRow = z.object({
  source: z.string(),
  id: z.string(),
  meter: z.string(),
  meterVersion: z.int(),
  customer: z.string(),
  timeMs: integerColumn,
  quantity: z.string().transform((text) => decimalText(decimal(text))),
  uniqueKey: z.string(),
  dimensions: z.string(),
  fence: integerColumn,
});

/** What are these events now, and what of them counts? */
export function readStandingEvents(querier: Querier): AnalyticsReader['standingEvents'] {
  return async (query) => {
    const { identities } = query;
    assert(identities.length > 0 && identities.length <= LIMITS.jobPageEvents, 'a page of a job has events');
    const events = await readLatest(querier, query);
    const rows = await readRows(querier, query);
    const byIdentity = Map.groupBy(rows, keyOf);
    return events.map((event) => ({
      event,
      rows: (byIdentity.get(keyOf(event)) ?? []).map(({ source: _source, id: _id, ...row }) => row),
    }));
  };
}

async function readLatest(querier: Querier, query: Query) {
  const params = createParams();
  const sql = `SELECT ${EVENT_COLUMNS} FROM events
    WHERE ${isOneOf(params, query)} AND status != 'superseded'
    ORDER BY source, id, events.link DESC, chunk LIMIT 1 BY source, id`;
  return await querier.ask({ sql, params: params.values, row: eventRow });
}

async function readRows(querier: Querier, query: Query) {
  const params = createParams();
  const counted = 'source, id, meter, meter_version, customer, time, quantity, unique_key, dimensions';
  const sql = `SELECT source, id, meter, meter_version AS meterVersion, customer,
      toUnixTimestamp64Milli(time) AS timeMs, toString(quantity) AS quantity, unique_key AS uniqueKey, dimensions,
      max(u.fence) AS fence
    FROM usage AS u WHERE ${isOneOf(params, query)} AND ${IS_ROW}
    GROUP BY ${counted} HAVING sum(toInt64(sign)) > 0 ORDER BY ${counted}`;
  return await querier.ask({ sql, params: params.values, row: standingRow });
}

function isOneOf(params: Params, { tenant, identities }: Query): string {
  const ids = params.bind(
    'Array(String)',
    identities.map(({ id }) => id),
  );
  const sources = params.bind(
    'Array(String)',
    identities.map(({ source }) => source),
  );
  // The ids by themselves, for the index.
  return `tenant = ${params.bind('String', tenant)} AND id IN ${ids}
    AND (source, id) IN (SELECT pair.1, pair.2 FROM (SELECT arrayJoin(arrayZip(${sources}, ${ids})) AS pair))`;
}

function keyOf({ source, id }: { readonly source: string; readonly id: string }): string {
  return JSON.stringify([source, id]);
}
