import { z } from 'zod';
import type { JsonObject } from '../kernel/canonical-json.ts';
import { LIMITS } from '../kernel/limits.ts';

/** Text that survives every store and log line: well-formed Unicode without control characters. */
function name(maxLength: number) {
  return z
    .string()
    .min(1)
    .max(maxLength)
    .refine((text) => isPrintable(text), 'has control characters or is not well-formed Unicode');
}

function isPrintable(text: string): boolean {
  if (!text.isWellFormed()) return false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return false;
  }
  return true;
}

/** A billable event as a client sends it. Identity is (tenant, source, id); an absent time is the receive time. */
export const ingestEventSchema = z
  .strictObject({
    id: name(LIMITS.eventIdLength).meta({
      description: 'Unique within its source; resend with the same id',
      example: 'req-8f31',
    }),
    type: name(LIMITS.eventTypeLength).meta({ example: 'llm.request' }),
    customer: name(LIMITS.customerReferenceLength).meta({
      description: "The customer's key or one of its subjects",
      example: 'acme',
    }),
    time: z.string().max(64).optional().meta({
      description: 'RFC 3339 instant; the receive time when absent',
      example: '2026-11-24T13:00:00Z',
    }),
    source: name(LIMITS.eventSourceLength)
      .optional()
      .meta({ description: '`default` when absent', example: 'gateway' }),
    properties: z
      // Kept as parsed: rebuilding the object would lose members such as `__proto__` without an error.
      .custom<JsonObject>(
        (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
        'must be an object',
      )
      .optional(),
  })
  .meta({ id: 'Event' });

export type IngestEvent = z.infer<typeof ingestEventSchema>;

/** The answer for one event, in request order. `retry`: outcome unknown, send it again with the same id. */
export const ingestResultSchema = z.strictObject({
  index: z.int().nonnegative(),
  id: z.string().optional(),
  status: z.enum(['accepted', 'rejected', 'retry']),
  code: z.string().optional(),
  field: z.string().optional(),
  message: z.string().optional(),
});

export const ingestAnswerSchema = z
  .strictObject({
    accepted: z.int().nonnegative(),
    rejected: z.int().nonnegative(),
    retry: z.int().nonnegative(),
    results: z.array(ingestResultSchema),
  })
  .meta({
    id: 'IngestAnswer',
    example: {
      ...{ accepted: 1, rejected: 0, retry: 0 },
      results: [{ index: 0, id: 'req-8f31', status: 'accepted' }],
    },
  });

export type IngestResult = z.infer<typeof ingestResultSchema>;
export type IngestAnswer = z.infer<typeof ingestAnswerSchema>;
