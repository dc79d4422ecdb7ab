import type { DynamoDBStreamEvent } from 'aws-lambda';
import { expect, test } from 'vitest';
import { createMemoryItems } from '../shared/adapters/memory/items/memory-items.ts';
import { createVirtualClock } from '../shared/adapters/memory/virtual-clock.ts';
import type { Item } from '../shared/ports/item-store.ts';
import { createCheckpoints } from './checkpoints.ts';
import { dynamodbSource } from './dynamodb-event.ts';
import { createMapping, type EventSourceMappingSettings } from './event-source-mapping.ts';

const START_MS = Date.UTC(2026, 10, 24, 12, 0, 0, 987);
const KEY = { pk: 'tenant#acme', sk: '1' };
const DONE = { batchItemFailures: [] as { itemIdentifier: string }[] };
type Handler = (event: DynamoDBStreamEvent) => Promise<typeof DONE>;

/** A mapping of the feed over memory and virtual time. A test may replace its handler. */
function createWorld(settings: Partial<EventSourceMappingSettings> = {}) {
  const clock = createVirtualClock({ startMs: START_MS });
  const items = createMemoryItems({ clock });
  const { changes } = items;
  const world = {
    clock,
    items,
    events: [] as DynamoDBStreamEvent[],
    errors: [] as unknown[],
    handler: (async () => DONE) as Handler,
    put: (item: Item) => items.put({ table: 'outbox', item }),
    /** A process: its pollers know only what is stored. */
    launch: (consumer = 'publish') =>
      createMapping({
        source: dynamodbSource({ changes, table: 'outbox' }),
        checkpoints: createCheckpoints({ items, consumer }),
        clock,
        settings: { batchSize: 10, windowMs: 0, pollMs: 20, ...settings },
        invoke: async (event) => {
          world.events.push(event);
          return await world.handler(event);
        },
        onError: (_, error) => world.errors.push(error),
      }),
    records: () => world.events.flatMap(({ Records }) => Records),
    /** The numbers that each event brought. */
    numbers: () =>
      world.events.map(({ Records }) => Records.map(({ dynamodb }) => Number(dynamodb?.NewImage?.n?.N))),
  };
  return world;
}

test('a change comes as the record of a DynamoDB stream: its kind, key, images, time and who deleted it', async () => {
  const world = createWorld();
  const { items, clock } = world;
  await world.put({ ...KEY, n: 1 });
  await items.update({ table: 'outbox', key: KEY, changes: { set: { ttl: 1 }, remove: ['n'] } });
  items.expire(2);
  const other = { pk: 'tenant#acme', sk: '2' };
  await world.put(other);
  await items.delete({ table: 'outbox', key: other });
  const mapping = world.launch();
  await mapping.start();
  await clock.advance(0);
  await mapping.stop();
  const shared = {
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'local',
    eventSourceARN: 'arn:aws:dynamodb:local:000000000000:table/outbox/stream/changes',
  };
  const [pk, time] = [
    { S: 'tenant#acme' },
    { ApproximateCreationDateTime: Date.UTC(2026, 10, 24, 12) / 1000 },
  ];
  const view = { ...time, StreamViewType: 'NEW_AND_OLD_IMAGES' };
  const [one, two] = [
    { pk, sk: { S: '1' } },
    { pk, sk: { S: '2' } },
  ];
  const [created, changed] = [
    { ...one, n: { N: '1' } },
    { ...one, ttl: { N: '1' } },
  ];
  // pk, its 11 characters, sk and its one are 16 bytes; n and its number 3, ttl and its number 5.
  expect(world.records()).toEqual(
    [
      { Keys: one, NewImage: created, SizeBytes: 16 + 19, SequenceNumber: '1', ...view },
      {
        Keys: one,
        OldImage: created,
        NewImage: changed,
        SizeBytes: 16 + 19 + 21,
        SequenceNumber: '2',
        ...view,
      },
      { Keys: one, OldImage: changed, SizeBytes: 16 + 21, SequenceNumber: '3', ...view },
      { Keys: two, NewImage: two, SizeBytes: 32, SequenceNumber: '4', ...view },
      { Keys: two, OldImage: two, SizeBytes: 32, SequenceNumber: '5', ...view },
    ].map((dynamodb, index) => ({
      ...shared,
      eventID: `outbox:${index + 1}`,
      eventName: ['INSERT', 'MODIFY', 'REMOVE', 'INSERT', 'REMOVE'][index],
      ...(index === 2 ? { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } } : {}),
      dynamodb,
    })),
  );
});

