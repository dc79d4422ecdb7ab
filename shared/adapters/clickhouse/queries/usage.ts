import { z } from 'zod';
import { averageOf } from '../../../domain/metering/average.ts';
import type { Aggregation, UsageReadPlan } from '../../../domain/metering/usage-read.ts';
import { decimal, decimalText } from '../../../kernel/decimal.ts';
import type { UsageAggregate } from '../../../ports/analytics.ts';
import { integerColumn } from '../columns.ts';
import { createParams } from '../params.ts';
import type { Querier } from '../querier.ts';
import { additiveRows, groupColumns, liveRows } from './usage-rows.ts';
import { windowedRows } from './usage-windows.ts';

const aggregateRow = z.object({
  window: integerColumn,
  group: z.array(z.string().nullable()),
  count: z.string(),
  value: z.string(),
});

/** The value of each aggregation that is made from the rows themselves. */
const VALUES = {
  min: 'toString(min(quantity))',
  max: 'toString(max(quantity))',
  // Of several at one instant the greatest id, then the greatest source.
  latest: 'toString(argMax(quantity, (ms, id, source)))',
  unique_count: 'toString(uniqExact(unique_key))',
} as const;

/** What was used, by window and group, as far as there was anything? */
export function readUsage(querier: Querier): (plan: UsageReadPlan) => Promise<readonly UsageAggregate[]> {
  return async (plan) => {
    const params = createParams();
    const { aggregation } = plan;
    const isAdditive = aggregation === 'count' || aggregation === 'sum' || aggregation === 'avg';
    const rows = isAdditive ? additiveRows(params, plan) : liveRows(params, plan);
    const value = isAdditive ? 'toString(sum(q))' : VALUES[aggregation];
    const groups = groupColumns(plan);
    const keys = ['window', ...groups].join(', ');
    const order = ['window', ...groups.map((column) => `${column} ASC NULLS FIRST`)].join(', ');
    // The array keeps a column's null; without columns it needs a type.
    const group = `CAST([${groups.join(', ')}], 'Array(Nullable(String))')`;
    const sql = `SELECT window, ${group} AS group, toString(sum(n)) AS count, ${value} AS value
      FROM (${windowedRows(params, plan, rows)}) GROUP BY ${keys} ORDER BY ${order}`;
    const found = await querier.ask({ sql, params: params.values, row: aggregateRow });
    return found.map((row) => toAggregate(aggregation, row));
  };
}

function toAggregate(aggregation: Aggregation, row: z.infer<typeof aggregateRow>): UsageAggregate {
  const { window: windowStartMs, group, count } = row;
  const value = decimalText(decimal(row.value));
  switch (aggregation) {
    case 'count':
      return { windowStartMs, group, count, sum: null, value: count };
    case 'sum':
      return { windowStartMs, group, count, sum: value, value };
    case 'avg':
      return { windowStartMs, group, count, sum: value, value: averageOf(decimal(value), decimal(count)) };
    default:
      return { windowStartMs, group, count, sum: null, value };
  }
}
