import { averageOf } from '../../../domain/metering/average.ts';
import { utcDayOf } from '../../../domain/metering/generations.ts';
import { compareGroups, type UsageGroup } from '../../../domain/metering/group-order.ts';
import type { UsageRow } from '../../../domain/metering/rows.ts';
import { type Aggregation, ROLLUP_GRAINS, type UsageReadPlan } from '../../../domain/metering/usage-read.ts';
import { assert } from '../../../kernel/assert.ts';
import { addExact, type Decimal, decimal, decimalText, multiplyExact } from '../../../kernel/decimal.ts';
import type { UsageAggregate } from '../../../ports/analytics.ts';
import { type Bucket, type Folded, foldedOf, foldInto, type Tables } from './tables.ts';
import { windowStarts } from './window-starts.ts';

/** A row, or the total of a bucket: counted `n` times, `quantity` in all. */
interface Counted {
  readonly ms: number;
  readonly group: UsageGroup;
  readonly n: number;
  readonly quantity: Decimal;
  readonly folded: Folded;
  /** Of single rows only. */
  readonly row?: UsageRow;
}

export function foldUsage(tables: Tables, plan: UsageReadPlan): readonly UsageAggregate[] {
  const groups = new Map<string, { windowStartMs: number; group: UsageGroup; parts: Counted[] }>();
  for (const counted of countedRows(tables, plan)) {
    for (const windowStartMs of windowStarts(plan, counted.ms)) {
      const key = JSON.stringify([windowStartMs, counted.group]);
      const found = groups.get(key) ?? { windowStartMs, group: counted.group, parts: [] };
      found.parts.push(counted);
      groups.set(key, found);
    }
  }
  return [...groups.values()]
    .sort((a, b) => a.windowStartMs - b.windowStartMs || compareGroups(a.group, b.group))
    .map(({ windowStartMs, group, parts }) => ({ windowStartMs, group, ...aggregate(plan, parts) }));
}

export function foldUsageGroups(tables: Tables, plan: UsageReadPlan): readonly UsageGroup[] {
  const groups = Map.groupBy(additive(tables, plan), ({ group }) => JSON.stringify(group));
  return [...groups.values()]
    .filter((parts) => plan.groupBy.length === 0 || parts.reduce((total, { n }) => total + n, 0) > 0)
    .flatMap(([first]) => (first === undefined ? [] : [first.group]))
    .sort(compareGroups);
}

function countedRows(tables: Tables, plan: UsageReadPlan): readonly Counted[] {
  return isAdditive(plan.aggregation) ? additive(tables, plan) : live(additive(tables, plan));
}

export function isAdditive(aggregation: Aggregation): boolean {
  return aggregation === 'count' || aggregation === 'sum' || aggregation === 'avg';
}

function additive(tables: Tables, plan: UsageReadPlan): readonly Counted[] {
  return plan.segments.flatMap(({ grain, fromMs, toMs }) => {
    const isInside = (ms: number) => fromMs <= ms && ms < toMs;
    if (grain === 'usage') {
      return tables.rows.usage
        .filter((row) => isInside(row.timeMs) && isAsked(plan, row))
        .map((row) => {
          const quantity = multiplyExact(decimal(row.quantity), decimal(row.sign));
          const group = groupOf(plan, row);
          return { ms: row.timeMs, group, n: row.sign, quantity, folded: foldedOf(row), row };
        });
    }
    const isHeld = ROLLUP_GRAINS[plan.aggregation].includes(grain);
    assert(isHeld, `the rollup of each ${grain} does not hold ${plan.aggregation}`);
    return [...tables.rollups[grain].values()]
      .filter((bucket) => isInside(bucket.bucketMs) && isAsked(plan, bucket) && isInForce(plan, bucket))
      .map((bucket) => {
        const { bucketMs, rows, quantity, folded } = bucket;
        return { ms: bucketMs, group: groupOf(plan, bucket), n: rows, quantity, folded };
      });
  });
}

/** Buckets, and what is left of single rows after those that take others back. */
function live(all: readonly Counted[]): readonly Counted[] {
  const buckets = all.filter(({ row }) => row === undefined);
  const net = new Map<string, { counted: Counted; n: number }>();
  for (const counted of all) {
    if (counted.row === undefined) continue;
    const key = countedKey(counted.row);
    const found = net.get(key) ?? { counted, n: 0 };
    found.n += counted.n;
    net.set(key, found);
  }
  const rows = [...net.values()].filter(({ n }) => n > 0).map(({ counted, n }) => ({ ...counted, n }));
  return [...buckets, ...rows];
}

/** What a row and the one that takes it back have in common. */
export function countedKey(row: UsageRow): string {
  const { customer, dimensions, timeMs, source, id, quantity, uniqueKey } = row;
  const number = decimalText(decimal(quantity));
  return JSON.stringify([customer, dimensions, timeMs, source, id, number, uniqueKey]);
}

type AskedRows = Pick<UsageReadPlan, 'tenant' | 'meter' | 'customer' | 'filters'>;
type Asked = Pick<UsageRow, 'tenant' | 'meter' | 'customer' | 'dimensions'>;

export function isAsked(plan: AskedRows, row: Asked): boolean {
  const { tenant, meter, customer = row.customer, filters } = plan;
  const isOfPlan = row.tenant === tenant && row.meter === meter;
  if (!isOfPlan || row.customer !== customer) return false;
  return Object.entries(filters).every(([name, values]) => {
    const value = dimensionOf(row, name);
    return value !== null && values.includes(value);
  });
}

function isInForce({ generations }: UsageReadPlan, { bucketMs, generation }: Bucket): boolean {
  const inForce = generations.find(({ dayMs }) => dayMs === utcDayOf(bucketMs));
  return generation === (inForce?.generation ?? 0);
}

function groupOf(plan: UsageReadPlan, row: Asked): UsageGroup {
  return plan.groupBy.map((name) => dimensionOf(row, name));
}

function dimensionOf(row: Asked, name: string): string | null {
  if (name === 'customer') return row.customer;
  const dimensions: Record<string, string> = JSON.parse(row.dimensions);
  return Object.hasOwn(dimensions, name) ? (dimensions[name] ?? null) : null;
}

function aggregate(
  plan: UsageReadPlan,
  parts: readonly Counted[],
): Pick<UsageAggregate, 'count' | 'sum' | 'value'> {
  const count = String(parts.reduce((total, { n }) => total + n, 0));
  if (!isAdditive(plan.aggregation)) return { count, sum: null, value: foldedValue(plan, parts) };
  if (plan.aggregation === 'count') return { count, sum: null, value: count };
  const total = parts.reduce((sum, { quantity }) => addExact(sum, quantity), decimal(0));
  const sum = decimalText(total);
  return { count, sum, value: plan.aggregation === 'sum' ? sum : averageOf(total, decimal(count)) };
}

function foldedValue({ aggregation }: UsageReadPlan, parts: readonly Counted[]): string {
  const [first, ...rest] = parts.map(({ folded }) => folded);
  assert(first !== undefined, 'there is something to fold');
  const total: Folded = { ...first, uniqueKeys: new Set(first.uniqueKeys) };
  for (const folded of rest) foldInto(total, folded);
  if (aggregation === 'unique_count') return String(total.uniqueKeys.size);
  const found = aggregation === 'min' ? total.least : aggregation === 'max' ? total.greatest : total.latest;
  return decimalText(decimal(found.quantity));
}
