import { expect, test } from 'vitest';
import { planFromItem, planToItem } from '../../shared/app/records/plan.ts';
import { defined } from '../../shared/kernel/assert.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { createApi } from './api-under-test.ts';
import { ifMatch, PLAN, publishPlan, SEAT } from './plan-examples.ts';

const NOW = '2026-11-24T12:00:00.000Z';
const METER = {
  key: 'requests',
  eventType: 'llm.request',
  aggregation: 'count',
  groupBy: { model: 'model' },
};

test('a draft is replaced under If-Match, and once it is published it never changes', async () => {
  const { call } = await createApi();
  await call('POST', '/v1/plans', { body: PLAN });
  const path = '/v1/plans/pro/versions/1';
  const read = await call('GET', path);
  expect(read.body).toMatchObject({ plan: 'pro', version: 1, status: 'draft', charges: [SEAT] });
  const body = { charges: [{ ...SEAT, price: { model: 'flat', amount: '30' } }] };
  expect((await call('PUT', path, { body })).status).toBe(428);
  const put = await call('PUT', path, { body, headers: ifMatch(read.headers.etag) });
  expect(put.body.charges).toEqual(body.charges);
  expect((await call('PUT', path, { body, headers: ifMatch(read.headers.etag) })).status).toBe(412);
  const published = await call('POST', `${path}/publish`, { body: { reason: 'launch' } });
  expect(published.body).toMatchObject({
    status: 'published',
    effectiveFrom: NOW,
    apply: 'next_period',
    reason: 'launch',
    publishedAt: NOW,
    charges: body.charges,
  });
  expect((await call('GET', '/v1/plans/pro')).body.versions).toMatchObject([
    { version: 1, status: 'published', effectiveFrom: NOW, reason: 'launch' },
  ]);
  for (const [method, where] of [
    ['PUT', path],
    ['POST', `${path}/publish`],
    ['DELETE', path],
  ] as const) {
    const refused = await call(method, where, { body, headers: ifMatch(published.headers.etag) });
    const expected = where === path ? [409, 'plan.version_published'] : [400, 'request.unknown_field'];
    expect([refused.status, refused.body.code]).toEqual(expected);
  }
  const again = await call('POST', `${path}/publish`);
  expect([again.status, again.body.code]).toEqual([409, 'plan.version_published']);
  expect((await call('GET', path)).text).toBe(published.text);
});

test('a new version starts as a copy of the newest one, and there is one draft at a time', async () => {
  const { call } = await createApi();
  await publishPlan(call);
  const path = '/v1/plans/pro/versions';
  const copy = await call('POST', path);
  expect([copy.status, copy.body]).toMatchObject([201, { version: 2, status: 'draft', charges: [SEAT] }]);
  const second = await call('POST', path, { body: { charges: [SEAT] } });
  expect([second.status, second.body.code]).toEqual([409, 'plan.draft_exists']);
  const deleted = await call('DELETE', `${path}/2`);
  expect([deleted.status, deleted.body.version]).toEqual([200, 2]);
  expect((await call('DELETE', `${path}/2`)).body.code).toBe('plan.version_not_found');
  const other = { ...SEAT, key: 'desk' };
  const third = await call('POST', path, { body: { charges: [other] } });
  expect(third.body).toMatchObject({ version: 3, charges: [other] });
  expect((await call('GET', '/v1/plans/pro')).body.versions).toMatchObject([{ version: 1 }, { version: 3 }]);
});

test('a plan whose only draft was deleted takes charges anew', async () => {
  const { call } = await createApi();
  await call('POST', '/v1/plans', { body: PLAN });
  await call('DELETE', '/v1/plans/pro/versions/1');
  const empty = await call('POST', '/v1/plans/pro/versions', { body: {} });
  expect([empty.status, empty.body.code]).toEqual([400, 'request.missing_field']);
  expect(empty.body.errors[0]?.path).toBe('charges');
  const made = await call('POST', '/v1/plans/pro/versions', { body: { charges: [SEAT] } });
  expect(made.body.version).toBe(2);
});

