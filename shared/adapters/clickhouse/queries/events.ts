import { z } from 'zod';
import type { EventRow } from '../../../domain/metering/rows.ts';
import type { EventListQuery } from '../../../ports/analytics.ts';
import { boundInstant } from '../columns.ts';
import { createParams, type Params } from '../params.ts';
import type { Querier } from '../querier.ts';
import { ORIGIN_COLUMNS, originColumns, TIME_COLUMNS, timeColumns } from './event-columns.ts';

const eventRow = z.object({
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
  status: z.enum(['counted', 'unattributed', 'quarantined']),
  reason: z.string(),
}) satisfies z.ZodType<EventRow>;

/** Which events of a tenant are stored, newest first? */
export function readEvents(querier: Querier): (query: EventListQuery) => Promise<readonly EventRow[]> {
  return async (query) => {
    const params = createParams();
    // An identity is shown once, also where a repair left it twice until a merge.
    const sql = `SELECT ${ORIGIN_COLUMNS}, source, id, type, customer, customer_reference AS customerReference,
        ${TIME_COLUMNS}, time_sent AS timeSent, properties, fingerprint, status, reason
      FROM events WHERE ${conditions(params, query).join(' AND ')}
      ORDER BY time DESC, source DESC, id DESC, chunk
      LIMIT 1 BY time, source, id LIMIT ${params.bind('UInt32', query.limit)}`;
    return await querier.ask({ sql, params: params.values, row: eventRow });
  };
}

function conditions(params: Params, query: EventListQuery): readonly string[] {
  const found = [`tenant = ${params.bind('String', query.tenant)}`];
  for (const column of ['customer', 'type', 'id', 'source', 'status'] as const) {
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
