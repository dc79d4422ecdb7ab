import { z } from 'zod';
import type { UsageReadPlan } from '../../../domain/metering/usage-read.ts';
import type { UsageAggregate } from '../../../ports/analytics.ts';
import { integerColumn } from '../columns.ts';
import { createParams, type Params } from '../params.ts';
import type { Querier } from '../querier.ts';
import { aggregateOf, foldedBy, isAdditive, valueExpression } from './aggregates.ts';
import { additiveRows, foldedRows, groupColumns } from './usage-rows.ts';
import { windowedRows } from './usage-windows.ts';

const aggregateRow = z.object({
  window: integerColumn,
  group: z.array(z.string().nullable()),
  count: z.string(),
  value: z.string(),
});

/** What was used, by window and group, as far as there was anything? */
export function readUsage(querier: Querier): (plan: UsageReadPlan) => Promise<readonly UsageAggregate[]> {
  return async (plan) => {
    const params = createParams();
    const { aggregation } = plan;
    const { rows, value } = rowsToFold(params, plan);
    const groups = groupColumns(plan);
    const keys = ['window', ...groups].join(', ');
    const order = ['window', ...groups.map((column) => `${column} ASC NULLS FIRST`)].join(', ');
    // The array keeps a column's null; without columns it needs a type.
    const group = `CAST([${groups.join(', ')}], 'Array(Nullable(String))')`;
    const sql = `SELECT window, ${group} AS group, toString(sum(n)) AS count, ${value} AS value
      FROM (${windowedRows(params, plan, rows)}) GROUP BY ${keys} ORDER BY ${order}`;
    const found = await querier.ask({ sql, params: params.values, row: aggregateRow });
    return found.map(({ window, group, count, value }) => {
      return { windowStartMs: window, group, ...aggregateOf(aggregation, { count, value }) };
    });
  };
}

function rowsToFold(params: Params, plan: UsageReadPlan): { readonly rows: string; readonly value: string } {
  const { aggregation } = plan;
  if (isAdditive(aggregation)) {
    return { rows: additiveRows(params, plan), value: valueExpression(aggregation) };
  }
  const folded = foldedBy(aggregation);
  return { rows: foldedRows(params, plan, folded), value: folded.fold('v') };
}
