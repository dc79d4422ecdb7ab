import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { createCheckpoints } from '../../local/checkpoints.ts';
import {
  createEventSourceMapping,
  type EventSourceMappingSettings,
} from '../../local/event-source-mapping.ts';
import { createMemoryItems } from '../../shared/adapters/memory/items/memory-items.ts';
import { createMemoryStream } from '../../shared/adapters/memory/stream/memory-stream.ts';
import { createVirtualClock } from '../../shared/adapters/memory/virtual-clock.ts';

export const START_MS = Date.UTC(2026, 10, 24);
export const FIRST_SHARD = 'shardId-000000000000';
export const DONE: KinesisStreamBatchResponse = { batchItemFailures: [] };

/** What the handler was given, and when, ms after the start. */
export interface Delivery {
  readonly shardId: string;
  readonly texts: readonly string[];
  readonly positions: readonly string[];
  readonly atMs: number;
}
export type Handler = (delivery: Delivery, event: KinesisStreamEvent) => Promise<KinesisStreamBatchResponse>;

/** A mapping over memory and virtual time, whose records are texts. A test may replace any of its parts. */
export function createMappingWorld(settings: Partial<EventSourceMappingSettings> = {}, shards = 1) {
  const clock = createVirtualClock({ startMs: START_MS });
  const stream = createMemoryStream({ shards, clock });
  const stored = createCheckpoints({ items: createMemoryItems() });
  const world = {
    clock,
    deliveries: [] as Delivery[],
    errors: [] as string[],
    handler: (async () => DONE) as Handler,
    stream: { ...stream },
    checkpoints: { ...stored },
    /** As it is stored, null before the first. */
    checkpoint: async (shardId = FIRST_SHARD) => (await stored.load(shardId)) ?? null,
    put: (texts: readonly string[], partitionKey = 'k') =>
      stream.putRecords(texts.map((text) => ({ partitionKey, data: Buffer.from(text) }))),
    /** A process: its pollers know only what is stored. */
    launch: () =>
      createEventSourceMapping({
        stream: { shards: stream.shards, read: (input) => world.stream.read(input) },
        checkpoints: {
          load: (shardId) => world.checkpoints.load(shardId),
          save: (shardId, position) => world.checkpoints.save(shardId, position),
        },
        clock,
        settings: { batchSize: 10, windowMs: 0, pollMs: 20, ...settings },
        invoke: async (event) => {
          const delivery = toDelivery(event, clock.nowMs() - START_MS);
          world.deliveries.push(delivery);
          return await world.handler(delivery, event);
        },
        onError: (_, error) => world.errors.push(error instanceof Error ? error.message : String(error)),
      }),
    seen: () => world.deliveries.map(({ texts }) => texts.join(' ')),
  };
  return world;
}

function toDelivery(event: KinesisStreamEvent, atMs: number): Delivery {
  return {
    shardId: event.Records[0]?.eventID.split(':')[0] ?? '',
    texts: event.Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString()),
    positions: event.Records.map(({ kinesis }) => kinesis.sequenceNumber),
    atMs,
  };
}

/** A handler that fails at these texts where they are in the batch, named in this order. */
export const failingAt =
  (...texts: readonly string[]): Handler =>
  async (delivery) => {
    const indexes = texts.map((text) => delivery.texts.indexOf(text)).filter((index) => index >= 0);
    const positions = indexes.map((index) => delivery.positions[index] ?? '');
    return { batchItemFailures: positions.map((itemIdentifier) => ({ itemIdentifier })) };
  };

export const failing: Handler = async () => {
  throw new Error('the handler failed');
};

export const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
