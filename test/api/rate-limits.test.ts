import { expect, test } from 'vitest';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { StoreError } from '../../shared/ports/store-error.ts';
import { createApi } from './api-under-test.ts';

const SMALL = { perSecond: 2, burst: 4 };

/** A tenant whose keys together may make few requests. */
async function createLimitedApi(limits: object = { requests: SMALL }) {
  const api = await createApi();
  const { call, secrets, time } = api;
  const options = { secret: secrets.operator, body: { limits }, headers: { 'if-match': '"1"' } };
  const patched = await call('PATCH', '/v1/tenants/acme', options);
  // Until then keys may be remembered with the tenant as it was.
  time.nowMs += LIMITS.authCacheMs;
  const statuses = async (count: number, secret = secrets.acme) => {
    const answers = [];
    for (let sent = 0; sent < count; sent += 1) answers.push(await call('GET', '/v1/meters', { secret }));
    return answers.map(({ status }) => status);
  };
  return { ...api, patched, statuses };
}

test('an operator limits a tenant; what is left out stays, null is the usual limit again', async () => {
  const { call, secrets, patched } = await createLimitedApi();
  expect(patched.body.limits).toEqual({ events: null, requests: SMALL });
  const patch = (limits: object, version: number) =>
    call('PATCH', '/v1/tenants/acme', {
      secret: secrets.operator,
      body: { limits },
      headers: { 'if-match': `"${version}"` },
    });
  const events = { perSecond: 500, burst: 5_000 };
  expect((await patch({ events }, 2)).body.limits).toEqual({ events, requests: SMALL });
  expect((await patch({ requests: null }, 3)).body.limits).toEqual({ events, requests: null });
  expect((await patch({ events: null }, 3)).body.code).toBe('request.precondition_failed');
  const read = await call('GET', '/v1/tenants/acme');
  expect(read.body.limits).toEqual({ events, requests: null });
  const own = await call('PATCH', '/v1/tenants/acme', {
    body: { limits: {} },
    headers: { 'if-match': '"4"' },
  });
  expect([own.status, own.body.code]).toEqual([403, 'auth.missing_scope']);
});

test('a tenant and a key are created with limits; without any they have null', async () => {
  const { call, secrets } = await createApi();
  const tenant = { key: 'initech', name: 'Initech', mode: 'test', limits: { events: SMALL } };
  const created = await call('POST', '/v1/tenants', { secret: secrets.operator, body: tenant });
  expect(created.body.limits).toEqual({ events: SMALL, requests: null });
  const key = await call('POST', '/v1/keys', {
    body: { name: 'k', scopes: ['keys:read'], limits: { requests: SMALL } },
  });
  expect([key.status, key.body.limits]).toEqual([201, { events: null, requests: SMALL }]);
  expect((await call('GET', `/v1/keys/${key.body.id}`)).body.limits).toEqual(key.body.limits);
  expect((await call('GET', '/v1/tenants/globex', { secret: secrets.globex })).body.limits).toEqual({
    events: null,
    requests: null,
  });
});

test('requests beyond the limit are refused with 429, when to come again, and what is left', async () => {
  const { call, time, statuses } = await createLimitedApi();
  const first = await call('GET', '/v1/meters');
  expect(first.headers).toMatchObject({
    'ratelimit-limit': '4',
    'ratelimit-remaining': '3',
    'ratelimit-reset': '1',
    'ratelimit-policy': '4;w=2',
  });
  expect(await statuses(3)).toEqual([200, 200, 200]);
  const refused = await call('GET', '/v1/meters');
  expect([refused.status, refused.headers['content-type']]).toEqual([429, 'application/problem+json']);
  expect(refused.headers).toMatchObject({
    'retry-after': '1',
    'ratelimit-limit': '4',
    'ratelimit-remaining': '0',
    'ratelimit-reset': '2',
  });
  expect(refused.body).toMatchObject({
    code: 'limit.rate_exceeded',
    title: 'Too much within a short time; send it again later',
    detail: 'The limit of the tenant is 2 requests a second, 4 at once; send the request again in 1 s.',
    errors: [],
  });
  time.nowMs += 1_000;
  expect(await statuses(3)).toEqual([200, 200, 429]);
});

const limit = (perSecond: number, burst: number) => ({ perSecond, burst });

