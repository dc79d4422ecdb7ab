import type { UsageRow } from '../../../domain/metering/rows.ts';
import { assert } from '../../../kernel/assert.ts';
import { LIMITS } from '../../../kernel/limits.ts';
import type { UsageSnapshot, UsageSnapshotQuery } from '../../../ports/analytics.ts';
import { lineRows } from './line-rows.ts';
import type { Tables } from './tables.ts';
import { countedKey, foldUsage, isAdditive } from './usage-fold.ts';

/** As `usage` answers, for a table of nothing but the rows of the snapshot. */
export function foldUsageSnapshots(tables: Tables, query: UsageSnapshotQuery): readonly UsageSnapshot[] {
  const { fromMs, toMs, customers, aggregation } = query;
  assert(
    customers.length > 0 && customers.length <= LIMITS.snapshotCustomers,
    'a snapshot is of 1 to 1,000 customers',
  );
  const usage = [...lineRows(tables.rows.usage, query)];
  const segments = [{ grain: 'usage', fromMs, toMs } as const];
  const plan = { ...query, segments, windows: { kind: 'single' }, groupBy: ['customer'] } as const;
  const byCustomer = Map.groupBy(usage, ({ customer }) => customer);
  return foldUsage({ ...tables, rows: { ...tables.rows, usage } }, plan).map(
    ({ group, count, sum, value }) => {
      const customer = group[0] ?? '';
      const meterVersion = versionOf(byCustomer.get(customer) ?? [], isAdditive(aggregation));
      return { customer, count, sum, value, meterVersion };
    },
  );
}

/** The greatest version that stands: of all rows together, or of those of one event and quantity. */
function versionOf(rows: readonly UsageRow[], together: boolean): number {
  const netted = Map.groupBy(rows, (row) => (together ? '' : countedKey(row)));
  const standing = [...netted.values()].flatMap((members) => {
    if (!together && net(members) <= 0) return [];
    const versions = Map.groupBy(members, ({ meterVersion }) => meterVersion);
    return [...versions].filter(([, counted]) => net(counted) > 0).map(([version]) => version);
  });
  const all = standing.length > 0 ? standing : rows.map(({ meterVersion }) => meterVersion);
  return all.reduce((greatest, version) => Math.max(greatest, version), 0);
}

function net(rows: readonly UsageRow[]): number {
  return rows.reduce((total, { sign }) => total + sign, 0);
}
