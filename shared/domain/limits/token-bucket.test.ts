import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fullBucket, leaseMost, leaseOf, MILLI, type RateLimit, refilled, refillMs } from './token-bucket.ts';

const START_MS = Date.UTC(2026, 10, 24, 12);

const rateLimit: fc.Arbitrary<RateLimit> = fc
  .record({ perSecond: fc.integer({ min: 1, max: 50 }), seconds: fc.integer({ min: 1, max: 20 }) })
  .map(({ perSecond, seconds }) => ({ perSecond, burst: perSecond * seconds }));
/** Who visits after how long, and how much of what is there it takes. */
const visits = fc.array(
  fc.record({
    by: fc.nat(3),
    afterMs: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 90_000 })),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { minLength: 1, maxLength: 60 },
);

interface Taken {
  readonly atMs: number;
  readonly milliTokens: number;
}

/** Takes what visitors take, each by its own clock; answers what was taken at which true time. */
function play(
  limit: RateLimit,
  by: readonly number[],
  events: typeof visits extends fc.Arbitrary<infer V> ? V : never,
) {
  let bucket = fullBucket(limit, START_MS + (by[0] ?? 0));
  let trueMs = START_MS;
  const times = [bucket.atMs];
  const taken: Taken[] = [];
  for (const { by: visitor, afterMs, share } of events) {
    trueMs += afterMs;
    const filled = refilled(bucket, limit, trueMs + (by[visitor] ?? 0));
    const milliTokens = Math.floor(filled.milliTokens * share);
    bucket = { ...filled, milliTokens: filled.milliTokens - milliTokens };
    times.push(bucket.atMs);
    taken.push({ atMs: trueMs, milliTokens });
  }
  return { taken, times };
}

/** The most by which the sum of any stretch is above what the rate adds during it. */
function mostAbove(taken: readonly Taken[], limit: RateLimit): number {
  return Math.max(
    ...taken.flatMap((first, from) => {
      let sum = 0;
      return taken.slice(from).map(({ atMs, milliTokens }) => {
        sum += milliTokens;
        return sum - (atMs - first.atMs) * limit.perSecond;
      });
    }),
  );
}

test('within any time no more is taken than the burst and what the rate adds', () => {
  fc.assert(
    fc.property(rateLimit, visits, (limit, events) => {
      const { taken } = play(limit, [0, 0, 0, 0], events);
      expect(mostAbove(taken, limit)).toBeLessThanOrEqual(limit.burst * MILLI);
    }),
  );
});

test('clocks that are up to a minute apart add what lies between them once, and time never goes back', () => {
  const clocks = fc.array(fc.integer({ min: -30_000, max: 30_000 }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(rateLimit, clocks, visits, (limit, by, events) => {
      const { taken, times } = play(limit, by, events);
      const apart = Math.max(...by) - Math.min(...by);
      expect(mostAbove(taken, limit)).toBeLessThanOrEqual(limit.burst * MILLI + apart * limit.perSecond);
      expect(times).toEqual(times.toSorted((left, right) => left - right));
    }),
  );
});

test('two clocks a minute apart that take turns for an hour get no more than one clock, but for that minute', () => {
  const limit = { perSecond: 10, burst: 100 };
  const events = Array.from({ length: 3_600 }, (_, index) => ({ by: index % 2, afterMs: 1_000, share: 1 }));
  const sum = play(limit, [-30_000, 30_000], events).taken.reduce(
    (all, { milliTokens }) => all + milliTokens,
    0,
  );
  expect(sum).toBeLessThanOrEqual((100 + 10 * (3_600 + 60)) * MILLI);
});

test('a bucket is full after the time that fills it, and never fuller', () => {
  fc.assert(
    fc.property(rateLimit, fc.nat(1e12), (limit, moreMs) => {
      const empty = { milliTokens: 0, atMs: START_MS };
      const fullMs = START_MS + refillMs(limit.burst * MILLI, limit);
      expect(refilled(empty, limit, fullMs - 1).milliTokens).toBeLessThan(limit.burst * MILLI);
      expect(refilled(empty, limit, fullMs + moreMs)).toEqual(fullBucket(limit, fullMs + moreMs));
    }),
  );
});

test('a burst that was lowered holds from then on', () => {
  const full = fullBucket({ perSecond: 10, burst: 100 }, START_MS);
  expect(refilled(full, { perSecond: 1, burst: 5 }, START_MS).milliTokens).toBe(5 * MILLI);
});

test('a time that no clock can have written does not stop the bucket for ever', () => {
  const limit = { perSecond: 10, burst: 100 };
  const broken = { milliTokens: 0, atMs: START_MS + 86_400_000 };
  const found = refilled(broken, limit, START_MS);
  expect(found).toEqual({ milliTokens: 0, atMs: START_MS });
  expect(refilled(found, limit, START_MS + 1_000).milliTokens).toBe(10 * MILLI);
});

test('a lease is at least the need where it is there, and never more than is there', () => {
  const milli = fc.nat(1e9);
  const asked = fc.record({ available: milli, needed: milli, wanted: milli, isAlone: fc.boolean() });
  fc.assert(
    fc.property(asked, (input) => {
      const lease = leaseOf(input);
      expect(lease).toBeGreaterThanOrEqual(input.needed <= input.available ? input.needed : 0);
      expect(lease).toBeLessThanOrEqual(Math.min(input.available, Math.max(input.needed, input.wanted)));
    }),
  );
});

test.each([
  ['who shares leaves half of the rest', { available: 100, needed: 20, wanted: 90, isAlone: false }, 60],
  ['who is alone gets all it wants', { available: 100, needed: 20, wanted: 90, isAlone: true }, 90],
  ['what is there serves smaller requests', { available: 100, needed: 101, wanted: 300, isAlone: false }, 50],
])('%s', (_name, input, expected) => {
  expect(leaseOf(input)).toBe(expected);
});

test.each([
  ['a second of the rate', { perSecond: 100, burst: 100 }, 100],
  ['an eighth of a large burst', { perSecond: 100, burst: 1_601 }, 201],
])('a lease is %s at most', (_name, limit, tokens) => {
  expect(leaseMost(limit)).toBe(tokens * MILLI);
});
