import { describe, expect, test } from 'vitest';
import type { Runtime } from '../../local/runtime.ts';
import { drain, readTotals, send } from './drive.ts';
import { foldTrace, readTrace, type TraceEvent } from './trace.ts';
import { call, createWorld, type World } from './world.ts';

const EVENTS = readTrace(10);
const [FIRST, SECOND] = EVENTS as readonly [TraceEvent, TraceEvent, ...TraceEvent[]];

interface Bench {
  readonly world: World;
  readonly process: Runtime;
  readonly secret: string;
  readonly settle: () => Promise<void>;
  readonly post: (path: string, body: object) => ReturnType<typeof call>;
  readonly get: (path: string) => Promise<readonly Record<string, unknown>[]>;
}

async function createBench(): Promise<Bench> {
  const world = await createWorld();
  const process = world.startProcess();
  const secret = world.secrets.get('acme') ?? '';
  return {
    world,
    process,
    secret,
    settle: async () => {
      await drain(world, process, { batchSize: 3 });
      await process.sweep({ force: true });
    },
    post: (path, body) => call(process, { method: 'POST', path, secret, body }),
    get: async (path) => (await call(process, { method: 'GET', path, secret })).body.data,
  };
}

const amended = (event: TraceEvent, changes: Partial<TraceEvent> = {}) => ({ ...event, ...changes });
const revoke = (bench: Bench, id: string, revision: number) =>
  bench.post(`/v1/events/${id}/revoke`, { revision, reason: 'sent by mistake' });
const amend = (bench: Bench, event: TraceEvent, revision: number) =>
  bench.post(`/v1/events/${event.id}/amend`, { revision, reason: 'wrong figures', event });

describe('a correction', () => {
  test('takes back what its event counted, and the event is listed as revoked', async () => {
    const bench = await createBench();
    await send(bench.process, bench.secret, EVENTS);
    await bench.settle();
    expect((await revoke(bench, FIRST.id, 1)).status).toBe(202);
    await bench.settle();
    expect(await readTotals(bench.process, bench.secret)).toEqual(foldTrace(EVENTS.slice(1)));
    expect(await bench.get('/v1/events?status=revoked')).toMatchObject([
      { id: FIRST.id, reason: 'event.revoked' },
    ]);
    expect(await bench.get('/v1/events')).toHaveLength(EVENTS.length);
    expect(await bench.get('/v1/corrections')).toMatchObject([
      {
        id: FIRST.id,
        revision: 1,
        action: 'revoke',
        status: 'applied',
        reason: 'sent by mistake',
        event: null,
      },
    ]);
  });

  test('sent twice is one; the event moves to the customer and time that it should have had', async () => {
    const bench = await createBench();
    const moved = amended(FIRST, {
      customer: 'globex',
      time: '2023-11-16T01:02:03.004Z',
      properties: { input_tokens: 5, output_tokens: 6 },
    });
    await send(bench.process, bench.secret, EVENTS);
    await bench.settle();
    for (let times = 0; times < 3; times += 1) await amend(bench, moved, 1);
    await bench.settle();
    await amend(bench, moved, 1);
    await bench.settle();
    expect(await readTotals(bench.process, bench.secret)).toEqual(foldTrace([moved, ...EVENTS.slice(1)]));
    expect(await bench.get(`/v1/events?id=${FIRST.id}`)).toMatchObject([
      { customer: 'globex', time: moved.time, properties: moved.properties, status: 'counted' },
    ]);
    expect(await bench.get('/v1/events?customer=acme')).toHaveLength(1);
  });

  test('before its event is the event, or its tombstone; what arrives then is reported as a conflict', async () => {
    const bench = await createBench();
    const better = amended(FIRST, { properties: { input_tokens: 1, output_tokens: 2 } });
    await amend(bench, better, 1);
    await revoke(bench, SECOND.id, 1);
    await bench.settle();
    await send(bench.process, bench.secret, EVENTS);
    await bench.settle();
    expect(await readTotals(bench.process, bench.secret)).toEqual(foldTrace([better, ...EVENTS.slice(2)]));
    const conflicts = await bench.get('/v1/conflicts');
    expect(conflicts.find(({ id }) => id === FIRST.id)).toMatchObject({
      properties: FIRST.properties,
      counted: { properties: better.properties, status: 'counted' },
    });
    expect(conflicts.find(({ id }) => id === SECOND.id)).toMatchObject({ counted: null });
    expect(conflicts).toHaveLength(2);
  });

  test('ahead of its predecessor waits, is listed, and takes effect as soon as that arrives', async () => {
    const bench = await createBench();
    const better = amended(FIRST, { properties: { input_tokens: 1, output_tokens: 2 } });
    await send(bench.process, bench.secret, EVENTS);
    await amend(bench, better, 3);
    await revoke(bench, FIRST.id, 2);
    await bench.settle();
    expect(await readTotals(bench.process, bench.secret)).toEqual(foldTrace(EVENTS));
    expect(
      (await bench.get('/v1/corrections?status=waiting')).map(({ revision }) => revision).sort(),
    ).toEqual([2, 3]);
    await revoke(bench, FIRST.id, 1);
    await bench.settle();
    expect(await readTotals(bench.process, bench.secret)).toEqual(foldTrace([better, ...EVENTS.slice(1)]));
    expect(await bench.get('/v1/corrections?status=waiting')).toEqual([]);
  });

  test('with the revision of another is a conflict, and the first holds', async () => {
    const bench = await createBench();
    await send(bench.process, bench.secret, EVENTS);
    await revoke(bench, FIRST.id, 1);
    await amend(bench, FIRST, 1);
    await bench.settle();
    expect(await readTotals(bench.process, bench.secret)).toEqual(foldTrace(EVENTS.slice(1)));
    expect(await bench.get('/v1/corrections?status=conflict')).toMatchObject([
      { revision: 1, action: 'amend' },
    ]);
  });

  test('of another event, without its time, or with a wrong revision is refused with its field', async () => {
    const bench = await createBench();
    const other = await bench.post('/v1/events/x/amend', { revision: 1, reason: 'r', event: FIRST });
    expect(other).toMatchObject({
      status: 400,
      body: { code: 'correction.other_event', errors: [{ path: 'event.id' }] },
    });
    const { time: _time, ...timeless } = FIRST;
    const undated = await bench.post(`/v1/events/${FIRST.id}/amend`, {
      revision: 1,
      reason: 'r',
      event: timeless,
    });
    expect(undated).toMatchObject({
      status: 400,
      body: { code: 'correction.time_required', errors: [{ path: 'event.time' }] },
    });
    const zeroth = await bench.post('/v1/events/x/revoke', { revision: 0, reason: 'r' });
    expect(zeroth).toMatchObject({ status: 400, body: { errors: [{ path: 'revision' }] } });
    await bench.settle();
    expect(await bench.get('/v1/corrections')).toEqual([]);
  });
});
