import { z } from 'zod';
import { decimal, decimalText, sumExact } from '../../../kernel/decimal.ts';
import type { SnapshotLine, UsageSnapshot, UsageSnapshotQuery } from '../../../ports/analytics.ts';
import { createParams } from '../params.ts';
import type { Querier } from '../querier.ts';
import { aggregateOf } from './aggregates.ts';
import { lineRows } from './line-rows.ts';
import { dimension } from './usage-rows.ts';

/** Sum of signs and of quantities of one meter, version and combination of values in one span. */
const totalRow = z.object({
  span: z.int(),
  meter: z.string(),
  version: z.int(),
  values: z.array(z.string().nullable()),
  count: z.string(),
  sum: z.string(),
});
type Total = z.output<typeof totalRow>;

/** A line that only counts and adds, with its place in the query. */
export interface AddingLine extends SnapshotLine {
  readonly line: number;
}

/** What lines that filter by the same dimensions have in each span: one statement, whose totals are put together here. */
export async function readTotals(
  querier: Querier,
  query: UsageSnapshotQuery,
  lines: readonly AddingLine[],
): Promise<readonly UsageSnapshot[]> {
  const params = createParams();
  const dimensions = Object.keys(lines[0]?.filters ?? {});
  const { from, span } = lineRows(params, { ...query, lines });
  const values = dimensions.map((name) => dimension(params, name)).join(', ');
  const sql = `SELECT toUInt32(${span}) AS span, meter, meter_version AS version,
      CAST([${values}], 'Array(Nullable(String))') AS values,
      toString(sum(toInt64(sign))) AS count, toString(sum(toDecimal256(quantity, 12) * sign)) AS sum
    FROM ${from()} GROUP BY span, meter, version, values`;
  const totals = await querier.ask({ sql, params: params.values, row: totalRow });
  const linesOf = lineMatcher(lines, dimensions);
  const parts = new Map<string, { readonly line: AddingLine; readonly totals: [Total, ...Total[]] }>();
  for (const total of totals) {
    for (const line of linesOf(total)) {
      const key = `${line.line}#${total.span}`;
      const known = parts.get(key);
      if (known === undefined) parts.set(key, { line, totals: [total] });
      else known.totals.push(total);
    }
  }
  return [...parts.values()].map(({ line, totals: found }) => {
    return { line: line.line, span: found[0].span, ...foldTotals(line, found) };
  });
}

/** Which lines count the rows of a total. */
function lineMatcher(lines: readonly AddingLine[], dimensions: readonly string[]) {
  const byMeter = Map.groupBy(lines, ({ meter }) => meter);
  return ({ meter, values }: Total): readonly AddingLine[] =>
    (byMeter.get(meter) ?? []).filter(({ filters }) =>
      dimensions.every((name, index) => filters[name]?.includes(values[index] ?? '') ?? false),
    );
}

/** A version of which everything was taken back does not stand, unless none does. */
function foldTotals({ aggregation }: SnapshotLine, totals: readonly [Total, ...Total[]]) {
  const sum = sumOf(totals.map((total) => total.sum));
  const count = sumOf(totals.map((total) => total.count));
  return { ...aggregateOf(aggregation, { count, value: sum }), meterVersion: versionOf(totals) };
}

function versionOf(totals: readonly [Total, ...Total[]]): number {
  const [only] = totals;
  if (totals.length === 1) return only.version;
  const net = new Map<number, bigint>();
  for (const { version, count } of totals) net.set(version, (net.get(version) ?? 0n) + BigInt(count));
  const standing = [...net].filter(([, count]) => count > 0n);
  return Math.max(...(standing.length > 0 ? standing : [...net]).map(([version]) => version));
}

function sumOf(texts: readonly string[]): string {
  const [only] = texts;
  if (only !== undefined && texts.length === 1) return only;
  return decimalText(sumExact(texts.map(decimal)));
}
