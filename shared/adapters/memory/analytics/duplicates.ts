import { compareUtf8 } from '../../../domain/metering/group-order.ts';
import type { UsageRow } from '../../../domain/metering/rows.ts';
import { assert, defined } from '../../../kernel/assert.ts';
import { LIMITS } from '../../../kernel/limits.ts';
import type { DuplicateRow, DuplicatesQuery } from '../../../ports/analytics.ts';

export function listDuplicates(rows: readonly UsageRow[], query: DuplicatesQuery): readonly DuplicateRow[] {
  const { tenant, meters, fromMs, toMs, belowFence, limit } = query;
  assert(limit > 0 && limit <= LIMITS.duplicatesListed, 'a list of duplicates is 1 to 1,000 rows');
  const asked = rows.filter(
    (row) =>
      row.tenant === tenant &&
      meters.includes(row.meter) &&
      row.timeMs >= fromMs &&
      row.timeMs < toMs &&
      row.fence < (belowFence ?? Number.POSITIVE_INFINITY),
  );
  const events = Map.groupBy(asked, ({ meter, source, id }) => JSON.stringify([meter, source, id]));
  return [...events.values()]
    .map(toDuplicate)
    .filter(({ standing }) => standing > 1)
    .toSorted(inOrder)
    .slice(0, limit);
}

function toDuplicate(rows: readonly UsageRow[]): DuplicateRow {
  const { meter, source, id } = defined(rows[0], 'a row of the event');
  const customers = [...new Set(rows.map(({ customer }) => customer))];
  const times = [...new Set(rows.map(({ timeMs }) => timeMs))];
  return {
    ...{ meter, source, id },
    standing: rows.reduce((sum, { sign }) => sum + sign, 0),
    customers: customers.slice(0, LIMITS.duplicatePlaces).toSorted(compareUtf8),
    timesMs: times.slice(0, LIMITS.duplicatePlaces).toSorted((a, b) => a - b),
  };
}

function inOrder(left: DuplicateRow, right: DuplicateRow): number {
  return (
    compareUtf8(left.meter, right.meter) ||
    compareUtf8(left.source, right.source) ||
    compareUtf8(left.id, right.id)
  );
}
