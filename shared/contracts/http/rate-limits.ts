import { z } from 'zod';
import { LIMITS } from '../../kernel/limits.ts';

const EXAMPLE = { perSecond: 500, burst: 5_000 } as const;

const rateLimitSchema = z
  .strictObject({
    perSecond: z
      .int()
      .min(1)
      .max(LIMITS.ratePerSecondMax)
      .meta({ description: 'In the long run.', example: EXAMPLE.perSecond }),
    burst: z
      .int()
      .min(1)
      .max(LIMITS.rateBurstMax)
      .meta({ description: 'At once, after a pause; not less than `perSecond`.', example: EXAMPLE.burst }),
  })
  .refine(({ perSecond, burst }) => burst >= perSecond, {
    path: ['burst'],
    error: 'must be at least perSecond',
  })
  .meta({ id: 'RateLimit', example: EXAMPLE });

const inWords = (perSecond: number, burst: number) =>
  `${perSecond.toLocaleString('en-US')} a second, ${burst.toLocaleString('en-US')} at once`;

const fields = {
  events: rateLimitSchema.nullable().meta({ description: 'Events that are sent.' }),
  requests: rateLimitSchema.nullable().meta({ description: 'Requests of everything else.' }),
};
const FIELDS_OF = {
  tenant: {
    id: 'TenantLimits',
    description: `Of all keys of the tenant together. Null: the usual one, of events ${inWords(LIMITS.eventsPerSecond, LIMITS.eventsBurst)}, of requests ${inWords(LIMITS.requestsPerSecond, LIMITS.requestsBurst)}.`,
  },
  key: {
    id: 'KeyLimits',
    description:
      'Of the key alone, beside the limits of its tenant. Null: none. A key of the operator has the usual limit of requests.',
  },
} as const;

/** The limits that a tenant or a key has of its own, as the API shows them. */
export function limitsSchema(of: keyof typeof FIELDS_OF) {
  return z.strictObject(fields).meta({ ...FIELDS_OF[of], example: { events: EXAMPLE, requests: null } });
}

/** The same as the API takes them: what is left out stays as it is. */
export function limitsInputSchema(of: keyof typeof FIELDS_OF) {
  const { id, description } = FIELDS_OF[of];
  return z
    .strictObject({ events: z.exactOptional(fields.events), requests: z.exactOptional(fields.requests) })
    .meta({ id: `${id}Input`, description, example: { events: EXAMPLE } });
}
