import { describe, expect, test } from 'vitest';
import { createApi } from './api-under-test.ts';
import { CUSTOMER, ifMatch, PLAN, readyToSubscribe, SEAT, SUBSCRIPTION } from './plan-examples.ts';

const NOW = '2026-11-24T12:00:00.000Z';
const PATH = '/v1/subscriptions';

test('a subscription is created, read and listed, and only its metadata changes, under If-Match', async () => {
  const { call } = await createApi();
  await readyToSubscribe(call);
  const created = await call('POST', PATH, { body: { ...SUBSCRIPTION, metadata: { a: 'b' } } });
  expect([created.status, created.body]).toEqual([
    201,
    {
      key: 's1',
      customer: 'c1',
      plan: 'pro',
      version: null,
      currency: 'USD',
      startsAt: '2026-11-10T00:00:00.000Z',
      anchor: '2026-11-10T00:00:00.000Z',
      timeZone: 'UTC',
      quantity: '1',
      status: 'active',
      cancelAt: null,
      endedAt: null,
      currentPeriod: { from: '2026-11-10T00:00:00.000Z', to: '2026-12-10T00:00:00.000Z' },
      metadata: { a: 'b' },
      createdAt: NOW,
    },
  ]);
  expect((await call('GET', `${PATH}/s1`)).text).toBe(created.text);
  expect((await call('GET', PATH)).body.data).toEqual([created.body]);
  const body = { metadata: { c: 'd' } };
  expect((await call('PATCH', `${PATH}/s1`, { body })).status).toBe(428);
  const patch = { body, headers: ifMatch(created.headers.etag) };
  expect((await call('PATCH', `${PATH}/s1`, patch)).body).toEqual({ ...created.body, ...body });
  expect((await call('PATCH', `${PATH}/s1`, patch)).status).toBe(412);
  const quantity = await call('PATCH', `${PATH}/s1`, { body: { quantity: '2' }, headers: ifMatch('"2"') });
  expect([quantity.status, quantity.body.code]).toEqual([400, 'request.unknown_field']);
});

test('a subscription without a key gets an id, and a key is given once', async () => {
  const { call } = await createApi();
  await readyToSubscribe(call, { overlap: 'allow' });
  const { key: _key, ...body } = SUBSCRIPTION;
  const made = await call('POST', PATH, { body });
  expect(made.body.key).toMatch(/^sub_[0-9a-z]{26}$/);
  expect((await call('GET', `${PATH}/${made.body.key}`)).status).toBe(200);
  await call('POST', PATH, { body: SUBSCRIPTION });
  const again = await call('POST', PATH, { body: SUBSCRIPTION });
  expect([again.status, again.body.code]).toEqual([409, 'subscription.exists']);
});

test('whoever sends a creation twice learns that it was done, also where the plan allows one at a time', async () => {
  const { call } = await createApi();
  await readyToSubscribe(call);
  await call('POST', PATH, { body: SUBSCRIPTION });
  expect((await call('POST', PATH, { body: SUBSCRIPTION })).body.code).toBe('subscription.exists');
});

test('subscriptions are listed page by page, all or those of one customer', async () => {
  const { call } = await createApi();
  await readyToSubscribe(call, { overlap: 'allow' });
  await call('POST', '/v1/customers', { body: { ...CUSTOMER, key: 'c2' } });
  for (const [key, customer] of Object.entries({ s1: 'c1', s2: 'c2', s3: 'c1', s4: 'c1' })) {
    await call('POST', PATH, { body: { ...SUBSCRIPTION, key, customer } });
  }
  const keys = async (query: string) => {
    const { body } = await call('GET', `${PATH}?limit=2${query}`);
    const next = await call('GET', `${PATH}?limit=2&cursor=${body.nextCursor}${query}`);
    return [...body.data, ...next.body.data].map(({ key }) => key);
  };
  expect(await keys('')).toEqual(['s1', 's2', 's3', 's4']);
  expect(await keys('&customer=c1')).toEqual(['s1', 's3', 's4']);
  const { body } = await call('GET', `${PATH}?customer=c1&limit=1`);
  const other = await call('GET', `${PATH}?customer=c2&cursor=${body.nextCursor}`);
  expect(other.body.code).toBe('request.invalid_cursor');
  expect((await call('GET', `${PATH}?customer=none`)).body.data).toEqual([]);
});