test('of many publishes at the same time exactly one wins', async () => {
  const { call } = await createApi();
  await call('POST', '/v1/plans', { body: PLAN });
  const reasons = Array.from({ length: 10 }, (_, index) => `reason ${index}`);
  const answers = await Promise.all(
    reasons.map((reason) => call('POST', '/v1/plans/pro/versions/1/publish', { body: { reason } })),
  );
  const won = answers.filter(({ status }) => status === 200);
  expect(won).toHaveLength(1);
  const lost = answers.filter(({ status }) => status !== 200);
  expect(new Set(lost.map(({ body }) => body.code))).toEqual(new Set(['plan.version_published']));
  expect((await call('GET', '/v1/plans/pro/versions/1')).body).toEqual(won[0]?.body);
});

test('a draft that is replaced while it is published is either published whole or refused', async () => {
  const { call } = await createApi();
  await call('POST', '/v1/plans', { body: PLAN });
  const charges = [{ ...SEAT, key: 'desk' }];
  const [put, published] = await Promise.all([
    call('PUT', '/v1/plans/pro/versions/1', { body: { charges }, headers: ifMatch('"1"') }),
    call('POST', '/v1/plans/pro/versions/1/publish'),
  ]);
  expect(published.status).toBe(200);
  expect(published.body.charges).toEqual(put.status === 200 ? charges : [SEAT]);
  expect((await call('GET', '/v1/plans/pro/versions/1')).body.charges).toEqual(published.body.charges);
});

test('what is done to a plan while a draft of it is made is not undone by it', async () => {
  const { call, items } = await createApi();
  await publishPlan(call);
  items.hooks.before = async () => {
    delete items.hooks.before;
    await call('POST', '/v1/plans/pro/archive');
  };
  const refused = await call('POST', '/v1/plans/pro/versions');
  expect([refused.status, refused.body.code]).toEqual([409, 'plan.archived']);
  expect((await call('GET', '/v1/plans/pro')).body).toMatchObject({
    archivedAt: NOW,
    versions: [{ version: 1 }],
  });
});

test('of many new versions at the same time one becomes the draft', async () => {
  const { call } = await createApi();
  await publishPlan(call);
  const answers = await Promise.all(Array.from({ length: 10 }, () => call('POST', '/v1/plans/pro/versions')));
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
});

test.each([
  ['the first version may take effect in the past', 1, '2020-01-01T00:00:00Z', 200],
  ['the first version may take effect in the future', 1, '2027-01-01T00:00:00Z', 200],
  ['a later version may not take effect in the past', 2, '2026-11-24T11:59:59.999Z', 400],
  ['a later version may take effect now', 2, NOW, 200],
  ['a later version may take effect in the future', 2, '2027-01-01T00:00:00Z', 200],
  ['no version takes effect before the years that billing knows', 1, '1999-12-31T23:59:59Z', 400],
])('%s', async (_name, version, effectiveFrom, status) => {
  const { call } = await createApi();
  await call('POST', '/v1/plans', { body: PLAN });
  if (version === 2) {
    await call('POST', '/v1/plans/pro/versions/1/publish');
    await call('POST', '/v1/plans/pro/versions');
  }
  const path = `/v1/plans/pro/versions/${version}/publish`;
  const answer = await call('POST', path, { body: { effectiveFrom, apply: 'immediately' } });
  expect(answer.status).toBe(status);
  if (status === 400) expect(answer.body.errors.map((error) => error.path)).toEqual(['effectiveFrom']);
  else expect(answer.body.effectiveFrom).toBe(new Date(effectiveFrom).toISOString());
});

