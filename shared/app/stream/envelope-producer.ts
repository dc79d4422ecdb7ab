import type { EnvelopeHeader, EventsHeader } from '../../contracts/envelope.ts';
import type { Correction } from '../../domain/corrections/correction.ts';
import type { UsageEvent } from '../../domain/events/event.ts';
import { type Lane, laneOfEvent } from '../../domain/events/lane.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EventStream, PutRecordResult, StreamRecordInput } from '../../ports/event-stream.ts';
import { StoreError } from '../../ports/store-error.ts';
import { encodeBody, encodeHeader } from './envelope-codec.ts';

/** A group of one tenant's events that travels as one record, or not at all. */
interface PendingEnvelope {
  readonly lane: Lane;
  readonly indexes: readonly number[];
  readonly count: number;
  readonly body: Buffer;
}

export type EventsToSend = {
  readonly tenant: string;
  readonly receivedAtMs: number;
  readonly traceId: string;
} & (
  | { readonly kind: 'events'; readonly lines: readonly UsageEvent[] }
  | { readonly kind: 'corrections'; readonly lines: readonly Correction[] }
);

export interface EnvelopeProducer {
  /** Writes a tenant's events or corrections; true at an index once that line is durable in the stream. Never throws StoreError. */
  send(input: EventsToSend): Promise<readonly boolean[]>;
}

const RETRY_PAUSE_MS = 50;

interface ProducerDeps {
  readonly stream: EventStream;
  readonly clock: Clock;
  /** Unique to this process' life: numbers of another life would look like gaps. */
  readonly producer: string;
  /** In force of a tenant; fewer are always right. */
  readonly subLanes: (tenant: string) => Promise<number>;
  /** Told why the stream took nothing, at each try: clients learn only that they may send again. */
  readonly onOutage?: (error: StoreError) => void;
}

export function createEnvelopeProducer(deps: ProducerDeps): EnvelopeProducer {
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
    send: async ({ tenant, kind, lines, receivedAtMs, traceId }) => {
      const subLanes = await deps.subLanes(tenant);
      const written = lines.map(() => false);
      let pending = packEnvelopes(lines, (line) => laneOfEvent(tenant, line, subLanes));
      for (let attempt = 1; pending.length > 0 && attempt <= LIMITS.streamPutAttempts; attempt += 1) {
        if (attempt > 1) await deps.clock.sleep(RETRY_PAUSE_MS * 2 ** (attempt - 2));
        const headers = pending.map((envelope): EventsHeader => {
          const { lane } = envelope;
          const numbers = number(lane);
          const fixed = { v: 1, kind, tenant, lane, producer: deps.producer } as const;
          return { ...fixed, ...numbers, receivedAtMs, count: envelope.count, traceId };
        });
        // Counted as unacknowledged before the call: an answer that never comes must leave a trace.
        for (const { lane, seq } of headers) unacknowledged.get(lane)?.add(seq);
        const results = await put(
          pending.map((envelope, i) => toRecord(envelope.lane, headers[i], envelope.body)),
        );
        for (const [i, header] of headers.entries())
          settle(unacknowledged.get(header.lane), header, results[i]);
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

/** As few envelopes as lanes and the two size limits allow; halves until each fits. */
function packEnvelopes(
  lines: readonly (UsageEvent | Correction)[],
  laneOf: (line: UsageEvent | Correction) => Lane,
): PendingEnvelope[] {
  const pack = (
    lane: Lane,
    chosen: readonly { readonly index: number; readonly line: UsageEvent | Correction }[],
  ): PendingEnvelope[] => {
    const { rawBytes, body } = encodeBody(chosen.map(({ line }) => line));
    const fits = rawBytes <= LIMITS.envelopeRawBytes && body.length <= LIMITS.envelopeCompressedBytes;
    if (fits || chosen.length === 1) {
      return [{ lane, indexes: chosen.map(({ index }) => index), count: chosen.length, body }];
    }
    const middle = Math.ceil(chosen.length / 2);
    return [...pack(lane, chosen.slice(0, middle)), ...pack(lane, chosen.slice(middle))];
  };
  const indexed = lines.map((line, index) => ({ index, line }));
  return [...Map.groupBy(indexed, ({ line }) => laneOf(line))].flatMap(([lane, chosen]) =>
    pack(lane, chosen),
  );
}