test.each([
  ['the anchor is the start', {}, '2026-01-31T00:00:00Z', '2026-02-28', '2026-03-31'],
  [
    'the start is on another day',
    { anchor: '2026-03-15T00:00:00Z' },
    '2026-02-20T00:00:00Z',
    '2026-02-20',
    '2026-03-15',
  ],
  ['it has not begun', {}, '2026-03-02T00:00:00Z', null, null],
  ['the zone decides', { timeZone: 'Asia/Tokyo' }, '2026-01-31T15:00:00Z', '2026-02-28', '2026-03-31'],
])('the current period is shown where %s', async (_name, fields, startsAt, from, to) => {
  const { call } = await createApi();
  await readyToSubscribe(call, {}, '2026-03-01T00:00:00Z');
  const { body } = await call('POST', PATH, { body: { ...SUBSCRIPTION, ...fields, startsAt } });
  const period = body.currentPeriod as unknown as { from: string; to: string } | null;
  expect(period && [period.from.slice(0, 10), period.to.slice(0, 10)]).toEqual(from && [from, to]);
});

describe('a subscription is refused for', () => {
  test.each<[string, object, number, string, string]>([
    ['an unknown customer', { customer: 'none' }, 404, 'customer.not_found', 'customer'],
    ['an archived customer', { customer: 'gone' }, 400, 'customer.archived', 'customer'],
    ['an unknown plan', { plan: 'none' }, 404, 'plan.not_found', 'plan'],
    ['an archived plan', { plan: 'old' }, 409, 'plan.archived', 'plan'],
    ['a plan without a published version', { plan: 'idea' }, 409, 'plan.not_published', 'plan'],
    ['a version that is a draft', { version: 2 }, 409, 'plan.not_published', 'version'],
    ['an unknown version', { version: 3 }, 404, 'plan.version_not_found', 'version'],
    ['a currency without prices', { customer: 'yen' }, 422, 'subscription.currency_missing', 'customer'],
    ['an unknown field', { trial: 'P14D' }, 400, 'request.unknown_field', 'trial'],
    ['no start', { startsAt: undefined }, 400, 'request.missing_field', 'startsAt'],
    [
      'a start before 2000',
      { startsAt: '1999-12-31T23:59:59.999Z' },
      400,
      'request.invalid_field',
      'startsAt',
    ],
    ['a start after 2099', { startsAt: '2100-01-01T00:00:00Z' }, 400, 'request.invalid_field', 'startsAt'],
    ['a start that is a date', { startsAt: '2026-01-01' }, 400, 'request.invalid_field', 'startsAt'],
    ['an anchor before 2000', { anchor: '1999-01-01T00:00:00Z' }, 400, 'request.invalid_field', 'anchor'],
    ['an unknown time zone', { timeZone: 'Mars/Base' }, 400, 'request.invalid_field', 'timeZone'],
    ['a negative quantity', { quantity: '-1' }, 400, 'request.invalid_field', 'quantity'],
    [
      'a quantity of too many decimals',
      { quantity: '0.0000000000001' },
      400,
      'request.invalid_field',
      'quantity',
    ],
    [
      'a quantity of too many digits',
      { quantity: '1234567890123456' },
      400,
      'request.invalid_field',
      'quantity',
    ],
    ['a quantity that is a JSON number', { quantity: 2 }, 400, 'request.invalid_field', 'quantity'],
    ['a version that is text', { version: '1' }, 400, 'request.invalid_field', 'version'],
    ['a key with a slash', { key: 'a/b' }, 400, 'request.invalid_field', 'key'],
  ])('%s', async (_name, fields, status, code, field) => {
    const { call, items } = await createApi();
    await readyToSubscribe(call);
    await call('POST', '/v1/plans/pro/versions');
    await call('POST', '/v1/customers', { body: { ...CUSTOMER, key: 'yen', currency: 'JPY' } });
    await call('POST', '/v1/customers', { body: { ...CUSTOMER, key: 'gone' } });
    await call('POST', '/v1/customers/gone/archive');
    for (const key of ['idea', 'old']) await call('POST', '/v1/plans', { body: { ...PLAN, key } });
    await call('POST', '/v1/plans/old/versions/1/publish');
    await call('POST', '/v1/plans/old/archive');
    const before = items.all().length;
    const answer = await call('POST', PATH, { body: { ...SUBSCRIPTION, ...fields } });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.errors.map(({ path }) => path)).toEqual([field]);
    expect(items.all()).toHaveLength(before);
  });
});

