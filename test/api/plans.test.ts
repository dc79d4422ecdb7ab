import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createPlan } from '../../shared/app/plans/create-plan.ts';
import { createApi } from './api-under-test.ts';
import { ifMatch, PLAN, publishPlan, SEAT } from './plan-examples.ts';

const NOW = '2026-11-24T12:00:00.000Z';
const METER = {
  key: 'requests',
  eventType: 'llm.request',
  aggregation: 'count',
  groupBy: { model: 'model' },
};

test('a plan is created with version 1 as a draft, read, changed under If-Match, and archived', async () => {
  const { call } = await createApi();
  const created = await call('POST', '/v1/plans', { body: { ...PLAN, metadata: { a: 'b' } } });
  const { charges: _charges, ...plan } = PLAN;
  const draft = { version: 1, status: 'draft', effectiveFrom: null, apply: null, reason: null };
  expect([created.status, created.body]).toEqual([
    201,
    {
      ...plan,
      overlap: 'forbid',
      metadata: { a: 'b' },
      createdAt: NOW,
      archivedAt: null,
      versions: [{ ...draft, createdAt: NOW, publishedAt: null }],
    },
  ]);
  const path = '/v1/plans/pro';
  expect((await call('GET', path)).body).toEqual(created.body);
  expect((await call('POST', '/v1/plans', { body: PLAN })).body.code).toBe('plan.exists');
  const body = { name: 'P', metadata: {} };
  expect((await call('PATCH', path, { body })).status).toBe(428);
  const patch = { body, headers: ifMatch(created.headers.etag) };
  expect((await call('PATCH', path, patch)).body).toMatchObject({ name: 'P', metadata: {}, currency: 'USD' });
  expect((await call('PATCH', path, patch)).status).toBe(412);
  const archived = await call('POST', `${path}/archive`);
  expect(archived.body.archivedAt).toBe(NOW);
  expect((await call('POST', `${path}/archive`)).text).toBe(archived.text);
  const late = await call('PATCH', path, { body, headers: ifMatch(archived.headers.etag) });
  expect([late.status, late.body.code]).toEqual([409, 'plan.archived']);
});

test('currency and cadence are free until the first publish and fixed from then on', async () => {
  const { call } = await createApi();
  await call('POST', '/v1/plans', { body: PLAN });
  const change = (body: object, etag: number) =>
    call('PATCH', '/v1/plans/pro', { body, headers: ifMatch(`"${etag}"`) });
  expect((await change({ currency: 'EUR', cadence: 'week' }, 1)).body).toMatchObject({
    currency: 'EUR',
    cadence: 'week',
  });
  await call('POST', '/v1/plans/pro/versions/1/publish');
  const currency = await change({ currency: 'USD' }, 3);
  expect([currency.status, currency.body.code]).toEqual([409, 'plan.currency_fixed']);
  expect(currency.body.errors).toMatchObject([{ path: 'currency' }]);
  expect((await change({ cadence: 'day' }, 3)).body.code).toBe('plan.cadence_fixed');
  expect((await change({ currency: 'EUR', cadence: 'week', name: 'same' }, 3)).status).toBe(200);
  const overlap = await change({ overlap: 'allow' }, 4);
  expect([overlap.status, overlap.body.errors[0]?.path]).toEqual([400, 'overlap']);
});

test('plans are listed page by page, without their versions', async () => {
  const { call } = await createApi();
  for (const key of ['a', 'b', 'c']) await call('POST', '/v1/plans', { body: { ...PLAN, key } });
  const first = await call('GET', '/v1/plans?limit=2');
  const second = await call('GET', `/v1/plans?limit=2&cursor=${first.body.nextCursor}`);
  expect([...first.body.data, ...second.body.data].map(({ key }) => key)).toEqual(['a', 'b', 'c']);
  expect(second.body.nextCursor).toBeNull();
  expect(first.body.data[0]).not.toHaveProperty('versions');
});

test('the plan of the LLM service is taken as it stands, and gives its charges back', async () => {
  const { call } = await createApi();
  const text = readFileSync(new URL('../fixtures/llm-plan.json', import.meta.url), 'utf8');
  for (const key of ['input_tokens', 'output_tokens', 'requests']) {
    await call('POST', '/v1/meters', { body: { ...METER, key } });
  }
  const headers = { 'content-type': 'application/json' };
  expect((await call('POST', '/v1/plans', { rawBody: text, headers })).status).toBe(201);
  const published = await call('POST', '/v1/plans/llm_pro/versions/1/publish', { body: {} });
  expect(published.body).toMatchObject({ status: 'published', charges: JSON.parse(text).charges });
});