test('values come as DynamoDB writes them: numbers as text, exact, and bytes in base64', async () => {
  const world = createWorld();
  await world.put({
    ...KEY,
    text: 'ä😀',
    empty: '',
    n: -7,
    large: 10n ** 37n + 1n,
    yes: true,
    no: false,
    none: null,
    bytes: new Uint8Array([0, 255, 16]),
    list: [1, ['x'], {}],
    map: { a: { b: null }, $n: '1' },
  });
  const mapping = world.launch();
  await mapping.start();
  await world.clock.advance(0);
  await mapping.stop();
  expect(world.records().map(({ dynamodb }) => dynamodb?.NewImage)).toEqual([
    {
      pk: { S: 'tenant#acme' },
      sk: { S: '1' },
      text: { S: 'ä😀' },
      empty: { S: '' },
      n: { N: '-7' },
      large: { N: '10000000000000000000000000000000000001' },
      yes: { BOOL: true },
      no: { BOOL: false },
      none: { NULL: true },
      bytes: { B: 'AP8Q' },
      list: { L: [{ N: '1' }, { L: [{ S: 'x' }] }, { M: {} }] },
      map: { M: { a: { M: { b: { NULL: true } } }, $n: { S: '1' } } },
    },
  ]);
});

test('after a partial failure everything from the lowest failed change comes again, what was before does not', async () => {
  const world = createWorld({ batchSize: 4 });
  for (let n = 1; n <= 6; n += 1) await world.put({ ...KEY, n });
  const failures = ['3'];
  world.handler = async () => ({
    batchItemFailures: failures.splice(0).map((itemIdentifier) => ({ itemIdentifier })),
  });
  const mapping = world.launch();
  await mapping.start();
  await world.clock.advance(200);
  await mapping.stop();
  expect(world.numbers()).toEqual([
    [1, 2, 3, 4],
    [3, 4, 5, 6],
  ]);
});

test('a function that fails blocks its shard until it succeeds, and nothing is lost', async () => {
  const world = createWorld();
  await world.put({ ...KEY, n: 1 });
  world.handler = async () => {
    throw new Error('the bus is away');
  };
  const mapping = world.launch();
  await mapping.start();
  await world.clock.advance(60_000);
  await world.put({ ...KEY, n: 2 });
  expect(world.errors.length).toBe(world.events.length);
  world.handler = async () => DONE;
  await world.clock.advance(5_000);
  await mapping.stop();
  expect(world.numbers().at(-1)).toEqual([1, 2]);
});

test('a mapping that starts again goes on behind what was handled, and another consumer has its own way', async () => {
  const world = createWorld();
  const run = async (consumer?: string) => {
    world.events = [];
    const mapping = world.launch(consumer);
    await mapping.start();
    await world.clock.advance(100);
    await mapping.stop();
    return world.numbers();
  };
  for (const n of [1, 2]) await world.put({ ...KEY, n });
  expect(await run()).toEqual([[1, 2]]);
  await world.put({ ...KEY, n: 3 });
  expect(await run()).toEqual([[3]]);
  expect(await run()).toEqual([]);
  expect(await run('other')).toEqual([[1, 2, 3]]);
});

test('the stream and a feed whose shards have the same name do not share a checkpoint', async () => {
  const { items } = createWorld();
  const [shardId = ''] = await items.changes.shards('outbox');
  const ofFeed = createCheckpoints({ items, consumer: 'publish' });
  await ofFeed.save(shardId, '7');
  expect(await createCheckpoints({ items }).load(shardId)).toBeUndefined();
  expect(await ofFeed.load(shardId)).toBe('7');
});

test('a batch waits for more until its window ends, and not when its images fill a read', async () => {
  const world = createWorld({ windowMs: 100 });
  await world.put({ ...KEY, n: 1 });
  const mapping = world.launch();
  await mapping.start();
  await world.clock.advance(99);
  await world.put({ ...KEY, n: 2 });
  expect(world.events).toEqual([]);
  await world.clock.advance(1);
  expect(world.numbers()).toEqual([[1, 2]]);
  const text = 'x'.repeat(300_000);
  for (const n of [3, 4]) await world.put({ ...KEY, n, text });
  await world.clock.advance(20);
  expect(world.numbers()).toEqual([
    [1, 2],
    [3, 4],
  ]);
  await mapping.stop();
});
