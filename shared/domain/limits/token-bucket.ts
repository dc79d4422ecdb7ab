import { LIMITS } from '../../kernel/limits.ts';

/** `perSecond` tokens a second in the long run, `burst` at once after a pause; whole, `burst` not the smaller. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/** What may still be taken, as it was at `atMs`. Thousandths, so that what a millisecond adds is a whole number. */
export interface TokenBucket {
  readonly milliTokens: number;
  readonly atMs: number;
}

export const MILLI = 1_000;
/** A process leases for a second; where the burst is large, more, so that few leases make all of it. */
const LEASES_IN_A_BURST = 8;

export function fullBucket(limit: RateLimit, nowMs: number): TokenBucket {
  return { milliTokens: limit.burst * MILLI, atMs: nowMs };
}

/**
 * The bucket with what time has added. Its time never goes back, so of processes whose clocks differ only the one that
 * is ahead adds anything: clocks that are `d` apart let through what `d` adds once, however often they take turns.
 * A time that no clock within LIMITS.clockSkewMs can have written counts as now: else nobody would ever add again.
 */
export function refilled(bucket: TokenBucket, limit: RateLimit, nowMs: number): TokenBucket {
  const isBroken = bucket.atMs - nowMs > LIMITS.clockSkewMs;
  const passedMs = isBroken ? 0 : Math.max(0, nowMs - bucket.atMs);
  return {
    milliTokens: Math.min(limit.burst * MILLI, bucket.milliTokens + passedMs * limit.perSecond),
    atMs: isBroken ? nowMs : Math.max(bucket.atMs, nowMs),
  };
}

/** The most that a process has in hand beyond what one request needs, in thousandths. */
export function leaseMost({ perSecond, burst }: RateLimit): number {
  return Math.max(perSecond, Math.ceil(burst / LEASES_IN_A_BURST)) * MILLI;
}

/**
 * What a process takes out of a bucket at once: what it needs, and as much of what it wants as is fair. Of what is there
 * beyond the need, one that shares the bucket leaves half to the others. Where the need is not there, it takes what
 * smaller requests can use. All in thousandths.
 */
export function leaseOf(input: {
  readonly available: number;
  readonly needed: number;
  readonly wanted: number;
  readonly isAlone: boolean;
}): number {
  const { available, needed, wanted, isAlone } = input;
  const must = needed <= available ? needed : 0;
  const rest = available - must;
  const fair = isAlone ? rest : Math.floor(rest / 2);
  return must + Math.min(Math.max(0, wanted - must), fair);
}

/** How long until time has added that much; 0 where nothing is missing. */
export function refillMs(missingMilliTokens: number, limit: RateLimit): number {
  return Math.ceil(Math.max(0, missingMilliTokens) / limit.perSecond);
}
