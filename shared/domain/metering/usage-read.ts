import type { DayGeneration } from './generations.ts';

/** Which rollup answers for a stretch of time; `usage` is the rows themselves. */
export type UsageGrain = 'usage' | 'minute' | 'hour' | 'day';

export type RollupGrain = Exclude<UsageGrain, 'usage'>;

/** A half-open stretch [fromMs, toMs), aligned to its grain. */
export interface UsageSegment {
  readonly grain: UsageGrain;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Windows of equal length that start at the plan's `fromMs` and every step after it, as long as they end in the range
 * (`sliding`), or calendar windows as boundaries in ascending order, from the plan's `fromMs` to its `toMs`.
 */
export type UsageWindows =
  | { readonly kind: 'single' }
  | { readonly kind: 'boundaries'; readonly boundariesMs: readonly number[] }
  | { readonly kind: 'sliding'; readonly lengthMs: number; readonly stepMs: number };

export type Aggregation = 'count' | 'sum' | 'min' | 'max' | 'avg' | 'latest' | 'unique_count';

const ALL_GRAINS: readonly RollupGrain[] = ['day', 'hour', 'minute'];

/** The rollups that hold what it takes to answer, coarsest first. */
export const ROLLUP_GRAINS: Readonly<Record<Aggregation, readonly RollupGrain[]>> = {
  count: ALL_GRAINS,
  sum: ALL_GRAINS,
  min: ALL_GRAINS,
  max: ALL_GRAINS,
  avg: ALL_GRAINS,
  // A latest event is told by its id: where hardly two events share a minute, a rollup of minutes is no smaller than rows.
  latest: ['day', 'hour'],
  unique_count: ALL_GRAINS,
};

/** A usage question as stores answer it: pure data, made by planUsageRead. */
export interface UsageReadPlan {
  readonly tenant: string;
  readonly meter: string;
  /** Of the meter's rollups, on the days of the range; rows are read of all generations. */
  readonly generations: readonly DayGeneration[];
  readonly aggregation: Aggregation;
  readonly fromMs: number;
  readonly toMs: number;
  /** Disjoint, ascending, together exactly [fromMs, toMs). Every window is a union of whole pieces of them. */
  readonly segments: readonly UsageSegment[];
  readonly windows: UsageWindows;
  /** Names of dimensions, or `customer`. */
  readonly groupBy: readonly string[];
  readonly customer?: string;
  /** Dimension name to allowed values. */
  readonly filters: Readonly<Record<string, readonly string[]>>;
}
