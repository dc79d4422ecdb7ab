import type { ChangeRow, EventRow, QuarantineRow, ResendRow, UsageRow } from '../../domain/metering/rows.ts';
import { assert } from '../../kernel/assert.ts';
import { monthPartition } from '../../kernel/time.ts';
import type { AnalyticsPart } from '../../ports/analytics.ts';
import { columnQuantity, columnTime, isColumnTime, isUnsigned } from './columns.ts';
import { refused } from './store-errors.ts';

/** A row as JSONEachRow takes it: decimals and 64-bit integers as text. */
export type StoredRecord = Readonly<Record<string, string | number | boolean>>;

/** One token is known once a partition: rows of another month, or of another chunk, must not go in under it. */
export function assertWhole(part: AnalyticsPart): void {
  for (const row of part.rows) {
    assert(monthPartition(row.timeMs) === part.partition, 'a row belongs to another partition than its part');
    assert(row.chunk === part.rows[0]?.chunk, 'a part holds the rows of one chunk');
  }
}

/** Throws a StoreError of outcome `refused` for a value that the store would change without an error. */
export function toRecords(part: AnalyticsPart): readonly StoredRecord[] {
  switch (part.table) {
    case 'events':
      return part.rows.map(eventRecord);
    case 'usage':
      return part.rows.map(usageRecord);
    case 'resends':
      return part.rows.map(resendRecord);
    case 'quarantine':
      return part.rows.map(quarantineRecord);
    case 'changes':
      return part.rows.map(changeRecord);
  }
}

function eventRecord(row: EventRow): StoredRecord {
  return {
    ...originOf(row),
    source: row.source,
    id: row.id,
    type: row.type,
    customer: row.customer,
    customer_reference: row.customerReference,
    ...receivedOf(row),
    time_sent: row.timeSent,
    properties: row.properties,
    fingerprint: row.fingerprint,
    status: row.status,
    reason: row.reason,
    link: String(row.link),
  };
}

function changeRecord(row: ChangeRow): StoredRecord {
  return {
    ...originOf(row),
    source: row.source,
    id: row.id,
    link: String(row.link),
    correction: row.correction,
    action: row.action,
    status: row.status,
    reason: row.reason,
    job: row.job,
    fingerprint: row.fingerprint,
    time: storedTime(row.timeMs),
    payload: row.payload,
  };
}

function usageRecord(row: UsageRow): StoredRecord {
  const quantity = columnQuantity(row.quantity);
  if (quantity === null) throw refused('a quantity does not fit Decimal(38,12)');
  const fits = isUnsigned(row.meterVersion, 32) && isUnsigned(row.generation, 32);
  if (!fits) throw refused('a version or generation does not fit 32 bits');
  return {
    ...originOf(row),
    meter: row.meter,
    meter_version: row.meterVersion,
    generation: row.generation,
    customer: row.customer,
    dimensions: row.dimensions,
    time: storedTime(row.timeMs),
    source: row.source,
    id: row.id,
    quantity,
    unique_key: row.uniqueKey,
    sign: row.sign,
  };
}

function resendRecord(row: ResendRow): StoredRecord {
  return {
    ...originOf(row),
    source: row.source,
    id: row.id,
    owner_chunk: row.ownerChunk,
    differs: row.differs,
    type: row.type,
    customer_reference: row.customerReference,
    ...receivedOf(row),
    time_sent: row.timeSent,
    properties: row.properties,
    fingerprint: row.fingerprint,
    owner_fingerprint: row.ownerFingerprint,
  };
}

function quarantineRecord(row: QuarantineRow): StoredRecord {
  return {
    ...originOf(row),
    entry: row.entry,
    meter: row.meter,
    source: row.source,
    id: row.id,
    customer: row.customer,
    type: row.type,
    ...receivedOf(row),
    code: row.code,
    message: row.message,
    content: row.content,
  };
}

function originOf(row: Pick<EventRow, 'tenant' | 'chunk' | 'fence' | 'revision' | 'rowHash'>) {
  const { tenant, chunk, fence, revision, rowHash } = row;
  const fits = [fence, revision, rowHash].every((value) => isUnsigned(value, 64));
  if (!fits) throw refused('a fence, revision or row hash does not fit 64 bits');
  return { tenant, chunk, fence: String(fence), revision: String(revision), row_hash: rowHash };
}

function receivedOf(row: { readonly timeMs: number; readonly receivedAtMs: number }) {
  return { time: storedTime(row.timeMs), received_at: storedTime(row.receivedAtMs) };
}

function storedTime(timeMs: number): string {
  if (!isColumnTime(timeMs)) throw refused('a time is outside the years that a column keeps, 1900 to 2299');
  return columnTime(timeMs);
}
