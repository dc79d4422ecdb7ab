import { expect, test } from 'vitest';
import { createCheckpoints } from '../../local/checkpoints.ts';
import { toKinesisEvent } from '../../local/kinesis-event.ts';
import type { Runtime } from '../../local/runtime.ts';
import { decodeHeader } from '../../shared/app/stream/envelope-codec.ts';
import { patchTenant } from '../../shared/app/tenants/patch-tenant.ts';
import type { RateLimit } from '../../shared/domain/limits/token-bucket.ts';
import { assert, defined } from '../../shared/kernel/assert.ts';
import type { StreamRecord } from '../../shared/ports/event-stream.ts';
import { send } from './drive.ts';
import { call, createWorld, type World } from './world.ts';

/** A tenth of what the one consumer of these tests takes, which both tenants share. */
const LIMIT: RateLimit = { perSecond: 100, burst: 200 };
const NO_LIMIT: RateLimit = { perSecond: 1_000_000, burst: 1_000_000 };
const TICK_MS = 10;
const RUN_MS = 15_000;
/** How long the consumer waits for a batch to fill, as the embedded server does. */
const WINDOW_MS = 100;
/** What a chunk costs the consumer, and each event in it. */
const CHUNK_MS = 60;
const EVENT_MS = 1;
const RECORDS_A_BATCH = 100;
const NOISY_BATCH = 50;
const QUIET_BATCH = 2;
const QUIET_EVERY_MS = 70;

interface Scene {
  readonly world: World;
  /** Two processes take requests and a third consumes. */
  readonly ingest: readonly [Runtime, Runtime];
  readonly consumer: Runtime;
  /** When each event of the quiet tenant was accepted, in order. */
  readonly acceptedMs: number[];
  /** When each was seen in its usage. */
  readonly countedMs: number[];
  noisyAccepted: number;
  noisyRefused: number;
}

async function createScene(limit: RateLimit): Promise<Scene> {
  const world = await createWorld(['noisy', 'quiet']);
  const item = await world.stores.items.get({ table: 'main', key: { pk: 'tenant#noisy', sk: 'tenant' } });
  const change = { key: 'noisy', ifMatch: Number(item?.etag), limits: { events: limit } };
  assert((await patchTenant(world.config)(change)).ok, 'the limit is set');
  const ingest = [world.startProcess(), world.startProcess()] as const;
  const counts = { acceptedMs: [], countedMs: [], noisyAccepted: 0, noisyRefused: 0 };
  return { world, ingest, consumer: world.startProcess(), ...counts };
}

function events(prefix: string, count: number) {
  return Array.from({ length: count }, (_, index) => ({
    ...{ id: `${prefix}-${index}`, type: 'llm.request', customer: 'acme', time: '2023-11-16T18:00:00Z' },
    properties: { input_tokens: 1, output_tokens: 1 },
  }));
}

async function sendNoise(scene: Scene, request: number): Promise<void> {
  const { world, ingest } = scene;
  const secret = defined(world.secrets.get('noisy'), 'the key');
  const answer = await send(ingest[request % 2 === 0 ? 0 : 1], secret, events(`n-${request}`, NOISY_BATCH));
  if (answer.status === 200) scene.noisyAccepted += NOISY_BATCH;
  else scene.noisyRefused += NOISY_BATCH;
  expect([200, 429]).toContain(answer.status);
}

async function sendQuietly({ world, ingest, acceptedMs }: Scene, request: number): Promise<void> {
  const secret = defined(world.secrets.get('quiet'), 'the key');
  const answer = await send(ingest[request % 2 === 0 ? 0 : 1], secret, events(`q-${request}`, QUIET_BATCH));
  expect(answer.body).toMatchObject({ accepted: QUIET_BATCH });
  for (let index = 0; index < QUIET_BATCH; index += 1) acceptedMs.push(world.clock.nowMs());
}

function costMs(records: readonly StreamRecord[]): number {
  const counts = records.map(({ data }) => {
    const decoded = decodeHeader(data);
    return decoded.ok && decoded.value.header.kind === 'events' ? decoded.value.header.count : 0;
  });
  return CHUNK_MS + EVENT_MS * counts.reduce((all, count) => all + count, 0);
}

