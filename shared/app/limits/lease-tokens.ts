import { TABLES } from '../../contracts/names.ts';
import { leaseOf } from '../../domain/limits/token-bucket.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ItemKey, ItemStore } from '../../ports/item-store.ts';
import { StoreError } from '../../ports/store-error.ts';
import { isUnchanged, rateBucketFromItem, rateBucketToItem } from '../records/rate-bucket.ts';
import {
  bucketNow,
  giveGrace,
  type Hand,
  isKnownShort,
  isPlenty,
  mayWrite,
  type SeenBucket,
  wanted,
} from './hand.ts';

export interface LeaseDeps {
  readonly items: ItemStore;
  readonly clock: Clock;
  /** Told each time that a bucket cannot be reached. */
  readonly onOutage: (error: StoreError) => void;
}

/** `short`: there is not enough, or not yet. `unknown`: nobody can say, and this process has gone on for long enough. */
export type Renewal = 'leased' | 'short' | 'unknown';

/** Puts tokens of a bucket into the hand: what is needed, and what will be within the next two seconds. */
export function leaseTokens(deps: LeaseDeps, key: ItemKey): (hand: Hand, needed: number) => Promise<Renewal> {
  let underWay: Promise<Renewal> | null = null;
  return async (hand, needed) => {
    if (underWay !== null) {
      await underWay;
      // Enough for somebody else: whoever waited looks again, and leases for itself where it is not enough for both.
      return 'leased';
    }
    const nowMs = deps.clock.nowMs();
    if (isKnownShort(hand, needed, nowMs)) return 'short';
    const isInPace = mayWrite(hand, nowMs);
    if (!isInPace && hand.failingSinceMs !== null) return 'unknown';
    // Where there is plenty nobody is refused for what leases cost: the one beyond their pace takes as much as there may be.
    if (!isInPace && !isPlenty(hand, nowMs)) return 'short';
    hand.isPressed = !isInPace;
    underWay = renew(deps, key, hand, needed);
    try {
      return await underWay;
    } finally {
      underWay = null;
    }
  };
}

async function renew(deps: LeaseDeps, key: ItemKey, hand: Hand, needed: number): Promise<Renewal> {
  try {
    const outcome = await lease(deps, key, hand, needed);
    hand.failingSinceMs = null;
    return outcome;
  } catch (thrown) {
    if (!(thrown instanceof StoreError)) throw thrown;
    hand.seen = null;
    deps.onOutage(thrown);
    return giveGrace(hand, needed, deps.clock.nowMs()) ? 'leased' : 'unknown';
  }
}

/** Writes the bucket over the state in which it was seen, so that no two processes take the same tokens. */
async function lease(deps: LeaseDeps, key: ItemKey, hand: Hand, needed: number): Promise<Renewal> {
  const table = TABLES.main;
  let seen = await look(deps, key, hand, needed);
  for (let attempt = 1; attempt <= LIMITS.leaseAttempts; attempt += 1) {
    const nowMs = deps.clock.nowMs();
    const bucket = bucketNow(hand, seen, nowMs);
    const missing = Math.max(0, needed - hand.inHand);
    const milliTokens = leaseOf({
      available: bucket.milliTokens,
      needed: missing,
      wanted: wanted(hand, nowMs) - hand.inHand,
      isAlone: seen.isOwn,
    });
    if (milliTokens === 0) return missing === 0 ? 'leased' : 'short';
    const left = { ...bucket, milliTokens: bucket.milliTokens - milliTokens };
    const item = rateBucketToItem(key, left, hand.limit);
    const written = await deps.items.put({ table, item, condition: isUnchanged(seen.bucket) });
    if (written.ok) {
      hand.inHand += milliTokens;
      hand.lastLease = milliTokens;
      hand.asked = 0;
      hand.leasedAtMs = nowMs;
      remember(hand, { bucket: left, isOwn: true }, nowMs);
      return milliTokens >= missing ? 'leased' : 'short';
    }
    const { existing } = written.error;
    const other = existing === undefined ? undefined : rateBucketFromItem(existing);
    seen = { bucket: other, isOwn: false };
    remember(hand, seen, nowMs);
    hand.isShared = true;
  }
  const message = 'other processes wrote the bucket each time';
  throw new StoreError({ message, outcome: 'not_done', reason: 'throttled' });
}

/**
 * The bucket as it is; or as it was seen last, while that is enough and nobody else seems to write it: then the write finds out,
 * and nothing is read. A write in vain costs more than a read.
 */
async function look(deps: LeaseDeps, key: ItemKey, hand: Hand, needed: number): Promise<SeenBucket> {
  const { seen } = hand;
  const nowMs = deps.clock.nowMs();
  const isEnough = seen !== null && bucketNow(hand, seen, nowMs).milliTokens + hand.inHand >= needed;
  if (isEnough && !hand.isShared) return seen;
  const item = await deps.items.get({ table: TABLES.main, key });
  const bucket = item === undefined ? undefined : rateBucketFromItem(item);
  const { milliTokens, atMs } = bucket ?? {};
  const isSame = milliTokens === seen?.bucket?.milliTokens && atMs === seen?.bucket?.atMs;
  const found = { bucket, isOwn: isSame && seen?.isOwn === true };
  hand.isShared = seen !== null && !found.isOwn;
  remember(hand, found, nowMs);
  return found;
}

function remember(hand: Hand, seen: SeenBucket, nowMs: number): void {
  hand.seen = seen;
  hand.lookedAtMs = nowMs;
}
