import type { EnvelopeHeader, EventsHeader } from '../../contracts/envelope.ts';
import type { UsageEvent } from '../../domain/events/event.ts';
import { type Lane, laneOfTenant } from '../../domain/events/lane.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EventStream, PutRecordResult, StreamRecordInput } from '../../ports/event-stream.ts';
import { StoreError } from '../../ports/store-error.ts';
import { encodeBody, encodeHeader } from './envelope-codec.ts';

/** A group of one tenant's events that travels as one record, or not at all. */
interface PendingEnvelope {
  readonly indexes: readonly number[];
  readonly count: number;
  readonly body: Buffer;
}

export interface EnvelopeProducer {
  /** Writes a tenant's events; true at an index once that event is durable in the stream. Never throws StoreError. */
  send(input: {
    readonly tenant: string;
    readonly events: readonly UsageEvent[];
    readonly receivedAtMs: number;
    readonly traceId: string;
  }): Promise<readonly boolean[]>;
}

const RETRY_PAUSE_MS = 50;

/** `producer` is unique to this process' life: numbers of another life would look like gaps. */
export function createEnvelopeProducer(deps: {
  readonly stream: EventStream;
  readonly clock: Clock;
  readonly producer: string;
  /** Told why the stream took nothing, at each try: clients learn only that they may send again. */
  readonly onOutage?: (error: StoreError) => void;
}): EnvelopeProducer {
  const nextSequence = new Map<Lane, number>();
  const unacknowledged = new Map<Lane, Set<number>>();

  function number(lane: Lane): { seq: number; unacknowledged: number[] } {
    const seq = nextSequence.get(lane) ?? 0;
    nextSequence.set(lane, seq + 1);
    const open = unacknowledged.get(lane) ?? new Set<number>();
    unacknowledged.set(lane, open);
    const listed = [...open].slice(0, LIMITS.envelopeUnacknowledged);
    return { seq, unacknowledged: listed };
  }

  async function put(records: readonly StreamRecordInput[]): Promise<readonly PutRecordResult[]> {
    try {
      return await deps.stream.putRecords(records);
    } catch (thrown) {
      if (!(thrown instanceof StoreError)) throw thrown;
      deps.onOutage?.(thrown);
      return records.map(() => ({ ok: false, code: 'internal' }));
    }
  }

  return {
    send: async ({ tenant, events, receivedAtMs, traceId }) => {
      const lane = laneOfTenant(tenant);
      const written = events.map(() => false);
      let pending = packEnvelopes(events);
      for (let attempt = 1; pending.length > 0 && attempt <= LIMITS.streamPutAttempts; attempt += 1) {
        if (attempt > 1) await deps.clock.sleep(RETRY_PAUSE_MS * 2 ** (attempt - 2));
        const headers = pending.map((envelope): EventsHeader => {
          const numbers = number(lane);
          const fixed = { v: 1, kind: 'events', tenant, lane, producer: deps.producer } as const;
          return { ...fixed, ...numbers, receivedAtMs, count: envelope.count, traceId };
        });
        // Counted as unacknowledged before the call: an answer that never comes must leave a trace.
        for (const header of headers) unacknowledged.get(lane)?.add(header.seq);
        const results = await put(pending.map((envelope, i) => toRecord(lane, headers[i], envelope.body)));
        for (const [i, header] of headers.entries()) settle(unacknowledged.get(lane), header, results[i]);
        pending = pending.filter((envelope, i) => {
          const done = results[i]?.ok === true;
          if (done) for (const index of envelope.indexes) written[index] = true;
          return !done;
        });
      }
      return written;
    },
  };
}

/** An acknowledged number is settled, and so are those that its envelope made known to the consumer. */
function settle(
  open: Set<number> | undefined,
  header: EventsHeader,
  result: PutRecordResult | undefined,
): void {
  if (open === undefined || result?.ok !== true) return;
  open.delete(header.seq);
  for (const seq of header.unacknowledged) open.delete(seq);
}

function toRecord(lane: Lane, header: EnvelopeHeader | undefined, body: Buffer): StreamRecordInput {
  const head = header === undefined ? Buffer.alloc(0) : encodeHeader(header);
  return { partitionKey: lane, data: Buffer.concat([head, body]) };
}

/** As few envelopes as the two size limits allow; halves until each fits. */
function packEnvelopes(events: readonly UsageEvent[]): PendingEnvelope[] {
  const pack = (indexes: readonly number[], chosen: readonly UsageEvent[]): PendingEnvelope[] => {
    const { rawBytes, body } = encodeBody(chosen);
    const fits = rawBytes <= LIMITS.envelopeRawBytes && body.length <= LIMITS.envelopeCompressedBytes;
    if (fits || chosen.length === 1) return [{ indexes, count: chosen.length, body }];
    const middle = Math.ceil(chosen.length / 2);
    return [
      ...pack(indexes.slice(0, middle), chosen.slice(0, middle)),
      ...pack(indexes.slice(middle), chosen.slice(middle)),
    ];
  };
  return events.length === 0 ? [] : pack([...events.keys()], events);
}
