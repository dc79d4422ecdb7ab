import { MILLI, type RateLimit } from '../../domain/limits/token-bucket.ts';
import { defined } from '../../kernel/assert.ts';
import { type AppError, appError, type Quota } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { AuthContext } from '../auth/auth-context.ts';
import { rateBucketKey } from '../records/rate-bucket.ts';
import type { LimitedResource } from '../records/rate-limits.ts';
import { emptyHand, type Hand, quotaOf, setLimit, waitSeconds } from './hand.ts';
import { type LeaseDeps, leaseTokens } from './lease-tokens.ts';

/** Whose limit it is, that one request asks for too much, or that the bucket cannot be reached. */
export type RefusalReason = 'tenant' | 'key' | 'burst' | 'unknown';

interface TakeInput {
  readonly caller: Pick<AuthContext, 'keyId' | 'tenant' | 'limits'>;
  readonly resource: LimitedResource;
  /** Events, or requests. */
  readonly count: number;
}

/** All that a request needs, of every limit that it is under, or nothing. */
export type TakeTokens = (input: TakeInput) => Promise<Result<Quota, AppError>>;

type RateLimiterDeps = LeaseDeps & {
  readonly onRefused: (refusal: TakeInput & { readonly reason: RefusalReason }) => void;
};

const USUAL: Readonly<Record<LimitedResource, RateLimit>> = {
  events: { perSecond: LIMITS.eventsPerSecond, burst: LIMITS.eventsBurst },
  requests: { perSecond: LIMITS.requestsPerSecond, burst: LIMITS.requestsBurst },
};

interface Bucket {
  readonly whose: 'tenant' | 'key';
  readonly hand: Hand;
  readonly renew: (hand: Hand, needed: number) => ReturnType<ReturnType<typeof leaseTokens>>;
}

/**
 * Limits of tenants and keys, over all processes: one instance a process. Buckets are in the item store. A process leases out of
 * them what it needs within about two seconds and spends that without asking anybody: of each bucket one lease a second at most, and
 * LIMITS.leaseWritesAtOnce after a pause. A lease is one write, and one more where another process wrote in between.
 *
 * What is leased and not spent is what processes can let through beyond rate and burst: `n` of them
 * `n × max(perSecond, burst / 8)` (or one request each, where that is more), once and not once a second.
 *
 * Where a bucket cannot be reached, a process goes on for LIMITS.leaseGraceMs with as much a second as it leased last. To refuse at
 * once would turn an outage of a counter into lost usage of those whose clients do not try again; to let everything through for
 * ever would take the limit from those whom it protects. After that nobody knows, so the answer is an outage, not the caller's excess.
 *
 * Errors `limit.rate_exceeded`, `limit.above_burst` (never passes, however long one waits), `service.unavailable`.
 */
export function createRateLimiter(deps: RateLimiterDeps): TakeTokens {
  const bucketOf = createBuckets(deps);
  return async (input) => {
    const buckets = limitsOf(input).map((limited) => bucketOf(limited));
    const refuse = (reason: RefusalReason, error: AppError) => {
      deps.onRefused({ ...input, reason });
      return err(error);
    };
    const tooSmall = buckets.find(({ hand }) => input.count > hand.limit.burst);
    if (tooSmall !== undefined) return refuse('burst', aboveBurst(input, tooSmall));
    const lacking = await spend(buckets, input.count * MILLI);
    const nowMs = deps.clock.nowMs();
    if (lacking === null) return ok(tightest(buckets.map(({ hand }) => quotaOf(hand, nowMs))));
    if (lacking.why === 'unknown') return refuse('unknown', appError('service.unavailable', UNKNOWN));
    return refuse(lacking.bucket.whose, exceeded(input, lacking.bucket, nowMs));
  };
}

interface Lacking {
  readonly bucket: Bucket;
  readonly why: 'short' | 'unknown';
}

