import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareSequence } from '../shared/ports/event-stream.ts';
import { createMappingWorld, type Delivery, DONE } from '../test/builders/mapping-world.ts';

type World = ReturnType<typeof createMappingWorld>;

/** What happens to one delivery: handled, thrown away before or after the work, failed at some records, nonsense. */
const outcome = fc.oneof(
  fc.record({ kind: fc.constantFrom('done', 'throw', 'throw late', 'unknown record') }),
  fc.record({
    kind: fc.constant('partial'),
    at: fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('slow'), ms: fc.nat({ max: 3_000 }) }),
);
type Outcome = typeof outcome extends fc.Arbitrary<infer O> ? O : never;

const drawn = fc.record({
  outcomes: fc.array(outcome, { maxLength: 25 }),
  retrySizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
  windowMs: fc.constantFrom(0, 30),
  batches: fc.array(fc.tuple(fc.nat({ max: 5 }), fc.integer({ min: 1, max: 6 })), {
    minLength: 1,
    maxLength: 8,
  }),
  /** After so many milliseconds a shard is handed over, or (null) the process stops and another one starts. */
  changes: fc.array(fc.tuple(fc.nat({ max: 2_500 }), fc.constantFrom(0, 1, null)), { maxLength: 5 }),
  savesThatFail: fc.array(fc.boolean(), { maxLength: 10 }),
  readsThatFail: fc.array(fc.boolean(), { maxLength: 10 }),
});
type Drawn = typeof drawn extends fc.Arbitrary<infer D> ? D : never;

/** What the handler has handled for good, in order, by shard: what comes before the lowest failure. */
function createHandler(world: World, outcomes: readonly Outcome[]) {
  const handled = new Map<string, string[]>();
  const left = [...outcomes];
  const done = ({ shardId, positions }: Delivery, count = positions.length) =>
    handled.set(shardId, [...(handled.get(shardId) ?? []), ...positions.slice(0, count)]);
  world.handler = async (delivery) => {
    const next = left.shift();
    if (next === undefined || next.kind === 'done') {
      done(delivery);
    } else if ('ms' in next) {
      await world.clock.sleep(next.ms);
      done(delivery);
    } else if ('at' in next) {
      const failed = next.at.map((at) => at % delivery.positions.length);
      done(delivery, Math.min(...failed));
      return { batchItemFailures: failed.map((at) => ({ itemIdentifier: delivery.positions[at] ?? '' })) };
    } else if (next.kind === 'unknown record') {
      return { batchItemFailures: [{ itemIdentifier: '123456789' }] };
    } else {
      if (next.kind === 'throw late') await world.clock.sleep(10);
      throw new Error(next.kind);
    }
    return DONE;
  };
  return handled;
}

/** Collects checkpoints that go back or run ahead of what was handled. */
function watchCheckpoints(
  world: World,
  handled: ReadonlyMap<string, readonly string[]>,
  fails: boolean[],
): readonly string[] {
  const wrong: string[] = [];
  const { save, load } = world.checkpoints;
  world.checkpoints.save = async (shardId, position) => {
    if (handled.get(shardId)?.includes(position) !== true) wrong.push(`${position} was not handled`);
    const before = (await load(shardId)) ?? '0';
    if (fails.shift() === true) throw new Error('not saved');
    await save(shardId, position);
    const after = (await load(shardId)) ?? '0';
    if (compareSequence(after, before) < 0) wrong.push(`from ${before} back to ${after}`);
  };
  return wrong;
}

function failReads(world: World, fails: boolean[]): void {
  const { read } = world.stream;
  world.stream.read = async (input) => {
    if (fails.shift() === true) throw new Error('not read');
    return await read(input);
  };
}

async function run(world: World, plan: Drawn): Promise<void> {
  let mapping = world.launch();
  await mapping.start();
  const shards = await world.stream.shards();
  for (const [afterMs, shard] of plan.changes) {
    await world.clock.advance(afterMs);
    if (shard !== null) {
      await mapping.handOver(shards[shard] ?? '');
    } else {
      const stopped = mapping.stop();
      await world.clock.advance(3_000);
      await stopped;
      mapping = world.launch();
      await mapping.start();
    }
  }
  await world.clock.advance(400_000);
  await mapping.stop();
}

test('whatever fails, each record is handled at least once, in order but for repetitions, and then it ends', async () => {
  const property = fc.asyncProperty(drawn, async (plan) => {
    const { windowMs, retrySizes } = plan;
    const retrySize = (attempt: number) => retrySizes[attempt % retrySizes.length] ?? 1;
    const world = createMappingWorld({ batchSize: 4, windowMs, retrySize, pollMs: 500 }, 2);
    const handled = createHandler(world, plan.outcomes);
    const wrong = watchCheckpoints(world, handled, [...plan.savesThatFail]);
    failReads(world, [...plan.readsThatFail]);
    const put = new Map<string, string[]>();
    for (const [key, count] of plan.batches) {
      const results = await world.put(
        Array.from({ length: count }, () => 'x'),
        `key ${key}`,
      );
      for (const result of results) {
        if (result.ok) put.set(result.shardId, [...(put.get(result.shardId) ?? []), result.sequenceNumber]);
      }
    }
    await run(world, plan);
    for (const [shardId, positions] of put) {
      // First times, in the order in which they happened.
      expect([...new Set(handled.get(shardId))]).toEqual(positions);
      expect(await world.checkpoint(shardId)).toBe(positions.at(-1));
    }
    expect(wrong).toEqual([]);
  });
  await fc.assert(property, { numRuns: 150 });
});
