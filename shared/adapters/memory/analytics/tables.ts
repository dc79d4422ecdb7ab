import type { PricedRow } from '../../../domain/invoicing/priced-row.ts';
import { compareUtf8 } from '../../../domain/metering/group-order.ts';
import type { AnalyticsTable, RowsByTable, UsageRow } from '../../../domain/metering/rows.ts';
import type { RollupGrain } from '../../../domain/metering/usage-read.ts';
import { addExact, type Decimal, decimal, multiplyExact } from '../../../kernel/decimal.ts';

export const ROLLUPS: readonly RollupGrain[] = ['minute', 'hour', 'day'];
const BUCKET_MS: Readonly<Record<RollupGrain, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** What is known of some rows. Nothing can be taken out of it, so rows that take others back are rows like any other. */
export interface Folded {
  least: UsageRow;
  greatest: UsageRow;
  latest: UsageRow;
  readonly uniqueKeys: Set<string>;
}

export interface Bucket
  extends Pick<UsageRow, 'tenant' | 'meter' | 'generation' | 'customer' | 'dimensions'> {
  readonly bucketMs: number;
  /** Sums of signs and of signed quantities. */
  rows: number;
  quantity: Decimal;
  readonly folded: Folded;
}

/** Rows of each table and totals of each rollup, kept apart as ClickHouse keeps them, each with its log of tokens. */
export interface Tables {
  readonly rows: { [T in AnalyticsTable]: RowsByTable[T][] };
  /** What rebuilds made for rollups; no row of any event. */
  readonly folded: UsageRow[];
  readonly rollups: Readonly<Record<RollupGrain, Map<string, Bucket>>>;
  readonly tokens: Readonly<Record<AnalyticsTable | RollupGrain, Set<string>>>;
  /** By key: only what stands. */
  readonly priced: Map<string, PricedRow>;
}

export function createTables(): Tables {
  return {
    rows: { events: [], usage: [], resends: [], quarantine: [], changes: [] },
    folded: [],
    rollups: { minute: new Map(), hour: new Map(), day: new Map() },
    tokens: {
      events: new Set(),
      usage: new Set(),
      resends: new Set(),
      quarantine: new Set(),
      changes: new Set(),
      minute: new Set(),
      hour: new Set(),
      day: new Set(),
    },
    priced: new Map(),
  };
}

/** False where the target knows the token: then it takes nothing, whatever it holds. */
export function isNewToken(tables: Tables, target: AnalyticsTable | RollupGrain, token: string): boolean {
  if (tables.tokens[target].has(token)) return false;
  tables.tokens[target].add(token);
  return true;
}

export function addToRollup(tables: Tables, grain: RollupGrain, rows: readonly UsageRow[]): void {
  for (const row of rows) {
    const { tenant, meter, generation, customer, dimensions } = row;
    const bucketMs = Math.floor(row.timeMs / BUCKET_MS[grain]) * BUCKET_MS[grain];
    const key = JSON.stringify([tenant, meter, generation, customer, dimensions, bucketMs]);
    const bucket = tables.rollups[grain].get(key) ?? {
      ...{ tenant, meter, generation, customer, dimensions, bucketMs },
      rows: 0,
      quantity: decimal(0),
      folded: foldedOf(row),
    };
    bucket.rows += row.sign;
    bucket.quantity = addExact(bucket.quantity, multiplyExact(decimal(row.quantity), decimal(row.sign)));
    foldInto(bucket.folded, foldedOf(row));
    tables.rollups[grain].set(key, bucket);
  }
}

export function foldedOf(row: UsageRow): Folded {
  const uniqueKeys = new Set(row.uniqueKey === '' ? [] : [row.uniqueKey]);
  return { least: row, greatest: row, latest: row, uniqueKeys };
}

export function foldInto(total: Folded, { least, greatest, latest, uniqueKeys }: Folded): void {
  if (compareQuantities(least, total.least) < 0) total.least = least;
  if (compareQuantities(greatest, total.greatest) > 0) total.greatest = greatest;
  if (compareRecency(latest, total.latest) > 0) total.latest = latest;
  for (const key of uniqueKeys) total.uniqueKeys.add(key);
}

function compareQuantities(a: UsageRow, b: UsageRow): number {
  return decimal(a.quantity).comparedTo(decimal(b.quantity));
}

/** Of several at one instant the greatest id, then the greatest source, is the latest. */
function compareRecency(a: UsageRow, b: UsageRow): number {
  return a.timeMs - b.timeMs || compareUtf8(a.id, b.id) || compareUtf8(a.source, b.source);
}
