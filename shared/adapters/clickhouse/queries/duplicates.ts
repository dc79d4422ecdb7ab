import { z } from 'zod';
import { assert } from '../../../kernel/assert.ts';
import { LIMITS } from '../../../kernel/limits.ts';
import type { AnalyticsReader, DuplicateRow } from '../../../ports/analytics.ts';
import { boundInstant, integerColumn } from '../columns.ts';
import { createParams } from '../params.ts';
import type { Querier } from '../querier.ts';
import { IS_ROW } from './usage-rows.ts';

const duplicateRow = z.object({
  meter: z.string(),
  source: z.string(),
  id: z.string(),
  standing: integerColumn,
  customers: z.array(z.string()),
  timesMs: z.array(integerColumn),
}) satisfies z.ZodType<DuplicateRow>;

/** Which events does a meter count more than once? From the rows: no rollup knows events. */
export function readDuplicates(querier: Querier): AnalyticsReader['duplicatesOf'] {
  return async ({ tenant, meters, fromMs, toMs, belowFence, limit }) => {
    assert(limit > 0 && limit <= LIMITS.duplicatesListed, 'a list of duplicates is 1 to 1,000 rows');
    const params = createParams();
    const found = [
      `tenant = ${params.bind('String', tenant)}`,
      `meter IN ${params.bind('Array(String)', meters)}`,
      IS_ROW,
      `time >= ${boundInstant(params, fromMs)}`,
      `time < ${boundInstant(params, toMs)}`,
    ];
    if (belowFence !== null) found.push(`fence < ${params.bind('Int64', belowFence)}`);
    const some = LIMITS.duplicatePlaces;
    const sql = `SELECT meter, source, id, sum(toInt64(sign)) AS standing,
        arraySort(groupUniqArray(${some})(customer)) AS customers,
        arraySort(groupUniqArray(${some})(toUnixTimestamp64Milli(time))) AS timesMs
      FROM usage WHERE ${found.join(' AND ')} GROUP BY meter, source, id HAVING standing > 1
      ORDER BY meter, source, id LIMIT ${params.bind('UInt32', limit)}`;
    return await querier.ask({ sql, params: params.values, row: duplicateRow });
  };
}
