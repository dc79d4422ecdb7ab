import { defined } from '../../kernel/assert.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { hash64 } from '../../kernel/hash.ts';
import { monthPartition } from '../../kernel/time.ts';
import { eventFingerprint, type UsageEvent } from '../events/event.ts';
import { identityKey, type StagedEntry } from '../events/staged-entry.ts';
import type { CompiledMeter } from './meter.ts';
import type {
  AnalyticsTable,
  EventRow,
  EventStatus,
  QuarantineRow,
  ResendRow,
  RowsByTable,
  UsageRow,
} from './rows.ts';

type StagedEvent = Extract<StagedEntry, { kind: 'event' }>;

/** A tenant's configuration as read for one plan: only meters in force at `revision` are in it. */
export interface CatalogueSnapshot {
  readonly revision: number;
  readonly meters: readonly {
    readonly key: string;
    readonly version: number;
    readonly compiled: CompiledMeter;
  }[];
  /** Customer by key or subject; absent: nobody, `archived`: known but not billed. */
  readonly customers: ReadonlyMap<string, { readonly customer: string; readonly archived: boolean }>;
}

/** What a chunk will do, decided once. Every later step, replay and reconciliation execute or read only this. */
export interface ChunkPlan {
  readonly v: 1;
  readonly chunk: string;
  readonly plannedAtMs: number;
  readonly revisions: Readonly<Record<string, number>>;
  readonly rows: { readonly [T in AnalyticsTable]: readonly RowsByTable[T][] };
  readonly parts: readonly PlannedPart[];
}

export interface PlannedPart {
  readonly table: AnalyticsTable;
  readonly partition: string;
  readonly rows: number;
  /** XOR of the rows' hashes, decimal. */
  readonly fingerprint: string;
}

export interface PlanInput {
  readonly chunk: string;
  readonly plannedAtMs: number;
  readonly entries: readonly StagedEntry[];
  /** Identity key to the chunk that owns it; every event of the chunk is in it. */
  readonly owners: ReadonlyMap<string, string>;
  /** Identity key to the owner's fingerprint, for identities that another chunk owns. */
  readonly ownerFingerprints: ReadonlyMap<string, string>;
  readonly catalogues: ReadonlyMap<string, CatalogueSnapshot>;
}

interface Rows {
  events: EventRow[];
  usage: UsageRow[];
  resends: ResendRow[];
  quarantine: QuarantineRow[];
}

/** Decides for each entry of a chunk whether it counts, is a resend, or is quarantined, and makes the rows. */
export function planChunk(input: PlanInput): ChunkPlan {
  const rows: Rows = { events: [], usage: [], resends: [], quarantine: [] };
  const firsts = new Map<string, string>();
  for (const entry of input.entries) {
    if (entry.kind === 'unreadable') {
      rows.quarantine.push(unreadableRow(input, entry));
      continue;
    }
    const key = identityKey({ tenant: entry.tenant, source: entry.event.source, id: entry.event.id });
    const owner = defined(input.owners.get(key), 'the owner of a planned event');
    const fingerprint = eventFingerprint(entry.event);
    const firstFingerprint = owner === input.chunk ? firsts.get(key) : input.ownerFingerprints.get(key);
    if (owner === input.chunk && firstFingerprint === undefined) {
      firsts.set(key, fingerprint);
      planOwned(input, entry, fingerprint, rows);
    } else {
      const ownerFingerprint = defined(firstFingerprint, "the owner's fingerprint of a resend");
      rows.resends.push(resendRow(input, entry, { owner, fingerprint, ownerFingerprint }));
    }
  }
  const revisions = Object.fromEntries(
    [...input.catalogues].map(([tenant, { revision }]) => [tenant, revision]),
  );
  return {
    v: 1,
    chunk: input.chunk,
    plannedAtMs: input.plannedAtMs,
    revisions,
    rows,
    parts: listParts(rows),
  };
}

function planOwned(input: PlanInput, entry: StagedEvent, fingerprint: string, rows: Rows): void {
  const { event } = entry;
  const catalogue = catalogueOf(input, entry.tenant);
  const found = catalogue.customers.get(event.customer);
  if (found === undefined || found.archived) {
    const reason = found === undefined ? 'customer.unknown' : 'customer.archived';
    rows.events.push(eventRow(input, entry, { fingerprint, customer: '', status: 'unattributed', reason }));
    return;
  }
  let reason = '';
  for (const meter of catalogue.meters) {
    const outcome = meter.compiled.evaluate(event);
    if (outcome.kind === 'not_matched') continue;
    if (outcome.kind === 'quarantined') {
      reason ||= outcome.error.code;
      const { code, detail: message } = outcome.error;
      rows.quarantine.push(
        quarantineRow(input, entry, { meter: meter.key, customer: found.customer, code, message }),
      );
      continue;
    }
    const { quantity, uniqueKey, dimensions } = outcome;
    const counted = { customer: found.customer, quantity, uniqueKey, dimensions };
    rows.usage.push(usageRow(input, entry, meter, counted));
  }
  const status: EventStatus = reason === '' ? 'counted' : 'quarantined';
  rows.events.push(eventRow(input, entry, { fingerprint, customer: found.customer, status, reason }));
}

