import { expect, test } from 'vitest';
import { InvariantError } from '../shared/kernel/assert.ts';
import { StoreError } from '../shared/ports/store-error.ts';
import { createMappingWorld, DONE, FIRST_SHARD, failing, numbers } from '../test/builders/mapping-world.ts';

const unreachable = () =>
  new StoreError({ message: 'the store is away', outcome: 'unknown', reason: 'unreachable' });

/** A handler whose first call answers only when the test lets it. */
function holdFirst(world: ReturnType<typeof createMappingWorld>): () => void {
  const { promise, resolve } = Promise.withResolvers<typeof DONE>();
  let calls = 0;
  world.handler = async () => {
    calls += 1;
    return calls === 1 ? await promise : DONE;
  };
  return () => resolve(DONE);
}

test('a mapping that starts again goes on behind what was handled', async () => {
  const world = createMappingWorld({ batchSize: 3 });
  await world.put(numbers(1, 6));
  const first = world.launch();
  await first.start();
  await world.clock.advance(0);
  await first.stop();
  await world.put(numbers(7, 8));
  const second = world.launch();
  await second.start();
  await world.clock.advance(0);
  expect(world.seen()).toEqual(['1 2 3', '4 5 6', '7 8']);
  await second.stop();
});

test('two pollers at a hand-over deliver twice, and whoever is behind does not set the checkpoint back', async () => {
  const world = createMappingWorld({ batchSize: 3 });
  const letGo = holdFirst(world);
  await world.put(numbers(1, 9));
  const mapping = world.launch();
  await mapping.start();
  await world.clock.advance(0);
  await mapping.handOver(FIRST_SHARD);
  await world.clock.advance(0);
  expect(world.seen()).toEqual(['1 2 3', '1 2 3', '4 5 6', '7 8 9']);
  expect(await world.checkpoint()).toBe('9');
  letGo();
  await world.clock.advance(1_000);
  expect(await world.checkpoint()).toBe('9');
  await world.put(['10']);
  await world.clock.advance(20);
  expect(world.seen().slice(4)).toEqual(['10']);
  await mapping.stop();
});

test('a poller that is handed over takes no further batch, not even one that it waits for', async () => {
  const world = createMappingWorld({ windowMs: 100 });
  await world.put(['1']);
  const mapping = world.launch();
  await mapping.start();
  await world.clock.advance(50);
  await mapping.handOver(FIRST_SHARD);
  await world.clock.advance(500);
  expect(world.deliveries).toMatchObject([{ texts: ['1'], atMs: 150 }]);
  await mapping.stop();
});

test('stop waits for the batch in flight, which still moves the checkpoint, and starts no other', async () => {
  const world = createMappingWorld({ batchSize: 2 });
  const letGo = holdFirst(world);
  await world.put(numbers(1, 6));
  const mapping = world.launch();
  await mapping.start();
  await world.clock.advance(0);
  let isStopped = false;
  const stop = mapping.stop().then(() => {
    isStopped = true;
  });
  await world.clock.advance(60_000);
  expect(isStopped).toBe(false);
  letGo();
  await stop;
  await mapping.handOver(FIRST_SHARD);
  await world.clock.advance(60_000);
  expect(world.seen()).toEqual(['1 2']);
  expect(await world.checkpoint()).toBe('2');
});

test.each([
  ['looks for more', { texts: [], handler: async () => DONE }],
  ['waits for its window', { texts: ['1'], handler: async () => DONE }],
  ['pauses after a failure', { texts: numbers(1, 10), handler: failing }],
])('stop does not wait for a poller that %s', async (_, { texts, handler }) => {
  const world = createMappingWorld({ windowMs: 3_600_000, pollMs: 3_600_000 });
  world.handler = handler;
  if (texts.length > 0) await world.put(texts);
  const mapping = world.launch();
  await mapping.start();
  await world.clock.advance(10);
  await mapping.stop();
  expect(world.deliveries.length).toBe(texts.length === 10 ? 1 : 0);
  expect(await world.checkpoint()).toBeNull();
});

test('a checkpoint that could not be saved is saved later, and what was handled does not come again meanwhile', async () => {
  const world = createMappingWorld({ batchSize: 3 });
  const { save } = world.checkpoints;
  world.checkpoints.save = async () => {
    throw unreachable();
  };
  await world.put(numbers(1, 6));
  const mapping = world.launch();
  await mapping.start();
  await world.clock.advance(30_000);
  expect(world.seen()).toEqual(['1 2 3', '4 5 6']);
  expect(await world.checkpoint()).toBeNull();
  world.checkpoints.save = save;
  await world.clock.advance(5_000);
  expect(await world.checkpoint()).toBe('6');
  expect(world.seen()).toHaveLength(2);
  await mapping.stop();
});

test('a checkpoint is saved once a batch, and not while there is nothing new', async () => {
  const world = createMappingWorld({ batchSize: 3 });
  const { save } = world.checkpoints;
  const saves: string[] = [];
  world.checkpoints.save = async (shardId, position) => {
    saves.push(position);
    await save(shardId, position);
  };
  await world.put(numbers(1, 7));
  const mapping = world.launch();
  await mapping.start();
  await world.clock.advance(1_000);
  expect(saves).toEqual(['3', '6', '7']);
  await mapping.stop();
});

test('while the stream or the checkpoints are away a poller asks with growing pauses, and then goes on', async () => {
  for (const part of ['read', 'load'] as const) {
    const world = createMappingWorld();
    let asked = 0;
    const { read } = world.stream;
    const { load } = world.checkpoints;
    const away = async (): Promise<never> => {
      asked += 1;
      throw unreachable();
    };
    if (part === 'read') world.stream.read = away;
    else world.checkpoints.load = away;
    await world.put(['1']);
    const mapping = world.launch();
    await mapping.start();
    await world.clock.advance(60_000);
    // 100 ms, doubled up to 5 s: six in the first 6.3 s, then every 5 s.
    expect(asked).toBe(17);
    expect(world.errors).toHaveLength(17);
    Object.assign(world.stream, { read });
    Object.assign(world.checkpoints, { load });
    await world.clock.advance(5_000);
    expect(world.seen()).toEqual(['1']);
    await mapping.stop();
  }
});

test.each([
  ['no record in a batch', { batchSize: 0 }],
  ['more than a read may take', { batchSize: 10_001 }],
  ['no pause between looks', { pollMs: 0 }],
])('settings that cannot work are a bug: %s', (_, settings) => {
  expect(() => createMappingWorld(settings).launch()).toThrow(InvariantError);
});
