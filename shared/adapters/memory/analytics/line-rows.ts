import type { UsageRow } from '../../../domain/metering/rows.ts';
import { assert } from '../../../kernel/assert.ts';
import { LIMITS } from '../../../kernel/limits.ts';
import type { CustomerSpan, LineRowsQuery, MeterLine } from '../../../ports/analytics.ts';
import { isAsked } from './usage-fold.ts';

export function assertLineRows({ lines, spans }: LineRowsQuery): void {
  assert(lines.length > 0 && lines.length <= LIMITS.snapshotLines, 'a question is of 1 to 100 lines');
  assert(spans.length > 0 && spans.length <= LIMITS.snapshotCustomers, 'a question is of 1 to 1,000 spans');
}

/** The rows that a line counts in a span. */
export function lineRows(
  rows: readonly UsageRow[],
  asked: Pick<LineRowsQuery, 'tenant' | 'belowFence'> & {
    readonly line: MeterLine;
    readonly span: CustomerSpan;
  },
): readonly UsageRow[] {
  const { tenant, line, span, belowFence } = asked;
  const { customer, fromMs, toMs } = span;
  return rows.filter(
    (row) =>
      isAsked({ tenant, ...line, customer }, row) &&
      row.timeMs >= fromMs &&
      row.timeMs < toMs &&
      row.fence < (belowFence ?? Number.POSITIVE_INFINITY),
  );
}
