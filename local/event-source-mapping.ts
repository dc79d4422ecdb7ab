import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { assert } from '../shared/kernel/assert.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { ReadableStream, StreamRecord } from '../shared/ports/event-stream.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { EventSource, Positioned } from './event-source.ts';
import { kinesisSource } from './kinesis-event.ts';

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

/** One poller works through one shard until a hand-over or the end retires it. */
interface Poller {
  readonly shardId: string;
  readonly retirement: AbortController;
}

interface Deps<R extends Positioned, E> {
  readonly source: EventSource<R, E>;
  /** Of this function alone. */
  readonly checkpoints: Checkpoints;
  readonly clock: Clock;
  /** Partial failures have one shape, whatever the source. */
  readonly invoke: (event: E) => Promise<KinesisStreamBatchResponse>;
  readonly settings: EventSourceMappingSettings;
  /** Hears of errors, thrown by a handler or a store, before their work is tried again. */
  readonly onError: (shardId: string, error: unknown) => void;
}

/** The mapping of a Kinesis stream. */
export function createEventSourceMapping(
  deps: Omit<Deps<StreamRecord, KinesisStreamEvent>, 'source'> & { readonly stream: ReadableStream },
): EventSourceMapping {
  const { stream, ...others } = deps;
  return createMapping({ ...others, source: kinesisSource(stream) });
}

/**
 * An event source mapping of Kinesis or of a DynamoDB stream as AWS documents it: batches in order, one at a time a poller;
 * a thrown error or a partial failure sends everything from the lowest failed record again, for ever, blocking its shard;
 * the checkpoint follows only what was handled.
 */
export function createMapping<R extends Positioned, E>(deps: Deps<R, E>): EventSourceMapping {
  const { batchSize, windowMs, pollMs } = deps.settings;
  assert(batchSize >= 1 && batchSize <= deps.source.readMax, 'a batch is what one read may take');
  assert(windowMs >= 0 && pollMs > 0, 'a poller waits before it looks again');
  const pollers = new Map<Poller, Promise<unknown>>();
  let isStopped = false;

  function launch(shardId: string): void {
    if (isStopped) return;
    const poller: Poller = { shardId, retirement: new AbortController() };
    const done = work(deps, poller).finally(() => pollers.delete(poller));
    pollers.set(poller, done);
  }

  return {
    start: async () => {
      for (const shardId of await deps.source.shards()) launch(shardId);
    },
    handOver: async (shardId) => {
      for (const poller of pollers.keys()) if (poller.shardId === shardId) poller.retirement.abort();
      launch(shardId);
    },
    stop: async () => {
      isStopped = true;
      for (const poller of pollers.keys()) poller.retirement.abort();
      await Promise.all(pollers.values());
    },
  };
}

async function work<R extends Positioned, E>(deps: Deps<R, E>, poller: Poller): Promise<void> {
  const { clock, checkpoints } = deps;
  const { shardId, retirement } = poller;
  let isLoaded = false;
  let saved: string | undefined;
  let position: string | undefined;
  /** In a row, with nothing handled in between. */
  let failures = 0;
  while (!retirement.signal.aborted) {
    try {
      if (!isLoaded) position = saved = await checkpoints.load(shardId);
      isLoaded = true;
      const batch = await collect({ deps, poller, after: position, failures });
      const handled = batch.length === 0 ? 0 : await deliver(deps, batch);
      position = batch[handled - 1]?.sequenceNumber ?? position;
      if (position !== undefined && position !== saved) await checkpoints.save(shardId, position);
      saved = position;
      failures = handled === batch.length ? 0 : handled > 0 ? 1 : failures + 1;
    } catch (thrown) {
      failures += 1;
      deps.onError(shardId, thrown);
    }
    if (failures > 0) await clock.sleep(retryPauseMs(failures), retirement.signal);
  }
}

function retryPauseMs(failures: number): number {
  return Math.min(RETRY_PAUSE_MS * 2 ** (failures - 1), RETRY_PAUSE_MAX_MS);
}

/** The next batch; empty when there is nothing, after a pause, or when the poller is retired meanwhile. */
async function collect<R extends Positioned, E>(input: {
  readonly deps: Deps<R, E>;
  readonly poller: Poller;
  readonly after: string | undefined;
  readonly failures: number;
}): Promise<readonly R[]> {
  const { deps, poller, after, failures } = input;
  const { source } = deps;
  const { shardId, retirement } = poller;
  const { batchSize, windowMs, pollMs, retrySize } = deps.settings;
  const retried = failures === 0 ? batchSize : (retrySize?.(failures) ?? batchSize);
  const limit = Math.max(1, Math.min(retried, batchSize));
  const read = () => source.read({ shardId, limit, ...(after === undefined ? {} : { after }) });
  const first = await read();
  if (first.length === 0) await deps.clock.sleep(pollMs, retirement.signal);
  const isFull = first.length >= limit || source.isFull(first);
  if (first.length === 0 || failures > 0 || windowMs === 0 || isFull) return first;
  await deps.clock.sleep(windowMs, retirement.signal);
  return retirement.signal.aborted ? [] : await read();
}

/** How many records from the start of the batch are handled. */
async function deliver<R extends Positioned, E>(deps: Deps<R, E>, batch: readonly R[]): Promise<number> {
  const response = await deps.invoke(deps.source.toEvent(batch));
  const indexes = new Map(batch.map(({ sequenceNumber }, index) => [sequenceNumber, index]));
  let handled = batch.length;
  for (const { itemIdentifier } of response.batchItemFailures) {
    const index = indexes.get(itemIdentifier);
    if (index === undefined) throw new Error('the response names a record that is not in the batch');
    handled = Math.min(handled, index);
  }
  return handled;
}
