import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { LIMITS } from '../shared/kernel/limits.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { ReadableStream, StreamRecord } from '../shared/ports/event-stream.ts';
import type { Checkpoints } from './checkpoints.ts';

const RETRY_PAUSE_MS = 100;
const RETRY_PAUSE_MAX_MS = 5_000;

export interface EventSourceMappingSettings {
  /** Records in a batch at most. */
  readonly batchSize: number;
  /** How long to wait for a fuller batch once there is something, ms. */
  readonly windowMs: number;
  /** How often to look when there is nothing, ms. */
  readonly pollMs: number;
  /** Records to take when a batch is delivered again: on AWS its borders differ from the first delivery's. */
  readonly retrySize?: (attempt: number) => number;
}

export interface EventSourceMapping {
  start(): Promise<void>;
  /** Starts another poller on a shard beside the one that is still working, as AWS does when it moves a shard. */
  handOver(shardId: string): Promise<void>;
  /** Resolves when the batches in flight have ended. */
  stop(): Promise<void>;
}

/** One poller works through one shard; it is retired by a hand-over or by the end. */
interface Poller {
  readonly shardId: string;
  retired: boolean;
}

/**
 * A Kinesis event source mapping as AWS documents it: batches in order, one at a time a poller; a thrown error or a
 * partial failure sends everything from the lowest failed record again, for ever, blocking its shard; the checkpoint
 * follows only what was handled.
 */
export function createEventSourceMapping(deps: {
  readonly stream: ReadableStream;
  readonly checkpoints: Checkpoints;
  readonly clock: Clock;
  readonly invoke: (event: KinesisStreamEvent) => Promise<KinesisStreamBatchResponse>;
  readonly settings: EventSourceMappingSettings;
  readonly onError: (shardId: string, error: unknown) => void;
}): EventSourceMapping {
  const pollers = new Map<Poller, Promise<unknown>>();

  function launch(shardId: string): void {
    const poller: Poller = { shardId, retired: false };
    const done = work(deps, poller).finally(() => pollers.delete(poller));
    pollers.set(poller, done);
  }

  return {
    start: async () => {
      for (const shardId of await deps.stream.shards()) launch(shardId);
    },
    handOver: async (shardId) => {
      for (const poller of pollers.keys()) if (poller.shardId === shardId) poller.retired = true;
      launch(shardId);
    },
    stop: async () => {
      for (const poller of pollers.keys()) poller.retired = true;
      await Promise.all(pollers.values());
    },
  };
}

type Deps = Parameters<typeof createEventSourceMapping>[0];

async function work(deps: Deps, poller: Poller): Promise<void> {
  const { shardId } = poller;
  let position: string | undefined;
  let attempt = 0;
  let started = false;
  while (!poller.retired) {
    try {
      if (!started) position = await deps.checkpoints.load(shardId);
      started = true;
      const batch = await collect(deps, poller, position, attempt);
      if (batch.length === 0) continue;
      const handled = await deliver(deps, batch);
      const last = batch[handled - 1];
      if (last !== undefined) {
        position = last.sequenceNumber;
        await deps.checkpoints.save(shardId, position);
      }
      attempt = handled === batch.length ? 0 : attempt + 1;
    } catch (thrown) {
      attempt += 1;
      deps.onError(shardId, thrown);
    }
    if (attempt > 0)
      await deps.clock.sleep(Math.min(RETRY_PAUSE_MS * 2 ** (attempt - 1), RETRY_PAUSE_MAX_MS));
  }
}

async function collect(
  deps: Deps,
  poller: Poller,
  after: string | undefined,
  attempt: number,
): Promise<readonly StreamRecord[]> {
  const { batchSize, windowMs, pollMs, retrySize } = deps.settings;
  const size =
    attempt === 0 || retrySize === undefined
      ? batchSize
      : Math.max(1, Math.min(retrySize(attempt), batchSize));
  const read = () =>
    deps.stream.read({
      shardId: poller.shardId,
      limit: Math.min(size, LIMITS.streamReadRecords),
      ...(after === undefined ? {} : { after }),
    });
  const first = await read();
  if (first.length === 0) {
    await deps.clock.sleep(pollMs);
    return [];
  }
  if (first.length >= size || windowMs === 0 || attempt > 0) return first;
  await deps.clock.sleep(windowMs);
  return await read();
}

/** How many records from the start of the batch are handled. */
async function deliver(deps: Deps, batch: readonly StreamRecord[]): Promise<number> {
  const response = await deps.invoke(toEvent(batch));
  const failed = new Set(response.batchItemFailures.map((failure) => failure.itemIdentifier));
  const lowest = batch.findIndex((record) => failed.has(record.sequenceNumber));
  if (failed.size > 0 && lowest === -1)
    throw new Error('the response names a record that is not in the batch');
  return lowest === -1 ? batch.length : lowest;
}

function toEvent(batch: readonly StreamRecord[]): KinesisStreamEvent {
  return {
    Records: batch.map((record) => ({
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `${record.shardId}:${record.sequenceNumber}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: 'arn:aws:iam::000000000000:role/local',
      awsRegion: 'local',
      eventSourceARN: 'arn:aws:kinesis:local:000000000000:stream/events',
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: record.partitionKey,
        sequenceNumber: record.sequenceNumber,
        data: Buffer.from(record.data).toString('base64'),
        approximateArrivalTimestamp: record.arrivedAtMs / 1000,
      },
    })),
  };
}
