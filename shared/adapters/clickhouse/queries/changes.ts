import { z } from 'zod';
import { CHANGE_ACTIONS, CHANGE_STATUSES, type ChangeRow } from '../../../domain/metering/rows.ts';
import type { AnalyticsReader } from '../../../ports/analytics.ts';
import { boundInstant, integerColumn } from '../columns.ts';
import { createParams } from '../params.ts';
import type { Querier } from '../querier.ts';
import { ORIGIN_COLUMNS, originColumns } from './event-columns.ts';

const changeRow = z.object({
  ...originColumns,
  source: z.string(),
  id: z.string(),
  link: integerColumn,
  correction: z.int(),
  action: z.enum(CHANGE_ACTIONS),
  status: z.enum(CHANGE_STATUSES),
  reason: z.string(),
  job: z.string(),
  fingerprint: z.string(),
  timeMs: integerColumn,
  payload: z.string(),
}) satisfies z.ZodType<ChangeRow>;

const KEY = `concat(source, '/', id, '/', toString(link), '/', toString(correction), '/', fingerprint)`;

/** What became of events after they were counted, newest first? What waited and was applied is listed as applied. */
export function readChanges(querier: Querier): AnalyticsReader['changes'] {
  return async ({ tenant, id, status, after, limit }) => {
    const params = createParams();
    const owned = [`tenant = ${params.bind('String', tenant)}`];
    if (id !== undefined) owned.push(`id = ${params.bind('String', id)}`);
    const applied = `SELECT source, id, correction FROM changes WHERE ${owned.join(' AND ')} AND status = 'applied'`;
    const found = [...owned, `(status != 'waiting' OR (source, id, correction) NOT IN (${applied}))`];
    if (status !== undefined) found.push(`status = ${params.bind('String', status)}`);
    if (after !== undefined) {
      const key = params.bind('String', after.key);
      found.push(`(time, ${KEY}) < (${boundInstant(params, after.receivedAtMs)}, ${key})`);
    }
    const sql = `SELECT ${ORIGIN_COLUMNS}, source, id, toString(link) AS link, correction, action, status, reason, job,
        fingerprint, toUnixTimestamp64Milli(time) AS timeMs, payload
      FROM (SELECT * FROM changes WHERE ${found.join(' AND ')}
        ORDER BY time DESC, ${KEY} DESC, chunk LIMIT 1 BY time, ${KEY} LIMIT ${params.bind('UInt32', limit)})`;
    return await querier.ask({ sql, params: params.values, row: changeRow });
  };
}
