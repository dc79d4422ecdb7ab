import type { Correction } from '../../domain/corrections/correction.ts';
import { appError } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { Clock } from '../../ports/clock.ts';
import type { AcceptanceClock } from '../ingest/acceptance-clock.ts';
import { parseEvent } from '../ingest/parse-event.ts';
import type { TenantRecord } from '../records/tenant.ts';
import type { EnvelopeProducer } from '../stream/envelope-producer.ts';

export interface SendCorrectionDeps {
  readonly producer: EnvelopeProducer;
  readonly acceptanceClock: AcceptanceClock;
  readonly clock: Clock;
}

interface SendCorrectionInput
  extends Pick<Correction, 'source' | 'id' | 'revision' | 'reason' | 'eventTimeMs'> {
  readonly tenant: Pick<TenantRecord, 'key' | 'mode' | 'claims'>;
  readonly traceId: string;
  /** The whole event as it should have been; absent: it should never have been sent. */
  readonly event?: object;
}

/**
 * Accepts a correction: answers only after it is durable in the stream. What it does is decided when it is counted, in the
 * order of revisions. Errors: those of an event, each with its field; `correction.other_event`, `correction.time_required`,
 * `event.not_written` (outcome unknown: send it again).
 */
export function sendCorrection(
  deps: SendCorrectionDeps,
): (input: SendCorrectionInput) => Promise<Result<Correction>> {
  return async (input) => {
    const { tenant, source, id, revision, reason, eventTimeMs, traceId } = input;
    // There, the time of an event is where its claim lies.
    if (tenant.claims === 'packed-by-time' && eventTimeMs === null) {
      return wrong('correction.time_required', 'eventTime');
    }
    const parsed = await deps.acceptanceClock.accept(tenant, (nowMs) => {
      const value = amendedEvent(input, nowMs);
      return { value, accepts: value.ok };
    });
    if (!parsed.ok) return parsed;
    const event = parsed.value;
    const action = event === null ? 'revoke' : 'amend';
    const correction: Correction = { source, id, revision, action, eventTimeMs, reason, event };
    const [written] = await deps.producer.send({
      tenant: tenant.key,
      kind: 'corrections',
      lines: [correction],
      receivedAtMs: deps.clock.nowMs(),
      traceId,
    });
    return written === true ? ok(correction) : err(appError('event.not_written'));
  };
}

/** However old: what was wrong a year ago is corrected today. */
function amendedEvent(
  { event, source, id }: SendCorrectionInput,
  nowMs: number,
): Result<Correction['event']> {
  if (event === undefined) return ok(null);
  const parsed = parseEvent({ value: event, nowMs, window: 'any_past' });
  if (!parsed.ok) {
    const { path, code, message } = parsed.error;
    const issue = { path: path === '' ? 'event' : `event.${path}`, code, message };
    return err(appError(code, undefined, [issue]));
  }
  if (!parsed.value.timeSent) return wrong('correction.time_required', 'event.time');
  if (parsed.value.id !== id) return wrong('correction.other_event', 'event.id');
  if (parsed.value.source !== source) return wrong('correction.other_event', 'event.source');
  return ok(parsed.value);
}

function wrong(code: 'correction.time_required' | 'correction.other_event', path: string): Result<never> {
  const error = appError(code);
  return err(appError(code, undefined, [{ path, code, message: error.detail }]));
}
