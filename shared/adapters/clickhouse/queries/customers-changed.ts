import { z } from 'zod';
import { assert } from '../../../kernel/assert.ts';
import { LIMITS } from '../../../kernel/limits.ts';
import type { AnalyticsReader } from '../../../ports/analytics.ts';
import { integerColumn } from '../columns.ts';
import { createParams } from '../params.ts';
import type { Querier } from '../querier.ts';
import { IS_ROW } from './usage-rows.ts';

const HOUR_MS = 3_600_000;

const changedRow = z.object({ customer: z.string(), hoursMs: z.array(integerColumn) });

/** Whose usage came in between two fences, and for which hours? */
export function readCustomersChanged(querier: Querier): AnalyticsReader['customersChanged'] {
  return async ({ tenant, fromFence, belowFence, after, limit }) => {
    assert(limit > 0 && limit <= LIMITS.snapshotCustomers, 'a page is 1 to 1,000 customers');
    const params = createParams();
    const rest = after === undefined ? '' : `AND customer > ${params.bind('String', after)}`;
    const ms = 'toUnixTimestamp64Milli(time)';
    const sql = `SELECT customer, arraySort(groupUniqArray(${ms} - positiveModulo(${ms}, ${HOUR_MS}))) AS hoursMs
      FROM usage WHERE tenant = ${params.bind('String', tenant)} AND ${IS_ROW}
        AND fence >= ${params.bind('Int64', fromFence)} AND fence < ${params.bind('Int64', belowFence)} ${rest}
      GROUP BY customer ORDER BY customer LIMIT ${params.bind('UInt32', limit)}`;
    return await querier.ask({ sql, params: params.values, row: changedRow });
  };
}
