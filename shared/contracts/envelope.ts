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
    kind: z.literal('events'),
    tenant: z.string().min(1),
    lane: z.string().min(1),
    producer: z.string().min(1),
    seq: nonNegativeInteger,
    unacknowledged: z.array(nonNegativeInteger).max(LIMITS.envelopeUnacknowledged),
    receivedAtMs: nonNegativeInteger,
    count: z.number().int().positive(),
    traceId: z.string(),
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
export type EventsHeader = Extract<EnvelopeHeader, { kind: 'events' }>;
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
