import { z } from 'zod';
import { MILLI, type RateLimit, type TokenBucket } from '../../domain/limits/token-bucket.ts';
import type { Condition, Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs, ITEM_FORMAT, itemFormat } from './item-format.ts';
import type { LimitedResource } from './rate-limits.ts';

const SECOND_MS = 1_000;
/** Clocks differ, and nothing is lost by keeping a full bucket. */
const KEPT_SECONDS = 86_400;

/** Each bucket is a partition of its own: all processes write it. Without a key, the tenant's as a whole. */
export function rateBucketKey(input: {
  readonly tenant: string | null;
  readonly keyId: string | null;
  readonly resource: LimitedResource;
}): ItemKey {
  const owner = input.tenant === null ? 'operator' : `tenant#${input.tenant}`;
  const key = input.keyId === null ? '' : `#${input.keyId}`;
  return { pk: `${owner}#limit#${input.resource}${key}`, sk: 'bucket' };
}

const rateBucketItem = z.object({ v: itemFormat, milliTokens: z.int(), atMs: epochMs });

/** It goes when it has been full for long: an absent bucket is a full one. */
export function rateBucketToItem(key: ItemKey, bucket: TokenBucket, limit: RateLimit): Item {
  const fillSeconds = Math.ceil((limit.burst * MILLI) / (limit.perSecond * SECOND_MS));
  const ttl = Math.ceil(bucket.atMs / SECOND_MS) + fillSeconds + KEPT_SECONDS;
  return { ...key, v: ITEM_FORMAT, ...bucket, ttl };
}

/** Throws when the item is not a bucket: then the store holds something we never wrote. */
export function rateBucketFromItem(item: Item): TokenBucket {
  const { v: _format, ...bucket } = rateBucketItem.parse(item);
  return bucket;
}

/** Holds while nobody wrote the bucket since it was seen like this; undefined: while there is none. */
export function isUnchanged(bucket: TokenBucket | undefined): Condition {
  if (bucket === undefined) return { kind: 'item_absent' };
  const { milliTokens, atMs } = bucket;
  return {
    kind: 'all',
    of: [
      { kind: 'equal', name: 'milliTokens', value: milliTokens },
      { kind: 'equal', name: 'atMs', value: atMs },
    ],
  };
}