function catalogueOf(input: PlanInput, tenant: string): CatalogueSnapshot {
  return defined(input.catalogues.get(tenant), 'the catalogue of a planned tenant');
}

function origin(input: PlanInput, entry: StagedEntry) {
  const revision = input.catalogues.get(entry.tenant)?.revision ?? 0;
  return { tenant: entry.tenant, chunk: input.chunk, fence: entry.fence, revision };
}

function eventFields(entry: StagedEvent) {
  const { source, id, type, customer, timeMs, timeSent, properties } = entry.event;
  const received = {
    timeMs,
    timeSent,
    receivedAtMs: entry.receivedAtMs,
    properties: canonicalJson(properties),
  };
  return { source, id, type, customerReference: customer, ...received };
}

function eventRow(
  input: PlanInput,
  entry: StagedEvent,
  decided: Pick<EventRow, 'fingerprint' | 'customer' | 'status' | 'reason'>,
): EventRow {
  return hashed<EventRow>({ ...origin(input, entry), ...eventFields(entry), ...decided });
}

function usageRow(
  input: PlanInput,
  entry: StagedEvent,
  meter: { readonly key: string; readonly version: number },
  counted: Pick<UsageRow, 'customer' | 'quantity' | 'uniqueKey' | 'dimensions'>,
): UsageRow {
  const { source, id, timeMs }: UsageEvent = entry.event;
  return hashed<UsageRow>({
    ...origin(input, entry),
    meter: meter.key,
    meterVersion: meter.version,
    source,
    id,
    timeMs,
    ...counted,
    generation: 0,
    sign: 1,
  });
}

function resendRow(
  input: PlanInput,
  entry: StagedEvent,
  found: { readonly owner: string; readonly fingerprint: string; readonly ownerFingerprint: string },
): ResendRow {
  return hashed<ResendRow>({
    ...origin(input, entry),
    ...eventFields(entry),
    ownerChunk: found.owner,
    differs: found.fingerprint !== found.ownerFingerprint,
    fingerprint: found.fingerprint,
    ownerFingerprint: found.ownerFingerprint,
  });
}

function quarantineRow(
  input: PlanInput,
  entry: StagedEvent,
  found: Pick<QuarantineRow, 'meter' | 'customer' | 'code' | 'message'>,
): QuarantineRow {
  const { source, id, type, timeMs, receivedAtMs, properties } = eventFields(entry);
  const event = { source, id, type, timeMs, receivedAtMs };
  return hashed<QuarantineRow>({
    ...origin(input, entry),
    entry: entry.entry,
    ...event,
    ...found,
    content: properties,
  });
}

function unreadableRow(input: PlanInput, entry: Extract<StagedEntry, { kind: 'unreadable' }>): QuarantineRow {
  return hashed<QuarantineRow>({
    ...origin(input, entry),
    entry: entry.entry,
    meter: '',
    source: '',
    id: '',
    customer: '',
    type: '',
    timeMs: entry.receivedAtMs,
    receivedAtMs: entry.receivedAtMs,
    code: entry.code,
    message: entry.message,
    content: entry.content,
  });
}

function hashed<T extends { readonly rowHash: string }>(row: Omit<T, 'rowHash'>): T {
  return { ...row, rowHash: hash64(JSON.stringify(row)).toString() } as T;
}

function listParts(rows: Rows): PlannedPart[] {
  const parts = new Map<string, { table: AnalyticsTable; partition: string; rows: number; xor: bigint }>();
  for (const table of ['events', 'usage', 'resends', 'quarantine'] as const) {
    for (const row of rows[table]) {
      const partition = monthPartition(row.timeMs);
      const part = parts.get(`${table}/${partition}`) ?? { table, partition, rows: 0, xor: 0n };
      part.rows += 1;
      part.xor ^= BigInt(row.rowHash);
      parts.set(`${table}/${partition}`, part);
    }
  }
  return [...parts.values()].map(({ xor, ...part }) => ({ ...part, fingerprint: xor.toString() }));
}
