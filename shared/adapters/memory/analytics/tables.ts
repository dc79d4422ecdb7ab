import type { AnalyticsTable, RowsByTable, UsageRow } from '../../../domain/metering/rows.ts';
import type { UsageGrain } from '../../../domain/metering/usage-read.ts';
import { addExact, type Decimal, decimal, multiplyExact } from '../../../kernel/decimal.ts';

export type RollupGrain = Exclude<UsageGrain, 'usage'>;

export const ROLLUP_GRAINS: readonly RollupGrain[] = ['minute', 'hour', 'day'];
const BUCKET_MS: Readonly<Record<RollupGrain, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

export interface Bucket
  extends Pick<UsageRow, 'tenant' | 'meter' | 'generation' | 'customer' | 'dimensions'> {
  readonly bucketMs: number;
  /** Sums of signs and of signed quantities. */
  rows: number;
  quantity: Decimal;
}

/** Rows of each table and totals of each rollup, kept apart as ClickHouse keeps them, each with its log of tokens. */
export interface Tables {
  readonly rows: { [T in AnalyticsTable]: RowsByTable[T][] };
  readonly rollups: Readonly<Record<RollupGrain, Map<string, Bucket>>>;
  readonly tokens: Readonly<Record<AnalyticsTable | RollupGrain, Set<string>>>;
}

export function createTables(): Tables {
  return {
    rows: { events: [], usage: [], resends: [], quarantine: [] },
    rollups: { minute: new Map(), hour: new Map(), day: new Map() },
    tokens: {
      events: new Set(),
      usage: new Set(),
      resends: new Set(),
      quarantine: new Set(),
      minute: new Set(),
      hour: new Set(),
      day: new Set(),
    },
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
    };
    bucket.rows += row.sign;
    bucket.quantity = addExact(bucket.quantity, multiplyExact(decimal(row.quantity), decimal(row.sign)));
    tables.rollups[grain].set(key, bucket);
  }
}