/** Notes when what was accepted is in the usage of the quiet tenant. */
async function noteCounted({ world, consumer, countedMs }: Scene): Promise<void> {
  const path = '/v1/meters/requests/usage?from=2023-11-16T00:00:00Z&to=2023-11-17T00:00:00Z';
  const { body } = await call(consumer, { method: 'GET', path, secret: world.secrets.get('quiet') ?? '' });
  const counted = Number(body.data[0]?.value);
  while (countedMs.length < counted) countedMs.push(world.clock.nowMs());
}

/** Takes what the stream holds, and is done with it after as long as that costs. */
function createConsumer(scene: Scene) {
  const { world, consumer } = scene;
  const checkpoints = createCheckpoints({ items: world.stores.items });
  let busy: { readonly untilMs: number; readonly records: readonly StreamRecord[] } | null = null;
  let waitingSinceMs: number | null = null;
  return async (): Promise<boolean> => {
    const [shardId = ''] = await world.stores.stream.shards();
    if (busy !== null && busy.untilMs <= world.clock.nowMs()) {
      const { batchItemFailures } = await consumer.consume(toKinesisEvent(busy.records));
      expect(batchItemFailures).toEqual([]);
      await checkpoints.save(shardId, busy.records.at(-1)?.sequenceNumber ?? '');
      await noteCounted(scene);
      busy = null;
    }
    if (busy !== null) return true;
    const after = await checkpoints.load(shardId);
    const range = { shardId, limit: RECORDS_A_BATCH, ...(after === undefined ? {} : { after }) };
    const records = await world.stores.stream.read(range);
    if (records.length === 0) return false;
    const nowMs = world.clock.nowMs();
    waitingSinceMs ??= nowMs;
    if (nowMs - waitingSinceMs < WINDOW_MS && records.length < RECORDS_A_BATCH) return true;
    waitingSinceMs = null;
    busy = { records, untilMs: nowMs + costMs(records) };
    return true;
  };
}

/** The quiet tenant sends now and then, the other `noise` events a second; answers how long the former's took to be counted. */
async function play(input: { readonly noise: number; readonly limit: RateLimit; readonly forMs?: number }) {
  const scene = await createScene(input.limit);
  const { world } = scene;
  const consume = createConsumer(scene);
  const startMs = world.clock.nowMs();
  let noiseSent = 0;
  let quietSent = 0;
  for (;;) {
    const passedMs = world.clock.nowMs() - startMs;
    const isOver = passedMs >= (input.forMs ?? RUN_MS);
    if (!isOver) {
      while (noiseSent * NOISY_BATCH < (input.noise * passedMs) / 1_000) await sendNoise(scene, noiseSent++);
      if (quietSent * QUIET_EVERY_MS <= passedMs) await sendQuietly(scene, quietSent++);
    }
    if (!(await consume()) && isOver) break;
    world.clock.advance(TICK_MS);
  }
  const { acceptedMs, countedMs } = scene;
  expect(countedMs).toHaveLength(acceptedMs.length);
  const freshness = acceptedMs.map((atMs, index) => (countedMs[index] ?? Number.NaN) - atMs);
  const p99Ms =
    freshness.toSorted((left, right) => left - right)[Math.ceil(freshness.length * 0.99) - 1] ?? 0;
  return { p99Ms, accepted: scene.noisyAccepted, refused: scene.noisyRefused };
}

test('a tenant that sends a hundred times its limit does not double how long the events of another take', async () => {
  const quiet = await play({ noise: 0, limit: LIMIT });
  const noisy = await play({ noise: 100 * LIMIT.perSecond, limit: LIMIT });
  expect(noisy.refused).toBeGreaterThan(100 * noisy.accepted * 0.8);
  // Two processes may each have a second of the rate in hand.
  const most = LIMIT.burst + (LIMIT.perSecond * RUN_MS) / 1_000 + 2 * LIMIT.perSecond;
  expect(noisy.accepted).toBeLessThanOrEqual(most);
  expect(noisy.accepted).toBeGreaterThan(0.9 * LIMIT.perSecond * (RUN_MS / 1_000));
  expect(noisy.p99Ms).toBeLessThanOrEqual(2 * quiet.p99Ms);
  // So much for the limit: without one, the same load is felt.
  const open = await play({ noise: 100 * LIMIT.perSecond, limit: NO_LIMIT, forMs: 2_000 });
  expect(open.refused).toBe(0);
  expect(open.p99Ms).toBeGreaterThan(10 * quiet.p99Ms);
}, 120_000);
