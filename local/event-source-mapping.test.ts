import type { KinesisStreamEvent } from 'aws-lambda';
import { expect, test } from 'vitest';
import {
  createMappingWorld,
  DONE,
  FIRST_SHARD,
  failing,
  failingAt,
  numbers,
  START_MS,
} from '../test/builders/mapping-world.ts';

test('records come as the events of Kinesis, in order, in batches of at most the batch size', async () => {
  const world = createMappingWorld();
  let first: KinesisStreamEvent | undefined;
  world.handler = async (_, event) => {
    first ??= event;
    return DONE;
  };
  await world.put(numbers(1, 25));
  const mapping = world.launch();
  await mapping.start();
  await world.clock.advance(0);
  expect(world.deliveries.map(({ texts }) => texts)).toEqual([
    numbers(1, 10),
    numbers(11, 20),
    numbers(21, 25),
  ]);
  expect(first?.Records[0]).toMatchObject({
    eventSource: 'aws:kinesis',
    eventName: 'aws:kinesis:record',
    eventID: `${FIRST_SHARD}:1`,
    kinesis: {
      partitionKey: 'k',
      sequenceNumber: '1',
      data: Buffer.from('1').toString('base64'),
      approximateArrivalTimestamp: START_MS / 1000,
    },
  });
  expect(await world.checkpoint()).toBe('25');
  await mapping.stop();
});

test('a batch waits for more until its window ends, and not when it is full', async () => {
  const world = createMappingWorld({ windowMs: 100 });
  const mapping = world.launch();
  await mapping.start();
  await world.clock.advance(0);
  await world.put(numbers(1, 3));
  await world.clock.advance(119);
  expect(world.seen()).toEqual([]);
  await world.put(numbers(4, 7));
  await world.clock.advance(1);
  expect(world.deliveries).toMatchObject([{ texts: numbers(1, 7), atMs: 120 }]);
  await world.put(numbers(8, 17));
  await world.clock.advance(20);
  expect(world.deliveries.slice(1)).toMatchObject([{ texts: numbers(8, 17), atMs: 140 }]);
  await mapping.stop();
});

test('a batch that is full by its bytes does not wait either', async () => {
  const world = createMappingWorld({ windowMs: 100, batchSize: 100 });
  const record = { partitionKey: 'k', data: new Uint8Array(1024 * 1024 - 1) };
  await world.stream.putRecords(Array.from({ length: 4 }, () => record));
  await world.stream.putRecords(Array.from({ length: 4 }, () => record));
  const mapping = world.launch();
  await mapping.start();
  await world.clock.advance(0);
  expect(world.deliveries.map(({ texts }) => texts.length)).toEqual([6]);
  await world.clock.advance(100);
  expect(world.deliveries.map(({ texts }) => texts.length)).toEqual([6, 2]);
  await mapping.stop();
});

test('a batch whose handler throws comes again whole, for ever, with growing pauses, and nothing behind it', async () => {
  const world = createMappingWorld({ batchSize: 3 });
  world.handler = failing;
  await world.put(numbers(1, 9));
  const mapping = world.launch();
  await mapping.start();
  await world.clock.advance(60_000);
  const times = world.deliveries.map(({ atMs }) => atMs);
  const pauses = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
  expect(pauses.slice(0, 8)).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
  expect(Math.max(...pauses)).toBe(5_000);
  expect(new Set(world.seen())).toEqual(new Set(['1 2 3']));
  expect(world.errors).toHaveLength(world.deliveries.length);
  expect(await world.checkpoint()).toBeNull();
  world.handler = async () => DONE;
  await world.clock.advance(5_000);
  expect(world.seen().slice(-3)).toEqual(['1 2 3', '4 5 6', '7 8 9']);
  expect(await world.checkpoint()).toBe('9');
  await mapping.stop();
});

test('after a partial failure everything from the lowest failed record comes again, what was before it does not', async () => {
  const world = createMappingWorld({ batchSize: 6 });
  world.handler = failingAt('5', '4');
  await world.put(numbers(1, 8));
  const mapping = world.launch();
  await mapping.start();
  await world.clock.advance(0);
  expect(await world.checkpoint()).toBe('3');
  await world.clock.advance(700);
  expect(world.seen()).toEqual(['1 2 3 4 5 6', '4 5 6 7 8', '4 5 6 7 8', '4 5 6 7 8']);
  expect(await world.checkpoint()).toBe('3');
  world.handler = async () => DONE;
  await world.clock.advance(5_000);
  expect(world.seen().slice(4)).toEqual(['4 5 6 7 8']);
  expect(await world.checkpoint()).toBe('8');
  await mapping.stop();
});

test('a shard that is blocked does not block another one', async () => {
  const world = createMappingWorld({}, 2);
  const shardOf = async (key: string) => {
    const [put] = await world.put([key], key);
    return put?.ok === true ? put.shardId : '';
  };
  const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
  const shards = await Promise.all(keys.map(shardOf));
  const blocked = keys.filter((_, index) => shards[index] === FIRST_SHARD);
  expect(blocked.length % keys.length).not.toBe(0);
  world.handler = async ({ texts }) => {
    if (texts.some((text) => blocked.includes(text))) throw new Error('blocked');
    return DONE;
  };
  const mapping = world.launch();
  await mapping.start();
  await world.clock.advance(10_000);
  expect(new Set(world.seen())).toEqual(
    new Set([blocked.join(' '), keys.filter((key) => !blocked.includes(key)).join(' ')]),
  );
  expect(await world.checkpoint()).toBeNull();
  expect(await world.checkpoints.load('shardId-000000000001')).toBeDefined();
  await mapping.stop();
});

test('a batch that comes again may have other borders', async () => {
  const world = createMappingWorld({ batchSize: 4, retrySize: (attempt) => [3, 9, 0][attempt - 1] ?? 2 });
  world.handler = failing;
  await world.put(numbers(1, 6));
  const mapping = world.launch();
  await mapping.start();
  await world.clock.advance(1_500);
  expect(world.seen()).toEqual(['1 2 3 4', '1 2 3', '1 2 3 4', '1', '1 2']);
  world.handler = async () => DONE;
  await world.clock.advance(1_600);
  expect(world.seen().slice(5)).toEqual(['1 2', '3 4 5 6']);
  await mapping.stop();
});

test('a response that names an unknown record is an error, and nothing is skipped', async () => {
  const world = createMappingWorld();
  const unknown = [['99'], ['2', '99'], ['']].map((names) => ({
    batchItemFailures: names.map((itemIdentifier) => ({ itemIdentifier })),
  }));
  world.handler = async () => unknown.shift() ?? DONE;
  await world.put(numbers(1, 3));
  const mapping = world.launch();
  await mapping.start();
  await world.clock.advance(699);
  expect(await world.checkpoint()).toBeNull();
  await world.clock.advance(1);
  expect(world.seen()).toEqual(['1 2 3', '1 2 3', '1 2 3', '1 2 3']);
  expect(world.errors).toEqual(
    Array.from({ length: 3 }, () => 'the response names a record that is not in the batch'),
  );
  expect(await world.checkpoint()).toBe('3');
  await mapping.stop();
});
