import { LIMITS } from '../../kernel/limits.ts';

const LIFETIME_MS = LIMITS.claimHorizonMs + LIMITS.streamRetentionMs + LIMITS.claimMarginMs;

/**
 * The `ttl` of a claim that is made now, epoch seconds. An id that carries a time can come again until that time is older
 * than the horizon, then lie in the stream; any other for the horizon.
 */
export function claimTtl(nowMs: number, idTimeMs = nowMs): number {
  return Math.ceil((Math.max(nowMs, idTimeMs) + LIFETIME_MS) / 1000);
}
