import type { StandingRow } from '../domain/corrections/chain.ts';
import type { PricedKey, PricedRow } from '../domain/invoicing/priced-row.ts';
import type { RollupTotals } from '../domain/metering/rollup-totals.ts';
import type {
  AnalyticsTable,
  ChangeRow,
  EventRow,
  EventStatus,
  QuarantineRow,
  ResendRow,
  RowsByTable,
  UsageRow,
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
  /**
   * Writes absolute amounts, at most LIMITS.pricedRows. Of one key the row of the greatest fence stands, of one fence the one
   * priced last, whatever the order of writing and however often.
   */
  putPriced(rows: readonly PricedRow[]): Promise<void>;
  /**
   * Counts the rows that stand once more, in the rollups of another generation. What was made for that is no row of any event:
   * nothing but `foldedTotals` ever sees it. Not atomic and never repeated: after a throw of another outcome than `not_done`
   * any part of it may be in, also later, and the generation is worth nothing.
   */
  fold(input: FoldQuery & { readonly generation: number }): Promise<void>;
}

/** Rows of one meter in [fromMs, toMs), hours of one UTC day, of plans of a lower catalogue revision. */
export interface FoldQuery {
  readonly tenant: string;
  readonly meter: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly belowRevision: number;
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

/** Where lists are ordered by (timeMs, source, id). */
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
  /** The last row of the page before. */
  readonly after?: EventPosition;
}

/** What a job may have to count again: events as they are, planned with a revision below this one. */
export interface JobEventsQuery {
  readonly tenant: string;
  readonly belowRevision: number;
  readonly status?: EventStatus;
  /** What events call their customer. */
  readonly references?: readonly string[];
  readonly types?: readonly string[];
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly limit: number;
  readonly after: EventPosition | null;
}

/** Quarantine and resends are listed by receive time, newest first; `after` is the last row of the page before. */
export interface ReceivedListQuery {
  readonly tenant: string;
  readonly limit: number;
  readonly after?: { readonly receivedAtMs: number; readonly key: string };
}

/** What a charge counts: rows of a meter that have one of the values in each dimension named. */
export type MeterLine = Pick<UsageReadPlan, 'meter' | 'filters'>;

