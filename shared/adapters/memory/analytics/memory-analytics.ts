import type { AnalyticsTable, RowsByTable, UsageRow } from '../../../domain/metering/rows.ts';
import { monthPartition } from '../../../kernel/time.ts';
import type { Analytics, AnalyticsPart, AnalyticsWriter, PartAddress } from '../../../ports/analytics.ts';
import { assertWhole, toRecords } from '../../clickhouse/records.ts';
import { refused } from '../../clickhouse/store-errors.ts';
import { listDuplicates } from './duplicates.ts';
import { listEvidence } from './evidence.ts';
import {
  type AnalyticsFaults,
  createFaultState,
  createFaults,
  type FaultState,
  type InsertFault,
  notReached,
  takeFault,
  unknownOutcome,
} from './faults.ts';
import { foldedTotals, foldRows, standingTotals } from './folds.ts';
import {
  listChanges,
  listConflicts,
  listEvents,
  listJobEvents,
  listMetersOfEvent,
  listQuarantine,
} from './lists.ts';
import { listCustomersChanged, listPriced, storePriced } from './priced.ts';
import { foldStandingEvents } from './standing-events.ts';
import { addToRollup, createTables, isNewToken, ROLLUPS, type Tables } from './tables.ts';
import { foldUsage, foldUsageGroups } from './usage-fold.ts';
import { foldUsageSnapshots } from './usage-snapshots.ts';

export interface MemoryAnalytics {
  readonly analytics: Analytics;
  readonly faults: AnalyticsFaults;
}

/** ClickHouse's model in memory, with the faults that it was seen to have. Lost with the process. */
export function createMemoryAnalytics(): MemoryAnalytics {
  const tables = createTables();
  const state = createFaultState();
  const reach = <I, O>(answer: (input: I) => O) => {
    return async (input: I): Promise<O> => {
      if (!state.isReachable) throw notReached();
      return answer(input);
    };
  };
  const writer = createWriter(tables, state);
  const analytics: Analytics = {
    insert: reach(writer.insert),
    hasEnded: reach(writer.hasEnded),
    partContents: reach(writer.partContents),
    removePart: reach(writer.removePart),
    putPriced: reach((rows) => storePriced(tables.priced, rows)),
    fold: reach((input) => foldRows(tables, state, input)),
    usage: reach((plan) => foldUsage(tables, plan)),
    usageGroups: async (plan, limit) => {
      if (!state.isReachable) throw notReached();
      return foldUsageGroups(tables, plan).slice(0, limit);
    },
    snapshotUsage: reach((query) => foldUsageSnapshots(tables, query)),
    evidence: reach((query) => listEvidence(tables.rows.usage, query)),
    priced: reach((query) => listPriced(tables.priced.values(), query)),
    customersChanged: reach((query) => listCustomersChanged(tables.rows.usage, query)),
    duplicatesOf: reach((query) => listDuplicates(tables.rows.usage, query)),
    events: reach((query) => listEvents(tables.rows.events, query)),
    quarantine: reach((query) => listQuarantine(tables.rows.quarantine, query)),
    conflicts: reach((query) => listConflicts(tables.rows.resends, query)),
    jobEvents: reach((query) => listJobEvents(tables.rows.events, query)),
    changes: reach((query) => listChanges(tables.rows.changes, query)),
    standingTotals: reach((query) => standingTotals(tables, query)),
    foldedTotals: reach((query) => foldedTotals(tables, query)),
    standingEvents: reach((query) => foldStandingEvents(tables.rows, query)),
    metersOfEvent: reach((identity) => listMetersOfEvent(tables.rows.usage, identity)),
  };
  return { analytics, faults: createFaults(state, tables) };
}

type Now<F> = F extends (...input: infer I) => Promise<infer O> ? (...input: I) => O : never;
type WriterNow = { [M in Exclude<keyof AnalyticsWriter, 'putPriced' | 'fold'>]: Now<AnalyticsWriter[M]> };

function createWriter(tables: Tables, state: FaultState): WriterNow {
  return {
    insert: (part) => {
      assertWhole(part);
      toRecords(part);
      if (part.rows.length === 0) return;
      const stranger = part.rows.find(({ tenant }) => state.refusedTenants.has(tenant));
      if (stranger !== undefined) throw refused(`rows of ${stranger.tenant} are refused`);
      strike(tables, state, part, takeFault(state, part.table));
    },
    hasEnded: (tokenPrefix) => !state.late.some(({ token }) => token.startsWith(tokenPrefix)),
    partContents: (address) => {
      const found = rowsOf(tables, address.table).filter((row) => isAt(row, address));
      const fingerprint = found.reduce((xor, row) => xor ^ BigInt(row.rowHash), 0n);
      return { rows: found.length, fingerprint: fingerprint.toString() };
    },
    removePart: (address) => {
      const rows = rowsOf(tables, address.table);
      const kept = rows.filter((row) => !isAt(row, address));
      rows.splice(0, rows.length, ...kept);
    },
  };
}

function strike(
  tables: Tables,
  state: FaultState,
  part: AnalyticsPart,
  fault: InsertFault | undefined,
): void {
  switch (fault?.kind) {
    case undefined:
      store(tables, part);
      return;
    case 'token_without_rows':
      tables.tokens[part.table].add(part.token);
      throw unknownOutcome('the server crashed');
    case 'answer_lost':
      store(tables, part);
      throw unknownOutcome('the answer was lost');
    case 'view_failed':
      store(tables, part, fault.grain);
      throw unknownOutcome('a view failed');
    case 'runs_on':
      state.late.push({ token: part.token, finish: () => store(tables, part) });
      throw unknownOutcome('the statement runs on');
    case 'not_reached':
      throw notReached();
  }
}

/** The table and each view's target look at the token for themselves. */
function store(tables: Tables, part: AnalyticsPart, failedView?: string): void {
  if (isNewToken(tables, part.table, part.token)) {
    const rows = rowsOf(tables, part.table);
    for (const row of part.rows) rows.push(row);
  }
  if (part.table !== 'usage') return;
  for (const grain of ROLLUPS) {
    if (grain === failedView) continue;
    if (isNewToken(tables, grain, part.token)) addToRollup(tables, grain, part.rows as readonly UsageRow[]);
  }
}

function rowsOf(tables: Tables, table: AnalyticsTable): RowsByTable[AnalyticsTable][] {
  return tables.rows[table] as RowsByTable[AnalyticsTable][];
}

function isAt(row: RowsByTable[AnalyticsTable], address: PartAddress): boolean {
  const { partition, chunk, tenant = row.tenant } = address;
  return row.chunk === chunk && row.tenant === tenant && monthPartition(row.timeMs) === partition;
}