test.each([
  ['a burst below the rate', { requests: limit(10, 9) }, 'request.invalid_field', 'requests.burst'],
  ['a rate of nothing', { events: limit(0, 9) }, 'request.invalid_field', 'events.perSecond'],
  ['a rate with a fraction', { events: limit(1.5, 9) }, 'request.invalid_field', 'events.perSecond'],
  ['a rate as text', { events: { ...SMALL, perSecond: '2' } }, 'request.invalid_field', 'events.perSecond'],
  ['a burst beyond any use', { events: limit(1, 10_000_001) }, 'request.invalid_field', 'events.burst'],
  ['a limit without a burst', { events: { perSecond: 1 } }, 'request.missing_field', 'events.burst'],
  ['a limit of something else', { bytes: SMALL }, 'request.unknown_field', 'bytes'],
])('%s is refused wherever limits are set', async (_name, limits, code, field) => {
  const { call, secrets, kept } = await createApi();
  const before = kept();
  const secret = secrets.operator;
  const answers = [
    await call('POST', '/v1/keys', { body: { name: 'k', scopes: ['keys:read'], limits } }),
    await call('POST', '/v1/tenants', { secret, body: { key: 'new', name: 'N', mode: 'test', limits } }),
    await call('PATCH', '/v1/tenants/acme', { secret, body: { limits }, headers: { 'if-match': '"1"' } }),
  ];
  for (const { status, body } of answers) {
    expect([status, body.code]).toEqual([400, code]);
    expect(body.errors.map(({ path }) => path)).toEqual([`limits.${field}`]);
  }
  expect(kept()).toEqual(before);
});

test('nothing of a refused request happens, and the same request passes later', async () => {
  const { call, items, time, statuses } = await createLimitedApi();
  await statuses(4);
  const before = items.all();
  const body = { key: 'tokens', eventType: 'llm.request', aggregation: 'sum', value: '$.tokens' };
  const options = { body, headers: { 'idempotency-key': 'once' } };
  expect((await call('POST', '/v1/meters', options)).status).toBe(429);
  expect(items.all()).toEqual(before);
  time.nowMs += 1_000;
  expect((await call('POST', '/v1/meters', options)).status).toBe(201);
});

test('a tenant at its limit takes nothing from another, nor from the operator', async () => {
  const { statuses, secrets, call } = await createLimitedApi();
  expect((await statuses(5)).at(-1)).toBe(429);
  expect(await statuses(5, secrets.globex)).toEqual([200, 200, 200, 200, 200]);
  expect((await call('GET', '/v1/tenants', { secret: secrets.operator })).status).toBe(200);
});

test('keys of a tenant share its limit, and each may have a smaller one of its own', async () => {
  const { call, issue, statuses, time } = await createLimitedApi({ requests: { perSecond: 4, burst: 8 } });
  const other = await issue('acme', ['meters:read']);
  const body = { name: 'k', scopes: ['meters:read'], limits: { requests: SMALL } };
  const limited = String((await call('POST', '/v1/keys', { body })).body.secret);
  const mixed = [...(await statuses(3)), ...(await statuses(5, other))];
  expect(mixed).toEqual([200, 200, 200, 200, 200, 200, 200, 429]);
  time.nowMs += 2_000;
  expect(await statuses(5, limited)).toEqual([200, 200, 200, 200, 429]);
  expect(await statuses(4)).toEqual([200, 200, 200, 200]);
});

test('who lacks a scope or a key is told that; public routes and refused keys take nothing', async () => {
  const { call, statuses } = await createLimitedApi();
  for (let sent = 0; sent < 5; sent += 1) {
    expect((await call('GET', '/healthz', { secret: null })).status).toBe(200);
    expect((await call('GET', '/v1/meters', { secret: 'chk_test_unknown' })).status).toBe(401);
    expect((await call('GET', '/v1/tenants')).status).toBe(403);
  }
  expect(await statuses(4)).toEqual([200, 200, 200, 200]);
});

test('without the counters requests go on for a while, then the answer is 503, not 429', async () => {
  const { items, statuses, time, call } = await createLimitedApi();
  await statuses(2);
  const down = new StoreError({ message: 'down', outcome: 'not_done', reason: 'throttled' });
  const { get, put } = items;
  items.get = async (input) => (input.key.sk === 'bucket' ? Promise.reject(down) : get(input));
  items.put = async (input) => (input.item.sk === 'bucket' ? Promise.reject(down) : put(input));
  time.nowMs += 10_000;
  expect((await statuses(3))[0]).toBe(200);
  time.nowMs += LIMITS.leaseGraceMs;
  const last = (await statuses(3)).at(-1);
  expect(last).toBe(503);
  const answer = await call('GET', '/v1/meters');
  expect([answer.body.code, answer.headers['retry-after']]).toEqual(['service.unavailable', '1']);
});
