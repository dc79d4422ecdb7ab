import { assert } from '../../../kernel/assert.ts';
import { LIMITS } from '../../../kernel/limits.ts';
import type { AnalyticsReader, JobEventsQuery } from '../../../ports/analytics.ts';
import { boundInstant } from '../columns.ts';
import { createParams, type Params } from '../params.ts';
import type { Querier } from '../querier.ts';
import { asItIs, EVENT_COLUMNS, eventRow } from './events.ts';

/** Which events, planned before a revision, may a job have to count again? Oldest first. */
export function readJobEvents(querier: Querier): AnalyticsReader['jobEvents'] {
  return async (query) => {
    const { limit, belowRevision, status } = query;
    assert(limit > 0 && limit <= LIMITS.jobPageEvents, 'a page of a job has 1 to 500 events');
    const params = createParams();
    const found = [
      asItIs(placeConditions(params, query).join(' AND ')),
      `events.revision < ${params.bind('Int64', belowRevision)}`,
      `status != 'revoked'`,
    ];
    if (status !== undefined) found.push(`status = ${params.bind('String', status)}`);
    const sql = `SELECT ${EVENT_COLUMNS} FROM events WHERE ${found.join(' AND ')}
      ORDER BY time, source, id, chunk LIMIT 1 BY time, source, id LIMIT ${params.bind('UInt32', limit)}`;
    return await querier.ask({ sql, params: params.values, row: eventRow });
  };
}

/** On what says where a row is listed: what stands there is looked for among these. */
function placeConditions(params: Params, query: JobEventsQuery): readonly string[] {
  const { tenant, references, types, fromMs, toMs, after } = query;
  const found = [`tenant = ${params.bind('String', tenant)}`];
  if (references !== undefined) {
    found.push(`customer_reference IN ${params.bind('Array(String)', references)}`);
  }
  if (types !== undefined) found.push(`type IN ${params.bind('Array(String)', types)}`);
  if (fromMs !== undefined) found.push(`time >= ${boundInstant(params, fromMs)}`);
  if (toMs !== undefined) found.push(`time < ${boundInstant(params, toMs)}`);
  if (after !== null) {
    const source = params.bind('String', after.source);
    const id = params.bind('String', after.id);
    found.push(`(time, source, id) > (${boundInstant(params, after.timeMs)}, ${source}, ${id})`);
  }
  return found;
}
