import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RateLimit } from '../../shared/domain/limits/token-bucket.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { seededRandom } from '../event-path/trace.ts';
import { callerWith, createRateWorld, type Process, START_MS } from './rate-world.ts';

interface Load {
  readonly limit: RateLimit;
  /** How far the clock of each process is ahead. */
  readonly clocks: readonly number[];
  readonly forMs: number;
  /** What the clients send after another pause. */
  readonly next: () => { readonly afterMs: number; readonly by: number; readonly count: number };
}

interface Passed {
  readonly atMs: number;
  readonly count: number;
}

/** Sends for a while; answers what passed and what did not. */
async function run({ limit, clocks, forMs, next }: Load) {
  const { time, startProcess, memory } = createRateWorld();
  const processes = clocks.map((aheadMs) => startProcess(aheadMs));
  const caller = callerWith({ tenant: limit });
  const passed: Passed[] = [];
  const storedMs: number[] = [];
  let refused = 0;
  for (;;) {
    const { afterMs, by, count } = next();
    time.nowMs += afterMs;
    if (time.nowMs - START_MS > forMs) break;
    const taken = await (processes[by] as Process).take({ caller, resource: 'events', count });
    if (taken.ok) passed.push({ atMs: time.nowMs, count });
    else refused += count;
    storedMs.push(Number(memory.all()[0]?.atMs ?? 0));
  }
  const sum = passed.reduce((all, { count }) => all + count, 0);
  return { passed, refused, sum, storedMs, processes };
}

/** The most by which the sum of any stretch is above what the rate adds during it. */
function mostAbove(passed: readonly Passed[], perSecond: number): number {
  let [worst, best] = [0, 0];
  let previousMs = passed[0]?.atMs ?? 0;
  for (const { atMs, count } of passed) {
    best = Math.max(0, best - ((atMs - previousMs) * perSecond) / 1_000) + count;
    worst = Math.max(worst, best);
    previousMs = atMs;
  }
  return worst;
}

/** What one process may have in hand, as the README says it; no request of these tests needs more. */
const inHand = ({ perSecond, burst }: RateLimit) => Math.max(perSecond, Math.ceil(burst / 8));

const loads = fc.record({
  seed: fc.nat(),
  perSecond: fc.integer({ min: 5, max: 200 }),
  seconds: fc.integer({ min: 1, max: 12 }),
  clocks: fc.array(fc.integer({ min: -30_000, max: 30_000 }), { minLength: 1, maxLength: 5 }),
  /** How many times its limit the tenant sends. */
  times: fc.constantFrom(0.5, 1, 3, 100),
});

function loadOf(input: typeof loads extends fc.Arbitrary<infer L> ? L : never, isSkewed: boolean): Load {
  const { seed, perSecond, seconds, times } = input;
  const chance = seededRandom(seed);
  const meanMs = 1_000 / (perSecond * times);
  let isPaused = false;
  return {
    limit: { perSecond, burst: perSecond * seconds },
    clocks: input.clocks.map((aheadMs) => (isSkewed ? aheadMs : 0)),
    forMs: 20_000,
    next: () => {
      isPaused = chance() < 0.001 ? !isPaused : isPaused;
      const count = 1 + Math.floor(chance() * Math.min(10, perSecond));
      const afterMs = Math.round(meanMs * count * 2 * chance()) + (isPaused ? 2_000 : 0);
      return { afterMs, count, by: Math.floor(chance() * input.clocks.length) };
    },
  };
}

test('within any time no more passes than rate, burst, and what each process may have in hand', async () => {
  await fc.assert(
    fc.asyncProperty(loads, async (input) => {
      const load = loadOf(input, false);
      const { passed } = await run(load);
      const bound = load.limit.burst + load.clocks.length * inHand(load.limit);
      expect(mostAbove(passed, load.limit.perSecond)).toBeLessThanOrEqual(bound);
    }),
    { numRuns: 40 },
  );
}, 60_000);

test('clocks up to a minute apart add at most what lies between them, once; the stored time never goes back', async () => {
  await fc.assert(
    fc.asyncProperty(loads, async (input) => {
      const load = loadOf(input, true);
      const { passed, storedMs } = await run(load);
      const apartMs = Math.max(...load.clocks) - Math.min(...load.clocks);
      const bound = load.limit.burst + load.clocks.length * inHand(load.limit);
      const skewed = (apartMs * load.limit.perSecond) / 1_000;
      expect(mostAbove(passed, load.limit.perSecond)).toBeLessThanOrEqual(bound + skewed);
      expect(storedMs).toEqual(storedMs.toSorted((left, right) => left - right));
    }),
    { numRuns: 40 },
  );
}, 60_000);

const LIMIT = { perSecond: 1_000, burst: 10_000 };

/** Requests of ten events at random times, `times` the limit, to one of the processes each. */
function steady(times: number, processes: number, limit = LIMIT, forMs = 60_000): Load {
  const chance = seededRandom(7);
  const count = Math.min(10, limit.perSecond);
  const meanMs = (1_000 * count) / (limit.perSecond * times);
  let dueMs = 0;
  let sentMs = 0;
  return {
    limit,
    forMs,
    clocks: Array.from({ length: processes }, () => 0),
    next: () => {
      dueMs += meanMs * 2 * chance();
      const afterMs = Math.round(dueMs) - sentMs;
      sentMs += afterMs;
      return { afterMs, count, by: Math.floor(chance() * processes) };
    },
  };
}

test.each([
  ['one process', steady(0.9, 1)],
  ['four processes', steady(0.9, 4)],
  ['twenty processes', steady(0.9, 20)],
  ['twenty processes and a small limit', steady(0.5, 20, { perSecond: 10, burst: 100 }, 300_000)],
  ['a burst of one second', steady(0.9, 1, { perSecond: 1_000, burst: 1_000 })],
])('nobody who stays within the limit is refused: %s', async (_name, load) => {
  const { refused, sum } = await run(load);
  expect(refused).toBe(0);
  expect(sum).toBeGreaterThan(100);
});

test.each([
  ['one process', steady(100, 1, LIMIT, 8_000), 0.99],
  ['four processes', steady(100, 4, LIMIT, 8_000), 0.95],
  ['a burst of one second', steady(100, 1, { perSecond: 1_000, burst: 1_000 }, 8_000), 0.95],
])('whoever sends a hundred times the limit still gets it: %s', async (_name, load, share) => {
  const { sum } = await run(load);
  expect(sum).toBeGreaterThanOrEqual(
    share * (load.limit.burst + (load.forMs / 1_000 - 2) * load.limit.perSecond),
  );
});

test.each([0.1, 0.9, 100])(
  'at %f times the limit a process writes a bucket once a second at most, but for a few at the start',
  async (times) => {
    const { processes } = await run(steady(times, 3, LIMIT, 12_000));
    for (const { calls } of processes) {
      // One more is in vain: it finds out that there are other processes. As many as eight lease while there is plenty.
      expect(calls.writes).toBeLessThanOrEqual(2 * LIMITS.leaseWritesAtOnce + 12 + 1);
      expect(calls.reads).toBeLessThanOrEqual(2 * LIMITS.leaseWritesAtOnce + 12);
    }
  },
);

test('who sends seldom is let through by processes that see it for the first time', async () => {
  const { time, startProcess } = createRateWorld();
  const caller = callerWith({ tenant: { perSecond: 1, burst: 2 } });
  for (let sent = 0; sent < 50; sent += 1) {
    time.nowMs += 1_500;
    expect((await startProcess().take({ caller, resource: 'events', count: 1 })).ok).toBe(true);
  }
});
