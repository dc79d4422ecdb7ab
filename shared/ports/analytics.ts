import type {
  AnalyticsTable,
  EventRow,
  EventStatus,
  QuarantineRow,
  ResendRow,
  RowsByTable,
} from '../domain/metering/rows.ts';
import type { UsageReadPlan } from '../domain/metering/usage-read.ts';

/** The rows of one chunk for one partition (month `YYYYMM` of `timeMs`, UTC) of one table: inserted as one block. */
export type AnalyticsPart = {
  [T in AnalyticsTable]: {
    readonly table: T;
    readonly partition: string;
    readonly token: string;
    readonly rows: readonly RowsByTable[T][];
  };
}[AnalyticsTable];

export interface PartAddress {
  readonly table: AnalyticsTable;
  readonly partition: string;
  readonly chunk: string;
  readonly tenant?: string;
}

/** What a table holds of a chunk. `fingerprint` is the XOR of the rows' hashes, in decimal ('0' for no rows). */
export interface PartContents {
  readonly rows: number;
  readonly fingerprint: string;
}

/**
 * Columnar storage of events and usage, ClickHouse's model. `insert` resolves only when the rows and all rollups
 * fed from them are durable. A throw is a StoreError: after outcome 'unknown' the token proves nothing, and the
 * caller asks `partContents` once `hasEnded` says that the statement is over.
 */
export interface AnalyticsWriter {
  insert(part: AnalyticsPart): Promise<void>;
  /** Whether no statement whose token starts like this is running (any more). */
  hasEnded(tokenPrefix: string): Promise<boolean>;
  /** What a table holds of a chunk in one partition; of one tenant only when the address names one. */
  partContents(address: PartAddress): Promise<PartContents>;
  /** Removes the same rows, durably. Rollups keep what they counted. */
  removePart(address: PartAddress): Promise<void>;
}

/** One aggregate of one window and group, before empty windows are filled in. */
export interface UsageAggregate {
  readonly windowStartMs: number;
  /** One value for each `groupBy` of the plan, in its order; null where the dimension is absent. */
  readonly group: readonly (string | null)[];
  /** Rows counted, by sign. */
  readonly count: string;
  /** Decimal strings; null where the plan's aggregation does not need them. */
  readonly sum: string | null;
  readonly value: string | null;
}

/** Rows are ordered by (timeMs, source, id) descending; `after` is the last row of the page before. */
export interface EventPosition {
  readonly timeMs: number;
  readonly source: string;
  readonly id: string;
}

export interface EventListQuery {
  readonly tenant: string;
  readonly customer?: string;
  readonly type?: string;
  readonly id?: string;
  readonly source?: string;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly status?: EventStatus;
  readonly limit: number;
  readonly after?: EventPosition;
}

/** Quarantine and resends are listed by receive time, newest first; `after` is the last row of the page before. */
export interface ReceivedListQuery {
  readonly tenant: string;
  readonly limit: number;
  readonly after?: { readonly receivedAtMs: number; readonly key: string };
}

export interface AnalyticsReader {
  /** Aggregates in ascending order of (windowStartMs, group), groups compared as lists, null first. */
  usage(plan: UsageReadPlan): Promise<readonly UsageAggregate[]>;
  /** The distinct groups in the plan's range, in the same order, at most `limit`. */
  usageGroups(plan: UsageReadPlan, limit: number): Promise<readonly (readonly (string | null)[])[]>;
  events(query: EventListQuery): Promise<readonly EventRow[]>;
  quarantine(
    query: ReceivedListQuery & { readonly meter?: string; readonly id?: string },
  ): Promise<readonly QuarantineRow[]>;
  /** Resends whose payload differs from the first. `key` of the position is `<source>/<id>/<chunk>`. */
  conflicts(query: ReceivedListQuery & { readonly id?: string }): Promise<readonly ResendRow[]>;
  /** Which meters counted one event. */
  metersOfEvent(identity: {
    readonly tenant: string;
    readonly source: string;
    readonly id: string;
  }): Promise<readonly { readonly meter: string; readonly quantity: string }[]>;
}

export type Analytics = AnalyticsWriter & AnalyticsReader;
