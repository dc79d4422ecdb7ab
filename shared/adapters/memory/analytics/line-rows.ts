import type { UsageRow } from '../../../domain/metering/rows.ts';
import type { LineRowsQuery } from '../../../ports/analytics.ts';
import { isAsked } from './usage-fold.ts';

type LineRows = LineRowsQuery & { readonly generation: number; readonly customers: readonly string[] };

/** The rows that are part of a snapshot. */
export function lineRows(rows: readonly UsageRow[], asked: LineRows): readonly UsageRow[] {
  const { fromMs, toMs, belowFence } = asked;
  const customers = new Set(asked.customers);
  return rows.filter(
    (row) =>
      isAsked(asked, row) &&
      customers.has(row.customer) &&
      row.timeMs >= fromMs &&
      row.timeMs < toMs &&
      row.fence < (belowFence ?? Number.POSITIVE_INFINITY),
  );
}
