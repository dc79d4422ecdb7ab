import type { Context } from 'aws-lambda';
import { expect, test, vi } from 'vitest';
import type { Runtime } from '../../local/runtime.ts';
import { StoreError } from '../../shared/ports/store-error.ts';
import { toEvent } from '../api/api-under-test.ts';
import { drain, send } from './drive.ts';
import { readTrace } from './trace.ts';
import { call, createWorld } from './world.ts';

const EVENTS = readTrace(10);
const TEN_MINUTES_MS = 600_000;

/** The value of one series; undefined where there is none. */
async function seriesOf(process: Runtime, series: string): Promise<number | undefined> {
  const { body } = await process.api(toEvent({ method: 'GET', path: '/metrics' }), {} as Context);
  const line = (body ?? '').split('\n').find((text) => text.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

test('fences that do not pass are seen, from the first one on', async () => {
  const world = await createWorld();
  const process = world.startProcess();
  const lag = () => seriesOf(process, 'countinghouse_fence_lag_seconds');
  await process.sweep({});
  expect(await lag()).toBe(0);
  world.faults.setReachable(false);
  await send(process, world.secrets.get('acme') ?? '', EVENTS);
  world.clock.advance(1);
  await process.issueFence();
  await drain(world, process, { batchSize: 200 });
  world.clock.advance(TEN_MINUTES_MS);
  await process.issueFence();
  await drain(world, process, { batchSize: 200 });
  await process.sweep({});
  expect(await lag()).toBeGreaterThanOrEqual(TEN_MINUTES_MS / 1_000);
  expect(await seriesOf(process, 'countinghouse_chunk_oldest_open_seconds')).toBeGreaterThanOrEqual(
    TEN_MINUTES_MS / 1_000,
  );
  world.faults.setReachable(true);
  await process.sweep({ force: true });
  expect(await lag()).toBeLessThan(TEN_MINUTES_MS / 1_000);
  world.clock.advance(2 * TEN_MINUTES_MS);
  await process.sweep({});
  expect(await lag()).toBeGreaterThanOrEqual((2 * TEN_MINUTES_MS) / 1_000);
});

test('ingest that cannot write is counted as what it answers', async () => {
  const world = await createWorld();
  const process = world.startProcess();
  const secret = world.secrets.get('acme') ?? '';
  const answered = (status: number) =>
    seriesOf(process, `countinghouse_http_requests_total{operation="ingestEvents",status="${status}"}`);
  const body = { events: [{ id: 'one', type: 'llm.request', customer: 'acme' }] };
  const ingest = () => call(process, { method: 'POST', path: '/v1/events', secret, body });
  expect((await ingest()).status).toBe(200);
  const full = new StoreError({ message: 'full', outcome: 'not_done', reason: 'disk_full' });
  vi.spyOn(world.stores.stream, 'putRecords').mockRejectedValue(full);
  expect((await ingest()).status).toBe(503);
  expect([await answered(200), await answered(503)]).toEqual([1, 1]);
  const outages = await seriesOf(process, 'countinghouse_store_outages_total{reason="disk_full"}');
  expect(outages).toBeGreaterThanOrEqual(1);
});

test('analytics that is down is seen until it answers again', async () => {
  const world = await createWorld();
  let isDown = false;
  Object.assign(world.stores, { isAnalyticsDown: () => isDown });
  const process = world.startProcess();
  const seen = () => seriesOf(process, 'countinghouse_analytics_down');
  expect(await seen()).toBe(0);
  isDown = true;
  expect(await seen()).toBe(1);
});
