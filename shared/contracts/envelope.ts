import { z } from 'zod';
import type { JsonObject } from '../kernel/canonical-json.ts';
import { LIMITS } from '../kernel/limits.ts';

const nonNegativeInteger = z.number().int().nonnegative();

/**
 * The header of a stream record: one line of JSON before the zstd-compressed NDJSON of events. `seq` rises at every
 * attempt of a producer in a lane; `unacknowledged` lists earlier numbers whose outcome the producer never learned,
 * so a number that neither arrives nor is listed is a lost envelope.
 */
export const envelopeHeaderSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    v: z.literal(1),
    kind: z.literal(['events', 'corrections']),
    tenant: z.string().min(1),
    lane: z.string().min(1),
    producer: z.string().min(1),
    seq: nonNegativeInteger,
    unacknowledged: z.array(nonNegativeInteger).max(LIMITS.envelopeUnacknowledged),
    receivedAtMs: nonNegativeInteger,
    count: z.number().int().positive(),
    traceId: z.string(),
  }),
  /** A page of a job: what it counts again is the object `key`. */
  z.strictObject({
    v: z.literal(1),
    kind: z.literal('page'),
    tenant: z.string().min(1),
    lane: z.string().min(1),
    job: z.string().min(1),
    page: nonNegativeInteger,
    /** The chunk that the page becomes, however often it is sent. */
    chunk: z.string().min(1),
    key: z.string().min(1),
    sentAtMs: nonNegativeInteger,
  }),
  z.strictObject({
    v: z.literal(1),
    kind: z.literal('fence'),
    lane: z.string().min(1),
    number: z.number().int().positive(),
    timeMs: nonNegativeInteger,
  }),
]);

export type EnvelopeHeader = z.infer<typeof envelopeHeaderSchema>;
/** Of an envelope with a body. */
export type EventsHeader = Extract<EnvelopeHeader, { kind: 'events' | 'corrections' }>;
export type PageHeader = Extract<EnvelopeHeader, { kind: 'page' }>;
export type FenceHeader = Extract<EnvelopeHeader, { kind: 'fence' }>;

/** One line of an envelope's body: an accepted event. */
export const envelopeEventSchema = z.strictObject({
  source: z.string().min(1),
  id: z.string().min(1),
  type: z.string().min(1),
  customer: z.string().min(1),
  timeMs: z.number().int(),
  timeSent: z.boolean(),
  // Kept as parsed: rebuilding the object would lose members such as `__proto__` without an error.
  properties: z.custom<JsonObject>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  ),
});

/** One line of a body of corrections. */
export const envelopeCorrectionSchema = z.strictObject({
  source: z.string().min(1),
  id: z.string().min(1),
  revision: z.number().int().positive().max(LIMITS.correctionsPerEvent),
  action: z.enum(['amend', 'revoke']),
  eventTimeMs: z.int().nullable(),
  reason: z.string(),
  event: envelopeEventSchema.nullable(),
});

/** A row that counts, and the fence that it was counted behind. */
export const standingRowSchema = z.strictObject({
  meter: z.string(),
  meterVersion: z.int(),
  customer: z.string(),
  timeMs: z.int(),
  quantity: z.string(),
  uniqueKey: z.string(),
  dimensions: z.string(),
  fence: z.int(),
});

/** An event, and what a plan made of it. */
export const eventVersionSchema = z.strictObject({
  event: envelopeEventSchema,
  receivedAtMs: z.int(),
  customer: z.string(),
  status: z.enum(['counted', 'unattributed', 'quarantined', 'revoked', 'superseded']),
  reason: z.string(),
});

/** One line of a job's page: an event that is counted again. */
export const recountSchema = z.strictObject({
  source: z.string().min(1),
  id: z.string().min(1),
  job: z.string().min(1),
  scope: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('attribution') }),
    z.strictObject({ kind: z.literal('meter'), meter: z.string(), version: z.int() }),
    z.strictObject({ kind: z.literal('revert') }),
  ]),
  found: z.strictObject({ shown: eventVersionSchema, rows: z.array(standingRowSchema) }),
  eventLink: z.int().nonnegative(),
});

/** One line of a page: an event that is counted again, one that is counted first, or one that the tables know. */
export const pageLineSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('recount'), recount: recountSchema }),
  z.strictObject({ kind: z.literal('event'), event: envelopeEventSchema, receivedAtMs: z.int() }),
  z.strictObject({
    kind: z.literal('resend'),
    event: envelopeEventSchema,
    receivedAtMs: z.int(),
    owner: z.strictObject({ chunk: z.string(), fingerprint: z.string() }),
  }),
]);
