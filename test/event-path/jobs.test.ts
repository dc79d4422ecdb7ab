import { describe, expect, test } from 'vitest';
import { drain, readTotals, send } from './drive.ts';
import { CUSTOMERS, foldTrace, readTrace, type TraceEvent } from './trace.ts';
import { call, createWorld } from './world.ts';

const EVENTS = readTrace(12);

async function createBench() {
  const world = await createWorld();
  const process = world.startProcess();
  const secret = world.secrets.get('acme') ?? '';
  const request = (method: string, path: string, body?: object, headers?: Record<string, string>) =>
    call(process, {
      method,
      path,
      secret,
      ...(body === undefined ? {} : { body }),
      ...(headers === undefined ? {} : { headers }),
    });
  const settle = async () => {
    await process.issueFence();
    await drain(world, process, { batchSize: 3 });
    await process.sweep({ force: true });
  };
  /** Until no job is open: its pages are drained between the runs. */
  const work = async () => {
    for (let rounds = 0; rounds < 20; rounds += 1) {
      await settle();
      const { open } = await process.runJobs();
      if (open === 0) return rounds;
    }
    throw new Error('the jobs do not end');
  };
  const totals = () => readTotals(process, secret);
  return {
    world,
    process,
    secret,
    request,
    settle,
    work,
    totals,
    send: (events: readonly TraceEvent[]) => send(process, secret, events),
  };
}

const asStranger = (events: readonly TraceEvent[]) =>
  events.map((event) => ({ ...event, customer: 'stranger' }));

describe('events of nobody', () => {
  test('are counted once their customer is created, also those sent meanwhile, each once', async () => {
    const bench = await createBench();
    await bench.send(asStranger(EVENTS.slice(0, 6)));
    await bench.settle();
    expect((await bench.request('GET', '/v1/events?status=unattributed')).body.data).toHaveLength(6);
    await bench.request('POST', '/v1/customers', {
      key: 'newcomer',
      name: 'N',
      currency: 'USD',
      subjects: ['stranger'],
    });
    await bench.send(asStranger(EVENTS.slice(4)));
    await bench.work();
    const usage = await bench.request(
      'GET',
      '/v1/meters/input_tokens/usage?from=2023-11-16T00:00:00Z&to=2023-11-17T00:00:00Z&customer=newcomer',
    );
    const expected = EVENTS.reduce((sum, event) => sum + event.properties.input_tokens, 0);
    expect(usage.body.data).toMatchObject([{ value: String(expected) }]);
    expect((await bench.request('GET', '/v1/events?status=unattributed')).body.data).toEqual([]);
    const jobs = (await bench.request('GET', '/v1/jobs')).body.data;
    expect(jobs[0]).toMatchObject({ kind: 'attribution', status: 'done', progress: { events: 6, pages: 1 } });
  });

  test('that were amended and revoked are what they became, before and after they are attributed', async () => {
    const bench = await createBench();
    const [first, second, third] = asStranger(EVENTS) as [TraceEvent, TraceEvent, TraceEvent];
    await bench.send([first, second, third]);
    await bench.settle();
    const better = { ...second, properties: { input_tokens: 1, output_tokens: 2 } };
    await bench.request('POST', `/v1/events/${first.id}/revoke`, { revision: 1, reason: 'r' });
    await bench.request('POST', `/v1/events/${second.id}/amend`, { revision: 1, reason: 'r', event: better });
    await bench.request('POST', '/v1/customers', { key: 'stranger', name: 'S', currency: 'USD' });
    await bench.work();
    const count = async () =>
      (
        await bench.request(
          'GET',
          '/v1/meters/input_tokens/usage?from=2023-11-16T00:00:00Z&to=2023-11-17T00:00:00Z&customer=stranger',
        )
      ).body.data;
    const value = String(1 + third.properties.input_tokens);
    expect(await count()).toMatchObject([{ value }]);
    await bench.request('POST', `/v1/events/${third.id}/revoke`, { revision: 1, reason: 'r' });
    await bench.work();
    expect(await count()).toMatchObject([{ value: '1' }]);
  });
});

