import { cloudEventField } from '../../contracts/cloud-event.ts';
import type { IngestAnswer, IngestResult } from '../../contracts/event.ts';
import type { UsageEvent } from '../../domain/events/event.ts';
import type { AppError, FieldIssue, Quota } from '../../kernel/errors.ts';
import type { NumberIssue } from '../../kernel/json-source.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EnvelopeProducer } from '../stream/envelope-producer.ts';
import type { AcceptanceClock } from './acceptance-clock.ts';
import { type EventFormat, type EventList, listEvents } from './event-list.ts';
import { parseEvent } from './parse-event.ts';

export interface IngestInput {
  readonly tenant: { readonly key: string; readonly mode: 'live' | 'test' };
  readonly body: unknown;
  readonly format: EventFormat;
  /** Numbers of the body that JSON cannot carry exactly, found in its source text. */
  readonly numberIssues: readonly NumberIssue[];
  readonly traceId: string;
  /** Asked before anything is written, with the number of events: an error refuses all of the request. */
  readonly admit: (count: number) => Promise<Result<Quota, AppError>>;
}

interface Ingested {
  readonly answer: IngestAnswer;
  /** What the caller may still send. */
  readonly quota: Quota;
}

type Parsed = Result<UsageEvent, FieldIssue>;

/** Accepts events: answers for each, and only after every accepted one is durable in the stream. */
export function ingestEvents(deps: {
  readonly producer: EnvelopeProducer;
  readonly acceptanceClock: AcceptanceClock;
  readonly clock: Clock;
}) {
  return async (input: IngestInput): Promise<Result<Ingested, AppError>> => {
    const list = listEvents(input.body, input.format);
    const admitted = await input.admit(list.ok ? list.value.values.length : 1);
    if (!admitted.ok) return admitted;
    if (!list.ok) return list;
    const receivedAtMs = deps.clock.nowMs();
    const parsed = await deps.acceptanceClock.accept(input.tenant, (nowMs) => {
      const all = parseAll(input, list.value, { nowMs, receivedAtMs });
      return { value: all, accepts: all.some((event) => event.ok) };
    });
    const accepted = parsed.flatMap((event, index) => (event.ok ? [{ index, event: event.value }] : []));
    const written = await deps.producer.send({
      tenant: input.tenant.key,
      kind: 'events',
      lines: accepted.map(({ event }) => event),
      receivedAtMs,
      traceId: input.traceId,
    });
    const durable = new Set(accepted.filter((_, i) => written[i] === true).map(({ index }) => index));
    const results = parsed.map((event, index) => toResult(event, index, durable, list.value, input));
    return ok({ answer: answer(results), quota: admitted.value });
  };
}

function parseAll(
  input: IngestInput,
  list: EventList,
  { nowMs, receivedAtMs }: { readonly nowMs: number; readonly receivedAtMs: number },
): Parsed[] {
  const inexact = new Map<number, FieldIssue>();
  for (const number of input.numberIssues) {
    const { index, rest } = list.locate(number.path);
    if (inexact.has(index)) continue;
    const path = rest.join('.');
    const code = number.kind === 'unsafe_integer' ? 'event.unsafe_integer' : 'event.number_out_of_range';
    inexact.set(index, { path, code, message: `send ${number.source.slice(0, 40)} as a string` });
  }
  return list.values.map((value, index) => {
    const wrongNumber = inexact.get(index);
    return wrongNumber === undefined
      ? parseEvent({ value, nowMs, window: { receivedAtMs } })
      : err(wrongNumber);
  });
}

function toResult(
  parsed: Parsed,
  index: number,
  durable: ReadonlySet<number>,
  list: EventList,
  input: IngestInput,
): IngestResult {
  const value = list.values[index];
  const sentId = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  const id = typeof sentId === 'string' ? { id: sentId.slice(0, 256) } : {};
  if (parsed.ok) {
    if (durable.has(index)) return { index, ...id, status: 'accepted' };
    const message = 'outcome unknown: send it again with the same id';
    return { index, ...id, status: 'retry', code: 'event.not_written', message };
  }
  const { code, path, message } = parsed.error;
  // Numbers are found in the body as sent, so their paths already are the client's.
  const isSourcePath = code === 'event.unsafe_integer' || code === 'event.number_out_of_range';
  const field = input.format === 'countinghouse' || isSourcePath ? path : cloudEventField(path);
  return { index, ...id, status: 'rejected', code, field, message };
}

function answer(results: readonly IngestResult[]): IngestAnswer {
  const count = (status: IngestResult['status']) =>
    results.filter((result) => result.status === status).length;
  return {
    accepted: count('accepted'),
    rejected: count('rejected'),
    retry: count('retry'),
    results: [...results],
  };
}