test('no version takes effect before the newest published one', async () => {
  const { call } = await createApi();
  await call('POST', '/v1/plans', { body: PLAN });
  const body = { effectiveFrom: '2027-03-01T00:00:00Z' };
  await call('POST', '/v1/plans/pro/versions/1/publish', { body });
  await call('POST', '/v1/plans/pro/versions');
  const path = '/v1/plans/pro/versions/2/publish';
  const early = await call('POST', path);
  expect([early.status, early.body.code]).toEqual([400, 'plan.effective_from_invalid']);
  expect(early.body.detail).toContain('2027-03-01');
  expect((await call('POST', path, { body })).status).toBe(200);
});

test('the present of a test tenant is the default of a publish', async () => {
  const { call } = await createApi();
  await call('PUT', '/v1/clock', { body: { now: '2024-02-29T00:00:00Z' } });
  const published = await publishPlan(call);
  expect(published.body.effectiveFrom).toBe('2024-02-29T00:00:00.000Z');
});

test('a version names meters that exist and count, and dimensions that they have', async () => {
  const { call } = await createApi();
  for (const key of ['requests', 'old']) await call('POST', '/v1/meters', { body: { ...METER, key } });
  await call('POST', '/v1/meters/old/archive');
  const price = { model: 'per_unit', unitAmount: '1' };
  const charges = [
    SEAT,
    { key: 'a', meter: 'requests', price, filters: { model: ['large'] } },
    { key: 'b', meter: 'none', price },
    { key: 'c', meter: 'old', price },
  ];
  const published = await publishPlan(call, { ...PLAN, charges });
  expect([published.status, published.body.code]).toEqual([400, 'plan.unknown_meter']);
  expect(published.body.errors.map(({ path }) => path)).toEqual(['charges[2].meter', 'charges[3].meter']);
  const dimension = { charges: [{ ...charges[1], filters: { region: ['eu'] } }] };
  const headers = ifMatch('"1"');
  await call('PUT', '/v1/plans/pro/versions/1', { body: dimension, headers });
  const refused = await call('POST', '/v1/plans/pro/versions/1/publish');
  expect(refused.body.errors).toMatchObject([
    { path: 'charges[0].filters.region', code: 'plan.unknown_dimension' },
  ]);
  expect((await call('GET', '/v1/plans/pro/versions/1')).body.status).toBe('draft');
});

test('a version keeps the currencies in which subscriptions of the plan may be paid', async () => {
  const { call } = await createApi();
  await publishPlan(call, { ...PLAN, charges: [{ ...SEAT, prices: { EUR: SEAT.price } }] });
  await call('POST', '/v1/plans/pro/versions', { body: { charges: [SEAT] } });
  const refused = await call('POST', '/v1/plans/pro/versions/2/publish');
  expect([refused.status, refused.body.code]).toEqual([400, 'plan.currency_dropped']);
  expect(refused.body.errors.map(({ path }) => path)).toEqual(['charges[0].prices.EUR']);
});

test('a draft that does not suit the currency of its plan any more is not published', async () => {
  const { call } = await createApi();
  await call('POST', '/v1/plans', { body: { ...PLAN, charges: [{ ...SEAT, prices: { EUR: SEAT.price } }] } });
  await call('PATCH', '/v1/plans/pro', { body: { currency: 'EUR' }, headers: ifMatch('"1"') });
  const refused = await call('POST', '/v1/plans/pro/versions/1/publish');
  expect(refused.body.errors).toMatchObject([
    { path: 'charges[0].prices.EUR', code: 'price.plan_currency_repeated' },
  ]);
});

test('a plan has so many versions and no more', async () => {
  const { call, items } = await createApi();
  await publishPlan(call);
  const key = { pk: 'tenant#acme#plans', sk: 'pro' };
  const plan = planFromItem(defined(await items.get({ table: 'main', key }), 'the plan'));
  const head = defined(plan.versions[0], 'its version');
  const versions = Array.from({ length: LIMITS.versionsPerPlan }, (_, index) => ({
    ...head,
    version: index + 1,
  }));
  await items.put({ table: 'main', item: planToItem('acme', { ...plan, versions }) });
  const refused = await call('POST', '/v1/plans/pro/versions');
  expect([refused.status, refused.body.code]).toEqual([409, 'plan.version_limit_reached']);
});