describe('a changed meter', () => {
  const change = async (bench: Awaited<ReturnType<typeof createBench>>) =>
    bench.request('PATCH', '/v1/meters/input_tokens', { value: '$.output_tokens' }, { 'if-match': '"1"' });
  const swapped = (events: readonly TraceEvent[]) =>
    events.map((event) => ({
      ...event,
      properties: { ...event.properties, input_tokens: event.properties.output_tokens },
    }));

  test('counts what is planned from then on; a backfill counts the rest, and doing it again changes nothing', async () => {
    const bench = await createBench();
    await bench.send(EVENTS.slice(0, 6));
    await bench.settle();
    expect(await change(bench)).toMatchObject({ status: 200, body: { version: 2 } });
    await bench.send(EVENTS.slice(6));
    await bench.settle();
    expect(await bench.totals()).toEqual(foldTrace([...EVENTS.slice(0, 6), ...swapped(EVENTS.slice(6))]));
    const range = { from: '2023-11-16T00:00:00Z', to: '2023-11-17T00:00:00Z' };
    const preview = await bench.request('POST', '/v1/meters/input_tokens/backfill/preview', range);
    expect(preview.body).toMatchObject({ events: 6, changed: 6, isComplete: true, version: 2 });
    for (let times = 0; times < 2; times += 1) {
      expect((await bench.request('POST', '/v1/meters/input_tokens/backfill', range)).status).toBe(202);
      await bench.work();
      expect(await bench.totals()).toEqual(foldTrace(swapped(EVENTS)));
    }
  });

  test('counts earlier events also where another meter has counted them anew since', async () => {
    const bench = await createBench();
    await bench.send(EVENTS);
    await bench.settle();
    await change(bench);
    await bench.request('POST', '/v1/meters', {
      key: 'calls',
      eventType: 'llm.request',
      aggregation: 'count',
    });
    const range = { from: '2023-11-01T00:00:00Z', to: '2023-12-01T00:00:00Z' };
    for (const meter of ['calls', 'input_tokens']) {
      await bench.request('POST', `/v1/meters/${meter}/backfill`, range);
      await bench.work();
    }
    expect(await bench.totals()).toEqual(foldTrace(swapped(EVENTS)));
  });

  test('that is new counts earlier events by a backfill, and a revoke takes that back, too', async () => {
    const bench = await createBench();
    await bench.send(EVENTS);
    await bench.settle();
    await bench.request('POST', '/v1/meters', {
      key: 'calls',
      eventType: 'llm.request',
      aggregation: 'count',
    });
    await bench.request('POST', '/v1/meters/calls/backfill', {
      from: '2023-11-01T00:00:00Z',
      to: '2023-12-01T00:00:00Z',
    });
    await bench.work();
    const [first] = EVENTS as readonly [TraceEvent, ...TraceEvent[]];
    await bench.request('POST', `/v1/events/${first.id}/revoke`, { revision: 1, reason: 'r' });
    await bench.work();
    const usage = await bench.request(
      'GET',
      '/v1/meters/calls/usage?from=2023-11-16T00:00:00Z&to=2023-11-17T00:00:00Z',
    );
    expect(usage.body.data).toMatchObject([{ value: String(EVENTS.length - 1) }]);
    expect(await bench.totals()).toEqual(foldTrace(EVENTS.slice(1)));
  });

  test('keeps its dimensions, and refuses what does not compile', async () => {
    const bench = await createBench();
    const body = { key: 'd', eventType: 't', aggregation: 'count', groupBy: { region: '$.region' } };
    await bench.request('POST', '/v1/meters', body);
    const dropped = await bench.request('PATCH', '/v1/meters/d', { groupBy: {} }, { 'if-match': '"1"' });
    expect(dropped.body).toMatchObject({
      errors: [{ code: 'meter.dimension_dropped', path: 'groupBy.region' }],
    });
    const wrong = await bench.request('PATCH', '/v1/meters/d', { aggregation: 'sum' }, { 'if-match': '"1"' });
    expect(wrong.body).toMatchObject({ errors: [{ code: 'meter.value_required', path: 'value' }] });
    expect((await bench.request('GET', '/v1/meters/d')).body).toMatchObject({ version: 1 });
  });
});

test('a job that is canceled ends where it is, and can be begun again', async () => {
  const bench = await createBench();
  expect(CUSTOMERS).toContain('acme');
  await bench.request('POST', '/v1/meters', { key: 'calls', eventType: 'llm.request', aggregation: 'count' });
  const range = { from: '2023-11-01T00:00:00Z', to: '2023-12-01T00:00:00Z' };
  const { body } = await bench.request('POST', '/v1/meters/calls/backfill', range);
  const id = String(body.id);
  expect((await bench.request('POST', `/v1/jobs/${id}/cancel`)).body).toMatchObject({ status: 'canceled' });
  await bench.work();
  expect((await bench.request('GET', `/v1/jobs/${id}`)).body).toMatchObject({ status: 'canceled' });
  expect((await bench.request('GET', '/v1/jobs/job_unknown')).body).toMatchObject({ code: 'job.not_found' });
});
