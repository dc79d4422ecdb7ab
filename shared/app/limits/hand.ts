import {
  fullBucket,
  leaseMost,
  MILLI,
  type RateLimit,
  refilled,
  refillMs,
  type TokenBucket,
} from '../../domain/limits/token-bucket.ts';
import type { Quota } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';

const SECOND_MS = 1_000;
/** Leases last for two seconds of what was asked of late, so that there is less than one a second. */
const LEASED_MS = 2_000;
/** What came within less says nothing about a rate. */
const PACE_FROM_MS = 100;
const WRITES: RateLimit = { perSecond: 1, burst: LIMITS.leaseWritesAtOnce };

/** What one process has of one bucket, and knows of the rest. All amounts in thousandths of a token. */
export interface Hand {
  limit: RateLimit;
  /** Leased and not spent. */
  inHand: number;
  /** Since the last lease, what was refused too. */
  asked: number;
  /** What requests under way need. */
  waiting: number;
  leasedAtMs: number | null;
  lastLease: number | null;
  /** The bucket as it was last seen; null while that is not known. */
  seen: SeenBucket | null;
  lookedAtMs: number;
  /** Whether another process wrote the bucket between the last two looks. */
  isShared: boolean;
  /** Leases are written faster than they should be. */
  isPressed: boolean;
  /** How many leases may be written now. */
  writes: TokenBucket;
  failingSinceMs: number | null;
  lastGraceMs: number | null;
}

export interface SeenBucket {
  /** Undefined: nobody ever took anything. */
  readonly bucket: TokenBucket | undefined;
  /** Whether it is as this process wrote it: then nobody else takes from it at the moment. */
  readonly isOwn: boolean;
}

export function emptyHand(limit: RateLimit, nowMs: number): Hand {
  return {
    limit,
    inHand: 0,
    asked: 0,
    waiting: 0,
    leasedAtMs: null,
    lastLease: null,
    seen: null,
    lookedAtMs: 0,
    isShared: false,
    isPressed: false,
    writes: fullBucket(WRITES, nowMs),
    failingSinceMs: null,
    lastGraceMs: null,
  };
}

/** A limit that changed holds from the next request on: nobody goes on with what the earlier one let them lease. */
export function setLimit(hand: Hand, limit: RateLimit): void {
  if (hand.limit.perSecond === limit.perSecond && hand.limit.burst === limit.burst) return;
  hand.limit = limit;
  hand.inHand = Math.min(hand.inHand, leaseMost(limit));
}

/** The bucket with what time has added since it was seen. */
export function bucketNow(hand: Hand, seen: SeenBucket, nowMs: number): TokenBucket {
  return seen.bucket === undefined ? fullBucket(hand.limit, nowMs) : refilled(seen.bucket, hand.limit, nowMs);
}

/** What waits, or is asked in two seconds at the pace of late, as far as one process may have it. */
export function wanted(hand: Hand, nowMs: number): number {
  if (hand.isPressed) return leaseMost(hand.limit);
  const passedMs = Math.max(PACE_FROM_MS, nowMs - (hand.leasedAtMs ?? Number.NEGATIVE_INFINITY));
  const soon = Math.ceil((hand.asked / passedMs) * LEASED_MS);
  return Math.min(Math.max(hand.waiting, soon), leaseMost(hand.limit));
}

/** Whether it is known that there is not enough, so that nobody needs to look. Others only take, and time is known. */
export function isKnownShort(hand: Hand, needed: number, nowMs: number): boolean {
  if (hand.seen === null || nowMs - hand.lookedAtMs >= SECOND_MS) return false;
  return known(hand, nowMs) < needed;
}

/** Whether the bucket was seen to hold as much as one process may ever have. */
export function isPlenty(hand: Hand, nowMs: number): boolean {
  return hand.seen !== null && bucketNow(hand, hand.seen, nowMs).milliTokens >= leaseMost(hand.limit);
}

/** Whether one more lease is within the pace of leases; counts it. */
export function mayWrite(hand: Hand, nowMs: number): boolean {
  const writes = refilled(hand.writes, WRITES, nowMs);
  const may = writes.milliTokens >= MILLI;
  hand.writes = may ? { ...writes, milliTokens: writes.milliTokens - MILLI } : writes;
  return may;
}

/**
 * Once a second for LIMITS.leaseGraceMs, what the last lease was, or a second of the rate where there was none. Whether
 * something was given.
 */
export function giveGrace(hand: Hand, needed: number, nowMs: number): boolean {
  hand.failingSinceMs ??= nowMs;
  if (nowMs - hand.failingSinceMs >= LIMITS.leaseGraceMs) return false;
  if (hand.lastGraceMs !== null && nowMs - hand.lastGraceMs < SECOND_MS) return false;
  hand.lastGraceMs = nowMs;
  const given = Math.max(hand.lastLease ?? hand.limit.perSecond * MILLI, needed - hand.inHand);
  hand.inHand += Math.min(given, leaseMost(hand.limit));
  return true;
}

export function quotaOf(hand: Hand, nowMs: number): Quota {
  const { burst, perSecond } = hand.limit;
  const left = Math.min(known(hand, nowMs), burst * MILLI);
  return {
    limit: burst,
    windowSeconds: Math.ceil(burst / perSecond),
    remaining: Math.floor(left / MILLI),
    resetSeconds: Math.ceil(refillMs(burst * MILLI - left, hand.limit) / SECOND_MS),
  };
}

/** After how many whole seconds a request of that size can pass, as far as this process knows; at least one. */
export function waitSeconds(hand: Hand, needed: number, nowMs: number): number {
  const waitMs = refillMs(needed - known(hand, nowMs), hand.limit);
  return Math.max(1, Math.ceil(waitMs / SECOND_MS));
}

function known(hand: Hand, nowMs: number): number {
  return hand.inHand + (hand.seen === null ? 0 : bucketNow(hand, hand.seen, nowMs).milliTokens);
}
