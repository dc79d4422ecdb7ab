import { type IngestEvent, ingestEventSchema } from '../../contracts/event.ts';
import type { UsageEvent } from '../../domain/events/event.ts';
import { isIdTooOld } from '../../domain/events/id-time.ts';
import type { ErrorCode, FieldIssue } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { formatInstant, parseInstant } from '../../kernel/time.ts';

const DEFAULT_SOURCE = 'default';
// Well-formed JSON.stringify escapes a surrogate only when it stands alone; an even run of backslashes before it is text.
const LONE_SURROGATE = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;

/**
 * Everything about an event that is wrong whatever the meters: shape, size, time. What only a meter finds wrong is
 * accepted here. `nowMs` is the present of the tenant's clock, `receivedAtMs` wall time.
 */
export function parseEvent(input: {
  readonly value: unknown;
  readonly nowMs: number;
  /** What is new has a window of times, and an id that claims still know; of what is known any past is taken. */
  readonly window: 'any_past' | { readonly receivedAtMs: number };
}): Result<UsageEvent, FieldIssue> {
  const { value, nowMs, window } = input;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return issue('event.not_an_object', '', 'an event is a JSON object');
  }
  if (isDeeperThan(value, LIMITS.propertyDepth)) {
    return issue('event.too_deep', 'properties', `nested deeper than ${LIMITS.propertyDepth} levels`);
  }
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  if (bytes > LIMITS.eventBytes) {
    return issue(
      'event.too_large',
      '',
      `the event has ${bytes} bytes, at most ${LIMITS.eventBytes} are allowed`,
    );
  }
  const parsed = ingestEventSchema.safeParse(value);
  if (!parsed.success) return err(firstIssue(parsed.error.issues[0], value));
  if (LONE_SURROGATE.test(text)) {
    return issue('event.invalid_field', 'properties', 'a text is not well-formed Unicode');
  }
  if (window !== 'any_past' && isIdTooOld(parsed.data.id, window.receivedAtMs)) {
    return issue('event.id_too_old', 'id', 'the id carries a time of more than 45 days ago');
  }
  const earliestMs = window === 'any_past' ? LIMITS.billingEarliestMs : nowMs - LIMITS.eventPastMs;
  return withTime(parsed.data, { nowMs, earliestMs });
}

function withTime(
  event: IngestEvent,
  { nowMs, earliestMs }: { readonly nowMs: number; readonly earliestMs: number },
): Result<UsageEvent, FieldIssue> {
  const { id, type, customer, time, source = DEFAULT_SOURCE, properties = {} } = event;
  if (time === undefined) {
    return ok({ source, id, type, customer, timeMs: nowMs, timeSent: false, properties });
  }
  const instant = parseInstant(time);
  if (!instant.ok)
    return issue('event.invalid_time', 'time', 'use RFC 3339, such as 2026-01-31T12:00:00.000Z');
  const timeMs = instant.value;
  if (timeMs < earliestMs) {
    return issue(
      'event.time_too_old',
      'time',
      `before ${formatInstant(earliestMs)} on the clock of the tenant`,
    );
  }
  if (timeMs > nowMs + LIMITS.eventFutureMs) {
    return issue('event.time_in_future', 'time', 'more than 5 minutes ahead of the clock of the tenant');
  }
  return ok({ source, id, type, customer, timeMs, timeSent: true, properties });
}

interface SchemaIssue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}

function firstIssue(found: SchemaIssue | undefined, value: object): FieldIssue {
  const path = (found?.path ?? []).map(String).join('.');
  if (found?.code === 'unrecognized_keys') {
    const [unknown = ''] = found.keys ?? [];
    return { path: unknown.slice(0, 64), code: 'event.unknown_field', message: 'this field is not known' };
  }
  if (path !== '' && !Object.hasOwn(value, path)) {
    return { path, code: 'event.missing_field', message: 'this field is required' };
  }
  const code = path === 'id' && found?.code === 'too_big' ? 'event.id_too_long' : 'event.invalid_field';
  return { path, code, message: found?.message ?? 'this field is not valid' };
}

/** Looks no deeper than the limit, whatever the client nested: no parser behind us may meet more. */
function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const member of Object.values(value)) {
    if (isDeeperThan(member, levels - 1)) return true;
  }
  return false;
}

function issue(code: ErrorCode, path: string, message: string): Result<never, FieldIssue> {
  return err({ path, code, message });
}
