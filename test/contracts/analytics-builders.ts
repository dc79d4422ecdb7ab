import type {
  AnalyticsTable,
  ChangeRow,
  EventRow,
  QuarantineRow,
  ResendRow,
  RowsByTable,
  UsageRow,
} from '../../shared/domain/metering/rows.ts';
import type { UsageGrain, UsageReadPlan } from '../../shared/domain/metering/usage-read.ts';
import { monthPartition } from '../../shared/kernel/time.ts';
import type { Analytics, AnalyticsPart } from '../../shared/ports/analytics.ts';

export interface AnalyticsUnderTest {
  /** One store for all tests of a file: each takes a tenant and chunks of its own. */
  readonly analytics: () => Analytics;
  /** Runs of each property. */
  readonly runs: number;
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** A Tuesday at noon. */
export const NOON_MS = Date.UTC(2026, 10, 24, 12);

let drawn = 0;

/** A name that no other test has: stores are shared by the tests of a file. */
export function unique(kind: string): string {
  drawn += 1;
  return `${kind}-${drawn}`;
}

function origin() {
  drawn += 1;
  return {
    tenant: 'acme',
    chunk: 'chunk',
    fence: 7,
    revision: 3,
    rowHash: (BigInt(drawn) << 40n).toString(),
  };
}

export function usageRow(fields: Partial<UsageRow> = {}): UsageRow {
  return {
    ...origin(),
    meter: 'tokens',
    meterVersion: 1,
    customer: 'globex',
    source: 'default',
    id: unique('event'),
    timeMs: NOON_MS,
    quantity: '1',
    uniqueKey: '',
    dimensions: '{}',
    generation: 0,
    sign: 1,
    ...fields,
  };
}

export function eventRow(fields: Partial<EventRow> = {}): EventRow {
  return {
    ...origin(),
    source: 'default',
    id: unique('event'),
    type: 'llm.request',
    customer: 'globex',
    customerReference: 'globex-1',
    timeMs: NOON_MS,
    timeSent: true,
    receivedAtMs: NOON_MS + 1_234,
    properties: '{"tokens":1}',
    fingerprint: 'f'.repeat(64),
    status: 'counted',
    reason: '',
    link: 0,
    ...fields,
  };
}

export function resendRow(fields: Partial<ResendRow> = {}): ResendRow {
  const { customer: _customer, status: _status, reason: _reason, link: _link, ...shared } = eventRow();
  return { ...shared, ownerChunk: 'owner', differs: true, ownerFingerprint: 'e'.repeat(64), ...fields };
}

export function quarantineRow(fields: Partial<QuarantineRow> = {}): QuarantineRow {
  return {
    ...origin(),
    entry: unique('entry'),
    meter: 'tokens',
    source: 'default',
    id: unique('event'),
    customer: 'globex',
    type: 'llm.request',
    timeMs: NOON_MS,
    receivedAtMs: NOON_MS + 1_234,
    code: 'meter.value_missing',
    message: 'The event has no value for the meter',
    content: '{}',
    ...fields,
  };
}

export function changeRow(fields: Partial<ChangeRow> = {}): ChangeRow {
  return {
    ...origin(),
    source: 'default',
    id: unique('event'),
    link: 1,
    correction: 1,
    action: 'amend',
    status: 'applied',
    reason: 'wrong figures',
    job: '',
    fingerprint: 'f'.repeat(64),
    timeMs: NOON_MS,
    payload: '{"type":"llm.request"}',
    ...fields,
  };
}

export function partOf<T extends AnalyticsTable>(
  table: T,
  rows: readonly RowsByTable[T][],
  token?: string,
): AnalyticsPart {
  const partition = monthPartition(rows[0]?.timeMs ?? NOON_MS);
  return { table, partition, token: token ?? unique('token'), rows } as AnalyticsPart;
}

/** Inserts rows of any months and chunks, a part for each. */
export async function insertAll<T extends AnalyticsTable>(
  analytics: Analytics,
  table: T,
  rows: readonly RowsByTable[T][],
): Promise<void> {
  const parts = Map.groupBy(rows, ({ timeMs, chunk }) => `${chunk}/${monthPartition(timeMs)}`);
  for (const part of parts.values()) await analytics.insert(partOf(table, part));
}

/** The day of NOON_MS as one window, from one grain. */
export function dayPlan(
  tenant: string,
  fields: Partial<UsageReadPlan> & { readonly grain?: UsageGrain } = {},
): UsageReadPlan {
  const { grain = 'usage', ...plan } = fields;
  const fromMs = plan.fromMs ?? NOON_MS - 12 * HOUR_MS;
  const toMs = plan.toMs ?? NOON_MS + 12 * HOUR_MS;
  return {
    tenant,
    meter: 'tokens',
    generations: [],
    aggregation: 'sum',
    fromMs,
    toMs,
    segments: [{ grain, fromMs, toMs }],
    windows: { kind: 'single' },
    groupBy: [],
    filters: {},
    ...plan,
  };
}