/** A customer from one instant to another, half-open. */
export interface CustomerSpan {
  readonly customer: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The rows that lines of invoices are made of: those that any of the lines counts in any of the spans, with a fence lower
 * than `belowFence` (null: all), for ever the same once that fence has passed.
 */
export interface LineRowsQuery<Line extends MeterLine = MeterLine> {
  readonly tenant: string;
  /** 1 to LIMITS.snapshotLines. */
  readonly lines: readonly Line[];
  /** 1 to LIMITS.snapshotCustomers. */
  readonly spans: readonly CustomerSpan[];
  readonly belowFence: number | null;
}

export interface SnapshotLine extends MeterLine {
  readonly aggregation: UsageReadPlan['aggregation'];
}

export type UsageSnapshotQuery = LineRowsQuery<SnapshotLine>;

/** What `usage` would answer for one line in one span, had it seen only the rows of the snapshot. */
export interface UsageSnapshot extends Omit<UsageAggregate, 'windowStartMs' | 'group'> {
  /** Places in `lines` and `spans` of the query. */
  readonly line: number;
  readonly span: number;
  /** The greatest of the rows that stand; of all rows where everything was taken back. */
  readonly meterVersion: number;
}

/** Where evidence is ordered by: texts by their UTF-8. */
export interface EvidencePosition extends EventPosition {
  readonly meter: string;
  readonly customer: string;
}

/** Spans of one customer do not overlap. */
export interface EvidenceQuery extends LineRowsQuery {
  /** The `next` of the page before. */
  readonly after?: EvidencePosition;
  /** 1 to LIMITS.evidencePageRows. */
  readonly limit: number;
}

export type EvidenceRow = Pick<
  UsageRow,
  'meter' | 'customer' | 'source' | 'id' | 'timeMs' | 'quantity' | 'uniqueKey' | 'dimensions' | 'sign'
>;

export interface EvidencePage {
  readonly rows: readonly EvidenceRow[];
  /** Null at the end. */
  readonly next: EvidencePosition | null;
}

export interface StandingEvent {
  readonly event: EventRow;
  readonly rows: readonly StandingRow[];
}

/** Amounts in force of segments that start in the half-open range [fromMs, toMs). */
export interface PricedQuery {
  readonly tenant: string;
  /** 1 to LIMITS.snapshotCustomers keys. */
  readonly customers: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  /** 1 to LIMITS.pricedRows. */
  readonly limit: number;
  /** The last row of the page before. */
  readonly after?: Omit<PricedKey, 'tenant'>;
}

export interface ChangedQuery {
  readonly tenant: string;
  /** Fences of the rows, half-open. */
  readonly fromFence: number;
  readonly belowFence: number;
  /** 1 to LIMITS.snapshotCustomers. */
  readonly limit: number;
  /** The last customer of the page before. */
  readonly after?: string;
}

/** A customer with rows of usage, and the UTC hours (their starts, ascending) that their times lie in. */
export interface ChangedCustomer {
  readonly customer: string;
  readonly hoursMs: readonly number[];
}

export interface DuplicatesQuery extends Pick<LineRowsQuery, 'tenant' | 'belowFence'> {
  /** Half-open. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly meters: readonly string[];
  /** 1 to LIMITS.duplicatesListed. */
  readonly limit: number;
}

/** An event that a meter counts more than once. */
export interface DuplicateRow {
  readonly meter: string;
  readonly source: string;
  readonly id: string;
  /** How often it stands: what took it back does not count. */
  readonly standing: number;
  /** Of its rows, ascending; where there are more than LIMITS.duplicatePlaces, so many of them. */
  readonly customers: readonly string[];
  readonly timesMs: readonly number[];
}

export interface AnalyticsReader {
  /** Aggregates in ascending order of (windowStartMs, group), groups compared as lists, null first. */
  usage(plan: UsageReadPlan): Promise<readonly UsageAggregate[]>;
  /** The distinct groups in the plan's range, in the same order, at most `limit`. */
  usageGroups(plan: UsageReadPlan, limit: number): Promise<readonly (readonly (string | null)[])[]>;
  /** In ascending order of (line, span); where there is no row, or none left to choose from, there is no answer. */
  snapshotUsage(query: UsageSnapshotQuery): Promise<readonly UsageSnapshot[]>;
  /**
   * Rows of whatever generation, also those that take others back, in ascending order of (meter, customer, timeMs, source, id), then
   * of fence and revision. All rows of one position come on one page, which they may make longer than `limit`; a page may be
   * shorter, and even empty, where there are more.
   */
  evidence(query: EvidenceQuery): Promise<EvidencePage>;
  /** In ascending order of (customer, subscription, segmentStartMs, charge, planVersion), texts by UTF-8. */
  priced(query: PricedQuery): Promise<readonly PricedRow[]>;
  /** In ascending order (UTF-8). Rows that take others back count, too. */
  customersChanged(query: ChangedQuery): Promise<readonly ChangedCustomer[]>;
  /** In ascending order of (meter, source, id); rows of whatever generation. */
  duplicatesOf(query: DuplicatesQuery): Promise<readonly DuplicateRow[]>;
  events(query: EventListQuery): Promise<readonly EventRow[]>;
  /** In ascending order of (timeMs, source, id); revoked events are left out. */
  jobEvents(query: JobEventsQuery): Promise<readonly EventRow[]>;
  quarantine(
    query: ReceivedListQuery & { readonly meter?: string; readonly id?: string },
  ): Promise<readonly QuarantineRow[]>;
  /** Resends whose payload differs from the first. `key` of the position is `<chunk>/<rowHash>`. */
  conflicts(query: ReceivedListQuery & { readonly id?: string }): Promise<readonly ResendRow[]>;
  /**
   * These events (1 to LIMITS.jobPageEvents) as they are, and their rows that stand, of whatever plan; events that are not
   * stored are left out. The fence of a row is the greatest of those that came to it.
   */
  standingEvents(query: {
    readonly tenant: string;
    readonly identities: readonly { readonly source: string; readonly id: string }[];
  }): Promise<readonly StandingEvent[]>;
  /** Changes of events by receive time, newest first. `key` of the position is `<source>/<id>/<link>/<correction>`. */
  changes(
    query: ReceivedListQuery & { readonly id?: string; readonly status?: ChangeRow['status'] },
  ): Promise<readonly ChangeRow[]>;
  /** What the rows that `fold` is to count come to, by hour, ascending; hours that come to nothing are left out. */
  standingTotals(query: FoldQuery): Promise<readonly RollupTotals[]>;
  /** What `fold` has counted for a generation, likewise. */
  foldedTotals(
    query: Omit<FoldQuery, 'belowRevision'> & { readonly generation: number },
  ): Promise<readonly RollupTotals[]>;
  /** Which meters counted one event. */
  metersOfEvent(identity: {
    readonly tenant: string;
    readonly source: string;
    readonly id: string;
  }): Promise<readonly { readonly meter: string; readonly quantity: string }[]>;
}

export type Analytics = AnalyticsWriter & AnalyticsReader;
