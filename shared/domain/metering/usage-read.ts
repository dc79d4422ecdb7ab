/** Which rollup answers for a stretch of time; `usage` is the rows themselves. */
export type UsageGrain = 'usage' | 'minute' | 'hour' | 'day';

/** A half-open stretch [fromMs, toMs), aligned to its grain. */
export interface UsageSegment {
  readonly grain: UsageGrain;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Windows of equal length (`sliding` ones overlap) or, for calendar windows, boundaries in ascending order. */
export type UsageWindows =
  | { readonly kind: 'single' }
  | { readonly kind: 'boundaries'; readonly boundariesMs: readonly number[] }
  | { readonly kind: 'sliding'; readonly lengthMs: number; readonly stepMs: number };

export type Aggregation = 'count' | 'sum' | 'min' | 'max' | 'avg' | 'latest' | 'unique_count';

/** A usage question as stores answer it: pure data, made by planUsageRead. */
export interface UsageReadPlan {
  readonly tenant: string;
  readonly meter: string;
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
