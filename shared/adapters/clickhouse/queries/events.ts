import { z } from 'zod';
import { EVENT_STATUSES, type EventRow } from '../../../domain/metering/rows.ts';
import type { EventListQuery } from '../../../ports/analytics.ts';
import { boundInstant, integerColumn } from '../columns.ts';
import { createParams, type Params } from '../params.ts';
import type { Querier } from '../querier.ts';
import { ORIGIN_COLUMNS, originColumns, TIME_COLUMNS, timeColumns } from './event-columns.ts';

export const eventRow = z.object({
  ...originColumns,
  source: z.string(),
  id: z.string(),
  type: z.string(),
  customer: z.string(),
  customerReference: z.string(),
  ...timeColumns,
  timeSent: z.boolean(),
  properties: z.string(),
  fingerprint: z.string(),
  status: z.enum(EVENT_STATUSES),
  reason: z.string(),
  link: integerColumn,
}) satisfies z.ZodType<EventRow>;

export const EVENT_COLUMNS = `${ORIGIN_COLUMNS}, source, id, type, customer, customer_reference AS customerReference,
  ${TIME_COLUMNS}, time_sent AS timeSent, properties, fingerprint, status, reason, link`;
const PLACE = 'customer, type, time, source, id';

/** Which events of a tenant are stored, newest first? */
export function readEvents(querier: Querier): (query: EventListQuery) => Promise<readonly EventRow[]> {
  return async (query) => {
    const params = createParams();
    // An identity is shown once, also where a repair left it twice until a merge.
    const sql = `SELECT ${EVENT_COLUMNS} FROM events WHERE ${conditions(params, query)}
      ORDER BY time DESC, source DESC, id DESC, chunk
      LIMIT 1 BY time, source, id LIMIT ${params.bind('UInt32', query.limit)}`;
    return await querier.ask({ sql, params: params.values, row: eventRow });
  };
}

function conditions(params: Params, query: EventListQuery): string {
  const status = query.status === undefined ? '' : ` AND status = ${params.bind('String', query.status)}`;
  return `${asItIs(placeConditions(params, query).join(' AND '))}${status}`;
}

/** Of the rows of one place the one with the greatest link says what is there: the event, or that it is no more. */
export function asItIs(condition: string): string {
  const linked = `FROM events WHERE ${condition} AND link > 0`;
  const isGreatest = `link = 0 AND (${PLACE}) NOT IN (SELECT ${PLACE} ${linked})
    OR (${PLACE}, link) IN (SELECT ${PLACE}, max(link) ${linked} GROUP BY ${PLACE})`;
  return `${condition} AND (${isGreatest}) AND status != 'superseded'`;
}

function placeConditions(params: Params, query: EventListQuery): readonly string[] {
  const found = [`tenant = ${params.bind('String', query.tenant)}`];
  for (const column of ['customer', 'type', 'id', 'source'] as const) {
    const value = query[column];
    if (value !== undefined) found.push(`${column} = ${params.bind('String', value)}`);
  }
  const { fromMs, toMs, after } = query;
  if (fromMs !== undefined) found.push(`time >= ${boundInstant(params, fromMs)}`);
  if (toMs !== undefined) found.push(`time < ${boundInstant(params, toMs)}`);
  if (after !== undefined) {
    const source = params.bind('String', after.source);
    const id = params.bind('String', after.id);
    found.push(`(time, source, id) < (${boundInstant(params, after.timeMs)}, ${source}, ${id})`);
  }
  return found;
}
