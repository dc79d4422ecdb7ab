import { z } from 'zod';
import type { RollupTotals } from '../../../domain/metering/rollup-totals.ts';
import { decimal, decimalText } from '../../../kernel/decimal.ts';
import type { AnalyticsReader, FoldQuery } from '../../../ports/analytics.ts';
import { boundInstant, integerColumn } from '../columns.ts';
import { createParams, type Params } from '../params.ts';
import type { Querier } from '../querier.ts';

const totalsRow = z.object({
  hourMs: integerColumn,
  rows: z.string(),
  quantity: z.string().transform((text) => decimalText(decimal(text))),
  fingerprint: z.string(),
}) satisfies z.ZodType<RollupTotals>;

/** Rows are summed by their signs, not netted: what was folded must come to the same in another way. */
export function readStandingTotals(querier: Querier): AnalyticsReader['standingTotals'] {
  return async (query) => {
    const params = createParams();
    return await ask(querier, params, foldCondition(params, query));
  };
}

export function readFoldedTotals(querier: Querier): AnalyticsReader['foldedTotals'] {
  return async (query) => {
    const params = createParams();
    const generation = params.bind('UInt32', query.generation);
    const condition = `${rangeCondition(params, query)} AND folded = 1 AND generation = ${generation}`;
    return await ask(querier, params, condition);
  };
}

async function ask(querier: Querier, params: Params, condition: string): Promise<readonly RollupTotals[]> {
  const ms = 'toUnixTimestamp64Milli(time)';
  // Sums of hashes wrap, so that a row and what takes it back come to nothing.
  const hash = 'cityHash64(meter_version, customer, dimensions, time, source, id, u.quantity, unique_key)';
  const sql = `SELECT ${ms} - positiveModulo(${ms}, 3600000) AS hourMs, toString(sum(toInt64(sign))) AS rows,
      toString(sum(toDecimal256(u.quantity, 12) * sign)) AS quantity,
      toString(sumWithOverflow(reinterpretAsInt64(${hash}) * sign)) AS fingerprint
    FROM usage AS u WHERE ${condition}
    GROUP BY hourMs HAVING rows != '0' OR fingerprint != '0' ORDER BY hourMs`;
  return await querier.ask({ sql, params: params.values, row: totalsRow });
}

/** The rows of plans that a fold counts. */
export function foldCondition(params: Params, query: FoldQuery): string {
  const revision = params.bind('Int64', query.belowRevision);
  return `${rangeCondition(params, query)} AND folded = 0 AND revision < ${revision}`;
}

function rangeCondition(
  params: Params,
  { tenant, meter, fromMs, toMs }: Omit<FoldQuery, 'belowRevision'>,
): string {
  return `tenant = ${params.bind('String', tenant)} AND meter = ${params.bind('String', meter)}
    AND time >= ${boundInstant(params, fromMs)} AND time < ${boundInstant(params, toMs)}`;
}
