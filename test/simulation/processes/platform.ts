import type { KinesisStreamBatchResponse } from 'aws-lambda';
import { toKinesisEvent } from '../../../local/kinesis-event.ts';
import { LIMITS } from '../../../shared/kernel/limits.ts';
import { compareSequence, type StreamRecord } from '../../../shared/ports/event-stream.ts';
import type { FaultKind } from '../faults/kinds.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { anyServing, type Installation } from './installation.ts';
import { BrokenConnection, whileAlive } from './process.ts';

const FAULTS: readonly FaultKind[] = ['error_before', 'error_after', 'delay', 'duplicate', 'two_consumers'];
const POLL_MS = [100, 800] as const;
const RETRY_MS = [100, 3_000] as const;
const DELAY_MS = [1_000, 40_000] as const;
/** As Lambda ends a function that takes longer. */
const TIMEOUT_MS = 120_000;

/** What AWS does between a stream and its consumers: it never dies, and forgets nothing but who works on what. */
interface Platform {
  readonly world: World;
  readonly installation: Installation;
  readonly random: Random;
  /** How far each shard is handled. */
  readonly positions: Map<string, string>;
  readonly drained: Set<string>;
  readonly polled: Set<string>;
  readonly isStopped: () => boolean;
}

/**
 * The event source mapping of AWS as far as it differs from the embedded one: shards come and go, children wait until
 * their parents are read to the end, any consumer may get any batch, and a batch may reach two of them.
 */
export function startPlatform(world: World, installation: Installation): () => void {
  let isStopped = false;
  const platform: Platform = {
    world,
    installation,
    random: world.random.fork('platform'),
    positions: new Map(),
    drained: new Set(),
    polled: new Set(),
    isStopped: () => isStopped,
  };
  launchPollers(platform).catch(report(world, 'the platform'));
  return () => {
    isStopped = true;
  };
}

function report(world: World, what: string): (thrown: unknown) => void {
  return (thrown) => world.failures.note({ name: 'platform' }, what, thrown);
}

async function launchPollers(platform: Platform): Promise<void> {
  const { world, drained, polled } = platform;
  while (!platform.isStopped()) {
    for (const { shardId, parents } of world.stores.stream.lineage()) {
      if (polled.has(shardId) || !parents.every((parent) => drained.has(parent))) continue;
      polled.add(shardId);
      poll(platform, shardId).catch(report(world, `the poller of ${shardId}`));
    }
    await world.scheduler.pause(500);
  }
}

async function poll(platform: Platform, shardId: string): Promise<void> {
  const { world, random, positions } = platform;
  while (!platform.isStopped()) {
    const records = await readNext(platform, shardId);
    if (records.length === 0) {
      const shard = world.stores.stream.lineage().find((each) => each.shardId === shardId);
      if (shard?.isOpen === false) break;
      await world.scheduler.pause(random.int(...POLL_MS));
      continue;
    }
    const handled = await deliver(platform, records);
    const last = records[handled - 1];
    if (last !== undefined) raise(positions, shardId, last.sequenceNumber);
    if (handled < records.length) await world.scheduler.pause(random.int(...RETRY_MS));
  }
  platform.drained.add(shardId);
}

function raise(positions: Map<string, string>, shardId: string, position: string): void {
  const known = positions.get(shardId);
  if (known === undefined || compareSequence(known, position) < 0) positions.set(shardId, position);
}

/** Borders differ at every try. */
async function readNext(
  { world, random, positions }: Platform,
  shardId: string,
): Promise<readonly StreamRecord[]> {
  const after = positions.get(shardId);
  const limit = Math.min(random.int(1, world.settings.batchSizeMax), LIMITS.streamReadRecords);
  return await world.stores.stream.read({ shardId, limit, ...(after === undefined ? {} : { after }) });
}

/** How many records from the start are handled, as far as the platform gets to know. */
async function deliver(platform: Platform, records: readonly StreamRecord[]): Promise<number> {
  const { world, random } = platform;
  const fault = world.ports.injector.choose('delivery', FAULTS);
  const { scheduler, trace } = world;
  trace.add({
    timeMs: scheduler.nowMs(),
    actor: 'platform',
    port: 'delivery',
    method: 'invoke',
    fault: fault ?? 'ok',
  });
  if (fault === 'error_before') return 0;
  if (fault === 'delay') await scheduler.pause(random.int(...DELAY_MS));
  const first = invoke(platform, records);
  if (fault === 'two_consumers') {
    // The shard moves to another consumer from the same position, while the first one goes on unseen.
    first.catch(() => undefined);
    await scheduler.pause(random.int(0, 500));
    return await settled(
      platform,
      records,
      invoke(platform, records.slice(0, random.int(1, records.length))),
    );
  }
  const handled = await settled(platform, records, first);
  if (fault === 'duplicate') invoke(platform, records).catch(() => undefined);
  return fault === 'error_after' ? 0 : handled;
}

async function settled(
  platform: Platform,
  records: readonly StreamRecord[],
  invocation: Promise<{ readonly records: number; readonly response: KinesisStreamBatchResponse }>,
): Promise<number> {
  try {
    const { records: delivered, response } = await invocation;
    const failed = response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    const firstFailed = records.findIndex(({ sequenceNumber }) => failed.includes(sequenceNumber));
    return firstFailed < 0 ? delivered : firstFailed;
  } catch (thrown) {
    if (!(thrown instanceof BrokenConnection)) report(platform.world, 'a consumer threw')(thrown);
    return 0;
  }
}

async function invoke({ world, installation }: Platform, records: readonly StreamRecord[]) {
  const { process, runtime } = anyServing(world, installation, 'consumer');
  const timeout = world.scheduler.after(TIMEOUT_MS, () => process.kill());
  try {
    const response = await whileAlive(process, () => runtime.consume(toKinesisEvent(records)));
    return { records: records.length, response };
  } finally {
    timeout.cancel();
  }
}