test('a customer may pay in any currency that every charge has a price in, and keeps it', async () => {
  const { call } = await createApi();
  const charges = [{ ...SEAT, prices: { EUR: SEAT.price } }];
  await readyToSubscribe(call, { charges });
  await call('PATCH', '/v1/customers/c1', { body: { currency: 'EUR' }, headers: ifMatch('"1"') });
  expect((await call('POST', PATH, { body: SUBSCRIPTION })).body.currency).toBe('EUR');
  await call('PATCH', '/v1/customers/c1', { body: { currency: 'JPY' }, headers: ifMatch('"2"') });
  expect((await call('GET', `${PATH}/s1`)).body.currency).toBe('EUR');
});

test('which currencies there are is asked of the version that the subscription starts with', async () => {
  const { call } = await createApi();
  await readyToSubscribe(call);
  const body = { charges: [{ ...SEAT, prices: { EUR: SEAT.price } }] };
  await call('POST', '/v1/plans/pro/versions', { body });
  await call('POST', '/v1/plans/pro/versions/2/publish');
  await call('PATCH', '/v1/customers/c1', { body: { currency: 'EUR' }, headers: ifMatch('"1"') });
  const subscribe = async (fields: object) =>
    (await call('POST', PATH, { body: { ...SUBSCRIPTION, ...fields } })).status;
  expect(await subscribe({})).toBe(422);
  expect(await subscribe({ startsAt: NOW, version: 1 })).toBe(422);
  expect(await subscribe({ startsAt: NOW })).toBe(201);
});

test('a pinned subscription names its version', async () => {
  const { call } = await createApi();
  await readyToSubscribe(call);
  const { body } = await call('POST', PATH, { body: { ...SUBSCRIPTION, version: 1, quantity: '2.5' } });
  expect(body).toMatchObject({ version: 1, quantity: '2.5' });
});

test('a repeated creation with an idempotency key gets the first answer, also while it runs', async () => {
  const { call } = await createApi();
  await readyToSubscribe(call);
  const { key: _key, ...body } = SUBSCRIPTION;
  const headers = { 'idempotency-key': 'k-1' };
  const answers = await Promise.all(Array.from({ length: 8 }, () => call('POST', PATH, { body, headers })));
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  expect(answers[0]?.status).toBe(201);
  const cancel = { body: { at: 'now' }, headers: { 'idempotency-key': 'k-2' } };
  const path = `${PATH}/${answers[0]?.body.key}/cancel`;
  const first = await call('POST', path, cancel);
  const again = await call('POST', path, cancel);
  expect([again.status, again.text]).toEqual([200, first.text]);
  expect(again.headers['idempotency-replayed']).toBe('true');
});

test('subscriptions of another tenant are not found, exactly like those that do not exist', async () => {
  const { call, secrets } = await createApi();
  await readyToSubscribe(call);
  await call('POST', PATH, { body: SUBSCRIPTION });
  const asked: [string, string, object?][] = [
    ['GET', ''],
    ['PATCH', '', {}],
    ['POST', '/cancel', { at: 'now' }],
  ];
  for (const [method, path, body] of asked) {
    const options = { headers: ifMatch('"1"'), ...(body === undefined ? {} : { body }) };
    const others = await call(method, `${PATH}/s1${path}`, { ...options, secret: secrets.globex });
    const nobodys = await call(method, `${PATH}/none${path}`, options);
    for (const answer of [others, nobodys]) {
      expect([method, answer.status, answer.body.code]).toEqual([method, 404, 'subscription.not_found']);
    }
  }
  const secret = secrets.globex;
  expect((await call('GET', PATH, { secret })).body.data).toEqual([]);
  expect((await call('GET', `${PATH}?customer=c1`, { secret })).body.data).toEqual([]);
  const stolen = await call('POST', PATH, { secret, body: { ...SUBSCRIPTION, key: 's2' } });
  expect(stolen.body.code).toBe('customer.not_found');
});

test('reading subscriptions and writing them are rights of their own', async () => {
  const { call, issue } = await createApi();
  const secret = await issue('acme', ['subscriptions:read']);
  expect((await call('GET', PATH, { secret })).status).toBe(200);
  const refused = await call('POST', PATH, { secret, body: SUBSCRIPTION });
  expect(refused.body.code).toBe('auth.missing_scope');
});
