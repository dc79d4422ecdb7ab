import { canonicalJson } from '../../kernel/canonical-json.ts';
import { hash64 } from '../../kernel/hash.ts';
import type { UsageEvent } from '../events/event.ts';
import type { StagedEntry } from '../events/staged-entry.ts';
import type { GenerationOf } from './generations.ts';
import type { EventRow, QuarantineRow, ResendRow, RowsByTable, UsageRow } from './rows.ts';

export type PlanRows = { [T in keyof RowsByTable]: RowsByTable[T][] };
export type StagedEvent = Extract<StagedEntry, { kind: 'event' }>;

/** Whose rows they are, and what they were made with. */
export interface PlanOrigin {
  readonly tenant: string;
  readonly chunk: string;
  readonly fence: number;
  /** The tenant's catalogue revision; 0 for what no catalogue was asked about. */
  readonly revision: number;
}

/** An event as it arrived. */
export interface Arrived {
  readonly event: UsageEvent;
  readonly receivedAtMs: number;
}

export function eventRow(
  from: PlanOrigin,
  arrived: Arrived,
  decided: Pick<EventRow, 'link' | 'fingerprint' | 'customer' | 'status' | 'reason'>,
): EventRow {
  return hashed<EventRow>({ ...originOf(from), ...eventFields(arrived), ...decided });
}

export function usageRow(
  from: PlanOrigin,
  { source, id }: Pick<UsageEvent, 'source' | 'id'>,
  counted: Omit<UsageRow, keyof PlanOrigin | 'rowHash' | 'source' | 'id' | 'generation'>,
  generationOf: GenerationOf,
): UsageRow {
  const { tenant, revision } = from;
  const { meter, timeMs } = counted;
  const generation = generationOf({ tenant, revision, meter, timeMs });
  return hashed<UsageRow>({ ...originOf(from), source, id, ...counted, generation });
}

export function resendRow(
  from: PlanOrigin,
  arrived: Arrived,
  found: { readonly owner: string; readonly fingerprint: string; readonly ownerFingerprint: string },
): ResendRow {
  return hashed<ResendRow>({
    ...originOf(from),
    ...eventFields(arrived),
    ownerChunk: found.owner,
    differs: found.fingerprint !== found.ownerFingerprint,
    fingerprint: found.fingerprint,
    ownerFingerprint: found.ownerFingerprint,
  });
}

export function quarantineRow(
  from: PlanOrigin,
  arrived: Arrived & { readonly entry: string },
  found: Pick<QuarantineRow, 'meter' | 'customer' | 'code' | 'message'>,
): QuarantineRow {
  const { source, id, type, timeMs, receivedAtMs, properties: content } = eventFields(arrived);
  const event = { source, id, type, timeMs, receivedAtMs };
  return hashed<QuarantineRow>({ ...originOf(from), entry: arrived.entry, ...event, ...found, content });
}

export function unreadableRow(
  from: PlanOrigin,
  entry: Extract<StagedEntry, { kind: 'unreadable' }>,
): QuarantineRow {
  const { receivedAtMs, code, message, content } = entry;
  return hashed<QuarantineRow>({
    ...originOf(from),
    entry: entry.entry,
    meter: '',
    source: '',
    id: '',
    customer: '',
    type: '',
    timeMs: receivedAtMs,
    receivedAtMs,
    code,
    message,
    content,
  });
}

/** The row with its own hash, which depends on the order of its fields. */
export function hashed<T extends { readonly rowHash: string }>(row: Omit<T, 'rowHash'>): T {
  return { ...row, rowHash: hash64(JSON.stringify(row)).toString() } as T;
}

export function originOf({ tenant, chunk, fence, revision }: PlanOrigin): PlanOrigin {
  return { tenant, chunk, fence, revision };
}

function eventFields({ event, receivedAtMs }: Arrived) {
  const { source, id, type, customer: customerReference, timeMs, timeSent } = event;
  const properties = canonicalJson(event.properties);
  return { source, id, type, customerReference, timeMs, timeSent, receivedAtMs, properties };
}