/** Out of all buckets at once; answers the one that lacks it, and then nothing is spent. */
async function spend(buckets: readonly Bucket[], needed: number): Promise<Lacking | null> {
  for (const { hand } of buckets) {
    hand.asked += needed;
    hand.waiting += needed;
  }
  try {
    for (;;) {
      const bucket = buckets.find(({ hand }) => hand.inHand < needed);
      if (bucket === undefined) break;
      const renewal = await bucket.renew(bucket.hand, needed);
      if (renewal !== 'leased') return { bucket, why: renewal };
    }
    for (const { hand } of buckets) hand.inHand -= needed;
    return null;
  } finally {
    for (const { hand } of buckets) hand.waiting -= needed;
  }
}

const UNKNOWN = 'What is left of the limit cannot be read now; send the request again.';

interface Limited {
  readonly whose: 'tenant' | 'key';
  readonly key: ReturnType<typeof rateBucketKey>;
  readonly limit: RateLimit;
}

/** A tenant's limit holds for all of its keys together. A key that belongs to none is limited by itself. */
function limitsOf({ caller, resource }: TakeInput): readonly Limited[] {
  const { keyId } = caller;
  const tenant = caller.tenant?.key ?? null;
  const limits: Limited[] = [];
  if (caller.tenant !== null) {
    const limit = caller.tenant.limits[resource] ?? USUAL[resource];
    limits.push({ whose: 'tenant', key: rateBucketKey({ tenant, keyId: null, resource }), limit });
  }
  const own = caller.limits[resource] ?? (tenant === null ? USUAL[resource] : null);
  if (own !== null)
    limits.push({ whose: 'key', key: rateBucketKey({ tenant, keyId, resource }), limit: own });
  return limits;
}

/** What this process has of each bucket. Of more than LIMITS.leasesKept the least recently used are forgotten. */
function createBuckets(deps: LeaseDeps): (limited: Limited) => Bucket {
  const known = new Map<string, Pick<Bucket, 'hand' | 'renew'>>();
  return ({ whose, key, limit }) => {
    const bucket = known.get(key.pk) ?? {
      hand: emptyHand(limit, deps.clock.nowMs()),
      renew: leaseTokens(deps, key),
    };
    known.delete(key.pk);
    known.set(key.pk, bucket);
    if (known.size > LIMITS.leasesKept) known.delete(defined(known.keys().next().value, 'the oldest lease'));
    setLimit(bucket.hand, limit);
    return { whose, ...bucket };
  };
}

function aboveBurst({ resource, count }: TakeInput, { whose, hand }: Bucket): AppError {
  const most = hand.limit.burst;
  const detail = `The request has ${amount(count, resource)}, and the ${NAMES[whose]} may send ${number(most)} at once: send smaller batches.`;
  return appError('limit.above_burst', detail);
}

function exceeded({ resource, count }: TakeInput, { whose, hand }: Bucket, nowMs: number): AppError {
  const { perSecond, burst } = hand.limit;
  const retryAfterSeconds = waitSeconds(hand, count * MILLI, nowMs);
  const limit = `${amount(perSecond, resource)} a second, ${number(burst)} at once`;
  const detail = `The limit of the ${NAMES[whose]} is ${limit}; send the request again in ${retryAfterSeconds} s.`;
  return { ...appError('limit.rate_exceeded', detail), retryAfterSeconds, quota: quotaOf(hand, nowMs) };
}

const NAMES = { tenant: 'tenant', key: 'API key' } as const;

function amount(count: number, resource: LimitedResource): string {
  return `${number(count)} ${count === 1 ? resource.slice(0, -1) : resource}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

/** The one of which the smallest part is left. */
function tightest(quotas: readonly Quota[]): Quota {
  const [first] = quotas.toSorted(
    (left, right) => left.remaining / left.limit - right.remaining / right.limit,
  );
  return defined(first, 'a limit that every request is under');
}
