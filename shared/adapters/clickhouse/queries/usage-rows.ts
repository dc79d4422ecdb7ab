import type { UsageGrain, UsageReadPlan, UsageSegment } from '../../../domain/metering/usage-read.ts';
import { boundInstant } from '../columns.ts';
import type { Params } from '../params.ts';

/**
 * Ranges of a condition narrow down what is read, and the engine spends about a millisecond on each before it reads. Where
 * there are more, each row is looked up in a list of them.
 */
const RANGES_MAX = 32;
const GRAINS: readonly UsageGrain[] = ['day', 'hour', 'minute', 'usage'];

/** Rows of plans, of whatever generation: what rebuilds made for rollups is none. */
export const IS_ROW = 'folded = 0';

/** Names of the columns of a group: g0, g1, … */
export function groupColumns(plan: UsageReadPlan): readonly string[] {
  return plan.groupBy.map((_, index) => `g${index}`);
}

/** Rows (ms, g0…, n, q) of all segments: instant or start of the bucket, group, sum of signs, sum of quantities. */
export function additiveRows(params: Params, plan: UsageReadPlan): string {
  const groups = groupSelection(params, plan);
  const reads = GRAINS.flatMap((grain) => {
    const condition = stretchCondition(params, plan, grain);
    if (condition === null) return [];
    const columns =
      grain === 'usage'
        ? 'toUnixTimestamp64Milli(time) AS ms, toInt64(sign) AS n, toDecimal256(quantity, 12) * sign AS q'
        : 'toUnixTimestamp64Milli(bucket) AS ms, rows AS n, quantity AS q';
    const table = grain === 'usage' ? 'usage' : `usage_${grain}`;
    return [`SELECT ${columns}${groups} FROM ${table} WHERE ${condition}`];
  });
  return reads.join(' UNION ALL ');
}

/**
 * Rows (ms, g0…, n, v) of all segments: instant or start of the bucket, group, how often it counts, and what is folded:
 * `ofRow` of the rows that count, `column` of rollups.
 */
export function foldedRows(
  params: Params,
  plan: UsageReadPlan,
  folded: { readonly ofRow: string; readonly column: string },
): string {
  const columns = ['ms', ...groupColumns(plan), 'n'].join(', ');
  const groups = groupSelection(params, plan);
  const reads = GRAINS.flatMap((grain) => {
    const condition = stretchCondition(params, plan, grain);
    if (condition === null) return [];
    if (grain === 'usage') {
      const rows = standingRows({ condition, columns: groups, single: '', netted: '' });
      return [`SELECT ${columns}, ${folded.ofRow} AS v FROM (${rows})`];
    }
    return [
      `SELECT toUnixTimestamp64Milli(bucket) AS ms${groups}, rows AS n, ${folded.column} AS v
      FROM usage_${grain} WHERE ${condition}`,
    ];
  });
  return reads.join(' UNION ALL ');
}

/**
 * Rows (ms, source, id, quantity, unique_key, n and `columns`) that count, n times each. Only events of which something
 * was taken back are netted: to do it for all would hold each of them in memory. `single` and `netted` are one further
 * column as single rows have it, and as an aggregate of rows that were netted; all begin with a comma.
 */
export function standingRows(asked: {
  readonly condition: string;
  readonly columns: string;
  readonly single: string;
  readonly netted: string;
}): string {
  const { condition } = asked;
  const columns = `toUnixTimestamp64Milli(time) AS ms${asked.columns}, source, id, quantity, unique_key`;
  const takenBack = `(SELECT source, id FROM usage WHERE ${condition} AND sign = -1)`;
  return `SELECT ${columns}, toInt64(1) AS n${asked.single} FROM usage
      WHERE ${condition} AND sign = 1 AND (source, id) NOT IN ${takenBack}
    UNION ALL SELECT ${columns}, sum(toInt64(sign)) AS n${asked.netted} FROM usage
      WHERE ${condition} AND (source, id) IN ${takenBack}
      GROUP BY time, customer, dimensions, source, id, quantity, unique_key HAVING n > 0`;
}

/** Conditions on the rows and buckets of one meter, whatever their time. */
export function meterConditions(
  params: Params,
  asked: Pick<UsageReadPlan, 'tenant' | 'meter' | 'filters'>,
): readonly string[] {
  const filters = Object.entries(asked.filters).map(
    ([name, values]) => `${dimension(params, name)} IN ${params.bind('Array(String)', values)}`,
  );
  return [
    `tenant = ${params.bind('String', asked.tenant)}`,
    `meter = ${params.bind('String', asked.meter)}`,
    ...filters,
  ];
}

function groupSelection(params: Params, plan: UsageReadPlan): string {
  return plan.groupBy.map((name, index) => `, ${dimension(params, name)} AS g${index}`).join('');
}

/** The value that a row has in a dimension, null where it has none. */
export function dimension(params: Params, name: string): string {
  if (name === 'customer') return 'customer';
  return `JSONExtract(dimensions, ${params.bind('String', name)}, 'Nullable(String)')`;
}

/** Null where no segment has this grain. */
function stretchCondition(params: Params, plan: UsageReadPlan, grain: UsageGrain): string | null {
  const stretches = plan.segments.filter((segment) => segment.grain === grain);
  if (stretches.length === 0) return null;
  const column = grain === 'usage' ? 'time' : 'bucket';
  const isInside =
    stretches.length <= RANGES_MAX
      ? stretches.map((stretch) => `(${inRange(params, column, stretch)})`).join(' OR ')
      : inStretches(params, column, stretches);
  const ofRows = grain === 'usage' ? IS_ROW : inForce(params, plan);
  const found = [...meterConditions(params, plan), ofRows, `(${isInside})`];
  if (plan.customer !== undefined) found.push(`customer = ${params.bind('String', plan.customer)}`);
  return found.join(' AND ');
}

function inRange(
  params: Params,
  column: string,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): string {
  return `${column} >= ${boundInstant(params, fromMs)} AND ${column} < ${boundInstant(params, toMs)}`;
}

/** The last stretch that begins before the instant ends after it. */
function inStretches(params: Params, column: string, stretches: readonly UsageSegment[]): string {
  const starts = params.bind(
    'Array(Int64)',
    stretches.map(({ fromMs }) => fromMs),
  );
  const ends = params.bind(
    'Array(Int64)',
    stretches.map(({ toMs }) => toMs),
  );
  const ms = `toUnixTimestamp64Milli(${column})`;
  const [first, last] = [stretches[0], stretches.at(-1)];
  const whole = { fromMs: first?.fromMs ?? 0, toMs: last?.toMs ?? 0 };
  return `${inRange(params, column, whole)}
    AND ${ms} < transform(roundDown(${ms}, ${starts}), ${starts}, ${ends}, toInt64(0))`;
}

/** Buckets of the generation that is in force on their day. */
function inForce(params: Params, { generations }: UsageReadPlan): string {
  if (generations.length === 0) return 'generation = 0';
  const days = generations.map(({ dayMs }) => dayMs);
  const ofDays = generations.map(({ generation }) => generation);
  const all = params.bind('Array(Int64)', [...new Set([0, ...ofDays])]);
  const ms = 'toUnixTimestamp64Milli(bucket)';
  const day = `${ms} - positiveModulo(${ms}, 86400000)`;
  const [from, to] = [params.bind('Array(Int64)', days), params.bind('Array(Int64)', ofDays)];
  // The list by itself, for the order of the table.
  return `generation IN ${all} AND generation = transform(${day}, ${from}, ${to}, toInt64(0))`;
}
