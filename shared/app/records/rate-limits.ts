import { z } from 'zod';

const rateLimit = z.object({ perSecond: z.int().positive(), burst: z.int().positive() });

export const NO_LIMITS = { events: null, requests: null } as const;

/** The limits that a tenant or a key has of its own. A tenant without one has the usual one, a key none. */
export const rateLimits = z
  .object({ events: rateLimit.nullable(), requests: rateLimit.nullable() })
  .default(NO_LIMITS);

export type RateLimits = Readonly<z.output<typeof rateLimits>>;
/** What is limited: events that are sent, or requests of everything else. */
export type LimitedResource = keyof RateLimits;

/** Some of the limits set anew, the others as they were. */
export function changedLimits(before: RateLimits, changes: Partial<RateLimits> | undefined): RateLimits {
  return { ...before, ...changes };
}
