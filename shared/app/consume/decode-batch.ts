import type { EventsHeader, PageHeader } from '../../contracts/envelope.ts';
import type { Lane } from '../../domain/events/lane.ts';
import { type AppError, appError } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { StreamRecord } from '../../ports/event-stream.ts';
import { type DecodedLine, decodeEvents, decodeHeader } from '../stream/envelope-codec.ts';

/** Bytes of an unreadable record that quarantine keeps, for whoever has to find out what it was. */
const KEPT_BYTES = 4096;

export interface FenceRecord {
  readonly lane: Lane;
  readonly number: number;
  readonly timeMs: number;
  readonly position: string;
}

/** One record of events: its lines, or why none of it can be read. */
export interface EnvelopeRecord {
  readonly lane: Lane;
  readonly shardId: string;
  readonly position: string;
  readonly receivedAtMs: number;
  readonly content: Result<
    { readonly header: EventsHeader; readonly lines: readonly DecodedLine[] },
    { readonly tenant: string; readonly error: AppError; readonly kept: string }
  >;
}

/** A page of a job, which becomes a chunk of its own. */
export interface PageRecord {
  readonly lane: Lane;
  readonly shardId: string;
  readonly position: string;
  readonly header: PageHeader;
}

export interface DecodedBatch {
  readonly fences: readonly FenceRecord[];
  readonly pages: readonly PageRecord[];
  readonly envelopes: readonly EnvelopeRecord[];
}

/** Reads a batch of stream records in order. Nothing is dropped: what cannot be read is answered as such. */
export function decodeBatch(records: readonly StreamRecord[]): DecodedBatch {
  const fences: FenceRecord[] = [];
  const pages: PageRecord[] = [];
  const envelopes: EnvelopeRecord[] = [];
  for (const record of records) {
    const decoded = decodeRecord(record);
    if ('number' in decoded) fences.push(decoded);
    else if ('header' in decoded) pages.push(decoded);
    else envelopes.push(decoded);
  }
  return { fences, pages, envelopes };
}

function decodeRecord(record: StreamRecord): FenceRecord | PageRecord | EnvelopeRecord {
  const { partitionKey: lane, shardId, sequenceNumber: position, data } = record;
  const place = { lane, shardId, position };
  const unreadable = (tenant: string, error: AppError): EnvelopeRecord => {
    const kept = Buffer.from(data.subarray(0, KEPT_BYTES)).toString('base64');
    return { ...place, receivedAtMs: record.arrivedAtMs, content: err({ tenant, error, kept }) };
  };
  const decoded = decodeHeader(data);
  if (!decoded.ok) return unreadable('', decoded.error);
  const { header, bodyOffset } = decoded.value;
  const tenant = header.kind === 'fence' ? '' : header.tenant;
  if (header.lane !== lane) {
    return unreadable(tenant, appError('envelope.malformed', `lane ${header.lane} arrived in lane ${lane}`));
  }
  if (header.kind === 'fence') return { lane, position, number: header.number, timeMs: header.timeMs };
  if (header.kind === 'page') return { ...place, header };
  const body = decodeEvents(header, data.subarray(bodyOffset));
  if (!body.ok) return unreadable(tenant, body.error);
  return { ...place, receivedAtMs: header.receivedAtMs, content: ok(body.value) };
}
