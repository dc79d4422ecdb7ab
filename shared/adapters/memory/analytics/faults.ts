import type { AnalyticsTable } from '../../../domain/metering/rows.ts';
import type { RollupGrain } from '../../../domain/metering/usage-read.ts';
import { StoreError } from '../../../ports/store-error.ts';
import type { Tables } from './tables.ts';

/** What ClickHouse was seen to do to one insert. */
export type InsertFault =
  /** A crash after the token was recorded and before the rows were: the same token is answered as success later. */
  | { readonly kind: 'token_without_rows' }
  /** Rows and rollups are in, the answer is lost. */
  | { readonly kind: 'answer_lost' }
  /** One view throws: rows and the other rollups are in. The same token completes this one. */
  | { readonly kind: 'view_failed'; readonly grain: RollupGrain }
  /** The answer is lost and the statement runs on until `finishLateInserts`. */
  | { readonly kind: 'runs_on' }
  /** Nothing happened, for certain. */
  | { readonly kind: 'not_reached' };

/**
 * What may become of a fold, which is not atomic: all of it is in and the answer lost, half of it is in (and, which no engine was
 * seen to do, answered as all of it), it runs on until `finishLateInserts`, or nothing happened for certain.
 */
export type FoldFault = 'answer_lost' | 'half_in' | 'half_answered' | 'runs_on' | 'not_reached';

/** Switches of a twin, for tests. */
export interface AnalyticsFaults {
  /** Strikes the next insert, of one table if named; several wait in a row. */
  strikeNextInsert(fault: InsertFault, table?: AnalyticsTable): void;
  /** Strikes the next fold; several wait in a row. */
  strikeNextFold(fault: FoldFault): void;
  refuseTenant(tenant: string): void;
  acceptTenant(tenant: string): void;
  /** While unreachable every call throws; nothing is done. */
  setReachable(isReachable: boolean): void;
  finishLateInserts(): void;
  /** What was to strike and found no insert or fold strikes nothing any more. */
  spareInserts(): void;
  /** The rows of `usage` are gone; rollups keep what they counted, so that what is still answered comes from them. */
  loseUsageRows(): void;
  /** As after an outage that was longer than the window of deduplication: a token of before is like a new one. */
  forgetTokens(): void;
}

export interface FaultState {
  readonly pending: { readonly fault: InsertFault; readonly table?: AnalyticsTable }[];
  readonly pendingFolds: FoldFault[];
  readonly refusedTenants: Set<string>;
  readonly late: { readonly token: string; readonly finish: () => void }[];
  isReachable: boolean;
}

export function createFaultState(): FaultState {
  return { pending: [], pendingFolds: [], refusedTenants: new Set(), late: [], isReachable: true };
}

export function createFaults(state: FaultState, { rows, tokens }: Tables): AnalyticsFaults {
  return {
    strikeNextInsert: (fault, table) =>
      void state.pending.push(table === undefined ? { fault } : { fault, table }),
    strikeNextFold: (fault) => void state.pendingFolds.push(fault),
    refuseTenant: (tenant) => void state.refusedTenants.add(tenant),
    acceptTenant: (tenant) => void state.refusedTenants.delete(tenant),
    setReachable: (isReachable) => {
      state.isReachable = isReachable;
    },
    finishLateInserts: () => {
      for (const { finish } of state.late.splice(0)) finish();
    },
    spareInserts: () => {
      state.pending.splice(0);
      state.pendingFolds.splice(0);
    },
    loseUsageRows: () => void rows.usage.splice(0),
    forgetTokens: () => {
      for (const known of Object.values(tokens)) known.clear();
    },
  };
}

export function takeFault(state: FaultState, table: AnalyticsTable): InsertFault | undefined {
  const index = state.pending.findIndex((entry) => (entry.table ?? table) === table);
  return index < 0 ? undefined : state.pending.splice(index, 1)[0]?.fault;
}

export function unknownOutcome(message: string): StoreError {
  return new StoreError({ message, outcome: 'unknown', reason: 'timeout' });
}

export function notReached(): StoreError {
  const message = 'analytics cannot be reached';
  return new StoreError({ message, outcome: 'not_done', reason: 'unreachable' });
}
