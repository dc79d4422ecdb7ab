import type { UsageRow } from '../../../domain/metering/rows.ts';
import type { UsageSnapshot, UsageSnapshotQuery } from '../../../ports/analytics.ts';
import { assertLineRows, lineRows } from './line-rows.ts';
import type { Tables } from './tables.ts';
import { countedKey, foldUsage, isAdditive } from './usage-fold.ts';

/** As `usage` answers, for tables of nothing but the rows of the snapshot. */
export function foldUsageSnapshots(tables: Tables, query: UsageSnapshotQuery): readonly UsageSnapshot[] {
  assertLineRows(query);
  return query.lines.flatMap((line, lineIndex) =>
    query.spans.flatMap((span, spanIndex) => {
      const usage = [...lineRows(tables.rows.usage, { ...query, line, span })];
      const { tenant } = query;
      const { fromMs, toMs } = span;
      const segments = [{ grain: 'usage', fromMs, toMs } as const];
      const plan = { ...line, tenant, fromMs, toMs, segments, generations: [], windows: SINGLE, groupBy: [] };
      return foldUsage({ ...tables, rows: { ...tables.rows, usage } }, plan).map(({ count, sum, value }) => {
        const meterVersion = versionOf(usage, isAdditive(line.aggregation));
        return { line: lineIndex, span: spanIndex, count, sum, value, meterVersion };
      });
    }),
  );
}

const SINGLE = { kind: 'single' } as const;

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
