import type { Quota } from '../../shared/kernel/errors.ts';

/** As most clients read them (IETF draft of RateLimit fields, before its eighth revision); times in seconds from now. */
export function quotaHeaders({ limit, windowSeconds, remaining, resetSeconds }: Quota) {
  return {
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': String(resetSeconds),
    'ratelimit-policy': `${limit};w=${windowSeconds}`,
  };
}
