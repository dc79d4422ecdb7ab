import type { RollupTotals } from '../../../domain/metering/rollup-totals.ts';
import type { UsageRow } from '../../../domain/metering/rows.ts';
import { addExact, decimal, decimalText, multiplyExact } from '../../../kernel/decimal.ts';
import { hash64 } from '../../../kernel/hash.ts';
import type { AnalyticsReader, AnalyticsWriter, FoldQuery } from '../../../ports/analytics.ts';
import { type FaultState, notReached, unknownOutcome } from './faults.ts';
import { addToRollup, ROLLUPS, type Tables } from './tables.ts';

type FoldInput = Parameters<AnalyticsWriter['fold']>[0];

const HOUR_MS = 3_600_000;

export function foldRows(tables: Tables, state: FaultState, input: FoldInput): void {
  const rows = rowsToFold(tables, input);
  const half = rows.slice(0, Math.floor(rows.length / 2));
  const fault = state.pendingFolds.shift();
  switch (fault) {
    case undefined:
      store(tables, rows);
      return;
    case 'answer_lost':
      store(tables, rows);
      throw unknownOutcome('the answer was lost');
    case 'half_in':
      store(tables, half);
      throw unknownOutcome('the server crashed');
    case 'half_answered':
      store(tables, half);
      return;
    case 'runs_on':
      state.late.push({ token: '', finish: () => store(tables, rows) });
      throw unknownOutcome('the statement runs on');
    case 'not_reached':
      throw notReached();
  }
}

function store(tables: Tables, rows: readonly UsageRow[]): void {
  for (const row of rows) tables.folded.push(row);
  for (const grain of ROLLUPS) addToRollup(tables, grain, rows);
}

/** Each as often as it stands. */
function rowsToFold(tables: Tables, input: FoldInput): readonly UsageRow[] {
  const { generation } = input;
  const same = Map.groupBy(standingRows(tables, input), contentOf);
  return [...same.values()].flatMap((members) => {
    const net = members.reduce((total, { sign }) => total + sign, 0);
    const copy = { ...members[0], generation, sign: 1, chunk: '' } as UsageRow;
    return Array.from({ length: Math.max(0, net) }, () => copy);
  });
}

export function standingTotals(tables: Tables, query: FoldQuery): readonly RollupTotals[] {
  return totalsOf(standingRows(tables, query));
}

export function foldedTotals(
  tables: Tables,
  query: Parameters<AnalyticsReader['foldedTotals']>[0],
): readonly RollupTotals[] {
  const { generation } = query;
  return totalsOf(tables.folded.filter((row) => row.generation === generation && isIn(row, query)));
}

function standingRows(tables: Tables, query: FoldQuery): readonly UsageRow[] {
  return tables.rows.usage.filter((row) => row.revision < query.belowRevision && isIn(row, query));
}

function isIn(row: UsageRow, query: Omit<FoldQuery, 'belowRevision'>): boolean {
  const { tenant, meter, fromMs, toMs } = query;
  return row.tenant === tenant && row.meter === meter && row.timeMs >= fromMs && row.timeMs < toMs;
}

function totalsOf(rows: readonly UsageRow[]): readonly RollupTotals[] {
  const hours = Map.groupBy(rows, ({ timeMs }) => Math.floor(timeMs / HOUR_MS) * HOUR_MS);
  return [...hours]
    .map(([hourMs, members]) => {
      const count = members.reduce((total, { sign }) => total + sign, 0);
      const quantity = members.reduce(
        (sum, row) => addExact(sum, multiplyExact(decimal(row.quantity), decimal(row.sign))),
        decimal(0),
      );
      const hashes = members.reduce((sum, row) => sum + hash64(contentOf(row)) * BigInt(row.sign), 0n);
      const fingerprint = BigInt.asIntN(64, hashes).toString();
      return { hourMs, rows: String(count), quantity: decimalText(quantity), fingerprint };
    })
    .filter((totals) => totals.rows !== '0' || totals.fingerprint !== '0')
    .sort((a, b) => a.hourMs - b.hourMs);
}

function contentOf(row: UsageRow): string {
  const { meterVersion, customer, dimensions, timeMs, source, id, quantity, uniqueKey } = row;
  const number = decimalText(decimal(quantity));
  return JSON.stringify([meterVersion, customer, dimensions, timeMs, source, id, number, uniqueKey]);
}
