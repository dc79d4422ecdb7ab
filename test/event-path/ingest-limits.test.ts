import type { Context } from 'aws-lambda';
import { expect, test } from 'vitest';
import type { Runtime } from '../../local/runtime.ts';
import { issueKey } from '../../shared/app/keys/issue-key.ts';
import { patchTenant } from '../../shared/app/tenants/patch-tenant.ts';
import type { RateLimit } from '../../shared/domain/limits/token-bucket.ts';
import { assert } from '../../shared/kernel/assert.ts';
import { type CallOptions, toEvent } from '../api/api-under-test.ts';
import { drain } from './drive.ts';
import { createWorld } from './world.ts';

/** A tenant that may send few events, and what sends them. */
async function createLimitedWorld(events: RateLimit) {
  const world = await createWorld(['acme', 'globex']);
  const patched = await patchTenant(world.config)({ key: 'acme', ifMatch: await etag(), limits: { events } });
  assert(patched.ok, 'the limit is set');
  const process = world.startProcess();
  async function etag() {
    const item = await world.stores.items.get({ table: 'main', key: { pk: 'tenant#acme', sk: 'tenant' } });
    return Number(item?.etag);
  }
  const post = async (options: CallOptions, tenant = 'acme', over: Runtime = process) => {
    const secret = world.secrets.get(tenant) ?? '';
    const event = toEvent({ method: 'POST', path: '/v1/events', secret, ...options });
    const { statusCode, headers, body } = await over.ingest(event, {} as Context);
    return { status: statusCode, headers, body: JSON.parse(body ?? '') };
  };
  const inStream = async () => {
    const [shardId = ''] = await world.stores.stream.shards();
    return (await world.stores.stream.read({ shardId, limit: 1_000 })).length;
  };
  return { world, process, post, inStream };
}

const batch = (count: number, from = 0) => ({
  events: Array.from({ length: count }, (_, index) => ({
    id: `e-${from + index}`,
    type: 'llm.request',
    customer: 'acme',
    properties: { input_tokens: 1, output_tokens: 1 },
  })),
});

test('a batch is let through or refused as a whole, and nothing of a refused one is written', async () => {
  const { world, process, post, inStream } = await createLimitedWorld({ perSecond: 10, burst: 20 });
  const first = await post({ body: batch(15) });
  expect([first.status, first.body.accepted]).toEqual([200, 15]);
  expect(first.headers).toMatchObject({ 'ratelimit-limit': '20', 'ratelimit-remaining': '5' });
  const written = await inStream();
  const refused = await post({ body: batch(15, 100) });
  expect([refused.status, refused.body.code]).toEqual([429, 'limit.rate_exceeded']);
  expect(refused.headers).toMatchObject({ 'retry-after': '1', 'ratelimit-remaining': '5' });
  expect(await inStream()).toBe(written);
  world.clock.advance(1_000);
  expect((await post({ body: batch(15, 100) })).body.accepted).toBe(15);
  await drain(world, process, { batchSize: 100 });
  const [read] = await world.stores.analytics.events({ tenant: 'acme', id: 'e-100', limit: 10 });
  expect(read).toMatchObject({ status: 'counted' });
});

test('a batch that can never pass is 413, which tells a client to send smaller ones', async () => {
  const { post, inStream } = await createLimitedWorld({ perSecond: 10, burst: 20 });
  const refused = await post({ body: batch(21) });
  expect([refused.status, refused.body.code]).toEqual([413, 'limit.above_burst']);
  expect(refused.body.detail).toBe(
    'The request has 21 events, and the tenant may send 20 at once: send smaller batches.',
  );
  expect(await inStream()).toBe(0);
  expect((await post({ body: batch(20) })).status).toBe(200);
});

test('a request that cannot be read costs as much as one event', async () => {
  const { post } = await createLimitedWorld({ perSecond: 1, burst: 3 });
  const bad: readonly CallOptions[] = [{ rawBody: '{' }, { body: { events: [] } }, { body: [1] }];
  for (const options of bad) expect((await post(options)).status).toBe(400);
  for (const options of bad) expect((await post(options)).status).toBe(429);
  expect((await post({ body: batch(1) })).status).toBe(429);
});

test('a tenant at its limit leaves others alone, and a key may have a smaller limit than its tenant', async () => {
  const { world, post } = await createLimitedWorld({ perSecond: 10, burst: 20 });
  const issued = await issueKey(world.config)({
    ...{ name: 'small', tenant: 'globex', mode: 'test', scopes: ['events:write'] },
    limits: { events: { perSecond: 1, burst: 5 }, requests: null },
  });
  assert(issued.ok, 'a key is issued');
  const { secret } = issued.value;
  expect((await post({ body: batch(20) })).status).toBe(200);
  expect((await post({ body: batch(20) })).status).toBe(429);
  expect((await post({ body: batch(1_000) }, 'globex')).status).toBe(200);
  expect((await post({ body: batch(5), secret })).status).toBe(200);
  const refused = await post({ body: batch(5), secret });
  expect(refused.body).toMatchObject({ code: 'limit.rate_exceeded' });
  expect(refused.body.detail).toContain('The limit of the API key is 1 event a second, 5 at once');
});

test('what limits refuse is measured by reason, without names', async () => {
  const { process, post } = await createLimitedWorld({ perSecond: 10, burst: 20 });
  await post({ body: batch(21) });
  await post({ body: batch(20) });
  await post({ body: batch(7) });
  await post({ body: batch(8) });
  const { body } = await process.api(toEvent({ method: 'GET', path: '/metrics' }), {} as Context);
  const lines = (body ?? '').split('\n').filter((line) => line.startsWith('countinghouse_limit'));
  expect(lines.toSorted()).toEqual([
    'countinghouse_limit_events_refused_total{reason="burst"} 21',
    'countinghouse_limit_events_refused_total{reason="tenant"} 15',
    'countinghouse_limit_outages_total 0',
    'countinghouse_limit_requests_refused_total{resource="events",reason="burst"} 1',
    'countinghouse_limit_requests_refused_total{resource="events",reason="tenant"} 2',
  ]);
});