test('an archived plan takes no drafts and publishes none', async () => {
  const { call } = await createApi();
  await publishPlan(call);
  await call('POST', '/v1/plans/pro/versions');
  await call('POST', '/v1/plans/pro/archive');
  const path = '/v1/plans/pro/versions';
  const body = { charges: [SEAT] };
  const answers = [
    await call('POST', path),
    await call('PUT', `${path}/2`, { body, headers: ifMatch('"1"') }),
    await call('POST', `${path}/2/publish`),
  ];
  expect(answers.map(({ status, body: { code } }) => `${status} ${code}`)).toEqual(
    answers.map(() => '409 plan.archived'),
  );
});

test('a version that would not fit its item is refused before anything is written', async () => {
  const { deps, items } = await createApi();
  const before = items.all().length;
  const values = Array.from({ length: 100 }, (_, index) => `${index}`.padEnd(256, 'x'));
  const charges = Array.from({ length: 14 }, (_, index) => ({
    key: `c${index}`,
    meter: 'm',
    price: { model: 'flat', amount: '1' } as const,
    filters: { a: values },
  }));
  const tenant = { key: 'acme', mode: 'test' } as const;
  const plan = { key: 'pro', name: 'Pro', currency: 'USD', cadence: 'month', tenant } as const;
  const refused = await createPlan(deps)({ ...plan, charges });
  expect(refused).toMatchObject({
    ok: false,
    error: { code: 'plan.too_large', issues: [{ path: 'charges' }] },
  });
  expect(items.all()).toHaveLength(before);
  expect((await createPlan(deps)({ ...plan, charges: charges.slice(0, 12) })).ok).toBe(true);
});

test('a repeated publish with an idempotency key gets the first answer', async () => {
  const { call } = await createApi();
  const headers = { 'idempotency-key': 'k-1' };
  const created = await call('POST', '/v1/plans', { body: PLAN, headers: { 'idempotency-key': 'k-0' } });
  const again = await call('POST', '/v1/plans', { body: PLAN, headers: { 'idempotency-key': 'k-0' } });
  expect([again.status, again.text, again.headers.etag]).toEqual([201, created.text, created.headers.etag]);
  const path = '/v1/plans/pro/versions/1/publish';
  const first = await call('POST', path, { headers });
  const second = await call('POST', path, { headers });
  expect([second.status, second.text]).toEqual([200, first.text]);
  expect(second.headers['idempotency-replayed']).toBe('true');
});

test('plans of another tenant are not found, exactly like those that do not exist', async () => {
  const { call, secrets } = await createApi();
  await publishPlan(call);
  await call('POST', '/v1/plans/pro/versions');
  const headers = ifMatch('"1"');
  const charges = { charges: [SEAT] };
  const asked: [string, string, object?][] = [
    ['GET', ''],
    ['PATCH', '', {}],
    ['POST', '/archive'],
    ['POST', '/versions'],
    ['GET', '/versions/2'],
    ['PUT', '/versions/2', charges],
    ['POST', '/versions/2/publish'],
    ['DELETE', '/versions/2'],
  ];
  for (const [method, path, body] of asked) {
    const options = { headers, ...(body === undefined ? {} : { body }) };
    const others = await call(method, `/v1/plans/pro${path}`, { ...options, secret: secrets.globex });
    const nobodys = await call(method, `/v1/plans/none${path}`, options);
    for (const answer of [others, nobodys]) {
      expect([method, path, answer.status, answer.body.code]).toEqual([method, path, 404, 'plan.not_found']);
    }
  }
  expect((await call('GET', '/v1/plans', { secret: secrets.globex })).body.data).toEqual([]);
  expect((await call('GET', '/v1/plans/pro/versions/9')).body.code).toBe('plan.version_not_found');
  expect((await call('GET', '/v1/plans/pro/versions/0')).body.code).toBe('request.not_found');
});

test('reading plans and writing them are rights of their own', async () => {
  const { call, issue } = await createApi();
  const secret = await issue('acme', ['plans:read']);
  expect((await call('GET', '/v1/plans', { secret })).status).toBe(200);
  expect((await call('POST', '/v1/plans', { secret, body: PLAN })).body.code).toBe('auth.missing_scope');
});
