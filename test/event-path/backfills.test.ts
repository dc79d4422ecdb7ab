import { describe, expect, test } from 'vitest';
import { drain, readTotals, send } from './drive.ts';
import { foldTrace, readTrace, type TraceEvent } from './trace.ts';
import { call, createWorld } from './world.ts';

const EVENTS = readTrace(40);
const RANGE = {
  from: '2023-11-16T00:00:00Z',
  to: '2023-11-17T00:00:00Z',
  reason: 'an outage of the gateway',
};

async function createBench() {
  const world = await createWorld();
  const process = world.startProcess();
  const secret = world.secrets.get('acme') ?? '';
  const request = (method: string, path: string, body?: object) =>
    call(process, { method, path, secret, ...(body === undefined ? {} : { body }) });
  const work = async () => {
    for (let rounds = 0; rounds < 30; rounds += 1) {
      await process.issueFence();
      await drain(world, process, { batchSize: 3 });
      await process.sweep({ force: true });
      if ((await process.runJobs()).open === 0) return;
    }
    throw new Error('the jobs do not end');
  };
  const create = async () => String((await request('POST', '/v1/backfills', RANGE)).body.id);
  const add = (id: string, events: readonly object[]) =>
    request('POST', `/v1/backfills/${id}/events`, { events });
  return { world, process, secret, request, work, create, add, totals: () => readTotals(process, secret) };
}

describe('a backfill', () => {
  test('counts nothing before it is applied, each event once then, and nothing again when it is sent twice', async () => {
    const bench = await createBench();
    await send(bench.process, bench.secret, EVENTS.slice(0, 10));
    await bench.work();
    const id = await bench.create();
    expect((await bench.add(id, EVENTS.slice(5, 25))).body).toMatchObject({ accepted: 20, rejected: 0 });
    await bench.add(id, EVENTS.slice(20));
    await bench.work();
    expect(await bench.totals()).toEqual(foldTrace(EVENTS.slice(0, 10)));
    const preview = (await bench.request('POST', `/v1/backfills/${id}/preview`)).body;
    expect(preview).toMatchObject({ events: 40, isComplete: true, known: 5, conflicts: 0, repeated: 5 });
    expect((await bench.request('POST', `/v1/backfills/${id}/apply`)).status).toBe(202);
    expect((await bench.add(id, EVENTS)).body).toMatchObject({ code: 'backfill.not_collecting' });
    await bench.work();
    expect(await bench.totals()).toEqual(foldTrace(EVENTS));
    // The same events by the front door are resends of these.
    await send(bench.process, bench.secret, EVENTS);
    await bench.work();
    expect(await bench.totals()).toEqual(foldTrace(EVENTS));
  });

  test('is taken back as far as it counted, and every step is in the audit log with who and why', async () => {
    const bench = await createBench();
    await send(bench.process, bench.secret, EVENTS.slice(0, 10));
    await bench.work();
    const id = await bench.create();
    await bench.add(id, EVENTS.slice(5, 30));
    expect((await bench.request('POST', `/v1/backfills/${id}/revert`)).body).toMatchObject({
      code: 'backfill.not_applied',
    });
    await bench.request('POST', `/v1/backfills/${id}/apply`);
    await bench.work();
    await bench.request('POST', `/v1/backfills/${id}/revert`);
    await bench.work();
    expect(await bench.totals()).toEqual(foldTrace(EVENTS.slice(0, 10)));
    expect((await bench.request('GET', `/v1/backfills/${id}`)).body).toMatchObject({
      status: 'reverted',
      events: 25,
    });
    const audit = (await bench.request('GET', '/v1/audit')).body.data;
    expect(audit.map(({ action }) => action)).toEqual([
      'backfill.revert',
      'backfill.apply',
      'backfill.create',
    ]);
    for (const entry of audit) {
      expect(entry).toMatchObject({
        target: `backfill/${id}`,
        reason: RANGE.reason,
        keyId: expect.stringMatching(/^key_/),
      });
    }
  });

  test('finds an event that is stored though its claim is over, and lists another payload as a conflict', async () => {
    const bench = await createBench();
    await send(bench.process, bench.secret, EVENTS.slice(0, 2));
    await bench.work();
    // Claims are deleted after their horizon; the tables keep the events.
    for (const item of bench.world.claimItems())
      await bench.world.stores.items.delete({ table: 'claims', key: item });
    const id = await bench.create();
    const [first, ...others] = EVENTS as readonly [TraceEvent, ...TraceEvent[]];
    await bench.add(id, [{ ...first, properties: { input_tokens: 1, output_tokens: 1 } }, ...others]);
    expect((await bench.request('POST', `/v1/backfills/${id}/preview`)).body).toMatchObject({
      known: 1,
      conflicts: 1,
    });
    await bench.request('POST', `/v1/backfills/${id}/apply`);
    await bench.work();
    expect(await bench.totals()).toEqual(foldTrace(EVENTS));
    expect((await bench.request('GET', '/v1/conflicts')).body.data).toMatchObject([
      {
        id: first.id,
        properties: { input_tokens: 1 },
        counted: { properties: first.properties, status: 'counted' },
      },
    ]);
  });

  test('refuses what is not of its range, has no time, or cannot be read, event by event', async () => {
    const bench = await createBench();
    const id = await bench.create();
    const [first] = EVENTS as readonly [TraceEvent, ...TraceEvent[]];
    const { time: _time, ...timeless } = first;
    const { body } = await bench.add(id, [
      first,
      { ...first, time: '2022-01-01T00:00:00Z' },
      timeless,
      { id: 'x' },
    ]);
    expect(body).toMatchObject({
      accepted: 1,
      rejected: 3,
      results: [
        { status: 'accepted' },
        { status: 'rejected', code: 'backfill.time_out_of_range', field: 'time' },
        { status: 'rejected', code: 'backfill.time_out_of_range', field: 'time' },
        { status: 'rejected', code: 'event.missing_field' },
      ],
    });
    const wrong = await bench.request('POST', '/v1/backfills', { ...RANGE, to: RANGE.from });
    expect(wrong.body).toMatchObject({ code: 'backfill.invalid_range', errors: [{ path: 'to' }] });
    const empty = await bench.create();
    expect((await bench.request('POST', `/v1/backfills/${empty}/apply`)).body).toMatchObject({
      code: 'backfill.empty',
    });
    expect((await bench.request('GET', '/v1/backfills/bf_x')).body).toMatchObject({
      code: 'backfill.not_found',
    });
  });
});
