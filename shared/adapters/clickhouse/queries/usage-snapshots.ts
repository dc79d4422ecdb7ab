import { z } from 'zod';
import { assert } from '../../../kernel/assert.ts';
import { LIMITS } from '../../../kernel/limits.ts';
import type { AnalyticsReader } from '../../../ports/analytics.ts';
import { createParams } from '../params.ts';
import type { Querier } from '../querier.ts';
import { aggregateOf, isAdditive, valueExpression } from './aggregates.ts';
import { lineCondition } from './line-rows.ts';
import { standingRows } from './usage-rows.ts';

const snapshotRow = z.object({
  customer: z.string(),
  count: z.string(),
  value: z.string(),
  meterVersion: z.int(),
});

/** What had each customer used, going by the rows below a fence? From the rows: rollups do not know fences. */
export function readUsageSnapshots(querier: Querier): AnalyticsReader['snapshotUsage'] {
  return async (query) => {
    const { aggregation, customers } = query;
    assert(
      customers.length > 0 && customers.length <= LIMITS.snapshotCustomers,
      'a snapshot is of 1 to 1,000 customers',
    );
    const params = createParams();
    const condition = lineCondition(params, query);
    const { rows, version } = isAdditive(aggregation) ? totals(condition) : standing(condition);
    const sql = `SELECT customer, toString(sum(n)) AS count, ${valueExpression(aggregation)} AS value,
        ${version} AS meterVersion
      FROM (${rows}) GROUP BY customer ORDER BY customer`;
    const found = await querier.ask({ sql, params: params.values, row: snapshotRow });
    return found.map(({ customer, count, value, meterVersion }) => {
      return { customer, ...aggregateOf(aggregation, { count, value }), meterVersion };
    });
  };
}

interface VersionedRows {
  readonly rows: string;
  /** The greatest version of them that stands. */
  readonly version: string;
}

/** Totals of each version: one of which everything was taken back does not stand. */
function totals(condition: string): VersionedRows {
  return {
    rows: `SELECT customer, meter_version AS version, sum(toInt64(sign)) AS n,
        sum(toDecimal256(quantity, 12) * sign) AS q
      FROM usage WHERE ${condition} GROUP BY customer, version`,
    version: 'if(countIf(n > 0) > 0, maxIf(version, n > 0), max(version))',
  };
}

function standing(condition: string): VersionedRows {
  const counts = 'sumMap([meter_version], [toInt64(sign)])';
  const rows = standingRows({
    condition,
    columns: ', customer',
    single: ', meter_version AS version',
    netted: `, arrayMax(arrayFilter((version, net) -> net > 0, ${counts}.1, ${counts}.2)) AS version`,
  });
  return { rows, version: 'max(version)' };
}
