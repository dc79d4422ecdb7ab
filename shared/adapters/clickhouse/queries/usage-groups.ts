import { z } from 'zod';
import type { AnalyticsReader } from '../../../ports/analytics.ts';
import { createParams } from '../params.ts';
import type { Querier } from '../querier.ts';
import { additiveRows, groupColumns } from './usage-rows.ts';

const groupRow = z.object({ group: z.array(z.string().nullable()) });

/** Which groups have anything that counts in the range? */
export function readUsageGroups(querier: Querier): AnalyticsReader['usageGroups'] {
  return async (plan, limit) => {
    const params = createParams();
    const columns = groupColumns(plan);
    const order = columns.map((column) => `${column} ASC NULLS FIRST`);
    const group = `CAST([${columns.join(', ')}], 'Array(Nullable(String))')`;
    const sql = `SELECT ${group} AS group FROM (${additiveRows(params, plan)})
      ${columns.length === 0 ? '' : `GROUP BY ${columns.join(', ')} HAVING sum(n) > 0 ORDER BY ${order.join(', ')}`}
      LIMIT ${params.bind('UInt32', columns.length === 0 ? 1 : limit)}`;
    const rows = await querier.ask({ sql, params: params.values, row: groupRow });
    return rows.map((row) => row.group);
  };
}
