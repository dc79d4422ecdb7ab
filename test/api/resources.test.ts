import { expect, test } from 'vitest';
import { createApi } from './api-under-test.ts';

const METER = {
  key: 'tokens',
  eventType: 'llm.request',
  aggregation: 'sum',
  value: 'tokens',
  groupBy: { model: '$.model' },
};
const CUSTOMER = { key: 'c1', name: 'C', currency: 'EUR', subjects: ['s1', 's2'] };

function catalogueOf(items: Awaited<ReturnType<typeof createApi>>['items']) {
  const found = items.all().find(({ pk, sk }) => pk === 'tenant#acme' && sk === 'catalogue');
  return found?.revision ?? 0;
}

test('a customer is created, read, changed under If-Match, and archived', async () => {
  const { call } = await createApi();
  const created = await call('POST', '/v1/customers', { body: CUSTOMER });
  expect(created.body).toEqual({
    ...CUSTOMER,
    timeZone: 'UTC',
    metadata: {},
    createdAt: '2026-11-24T12:00:00.000Z',
    archivedAt: null,
  });
  const path = '/v1/customers/c1';
  const body = { name: 'D', metadata: { crm: '7' } };
  expect((await call('PATCH', path, { body })).body.code).toBe('request.precondition_required');
  expect((await call('PATCH', path, { body })).status).toBe(428);
  const etag = String(created.headers.etag);
  const patched = await call('PATCH', path, { body, headers: { 'if-match': etag } });
  expect(patched.body).toMatchObject({ name: 'D', metadata: { crm: '7' }, subjects: ['s1', 's2'] });
  const stale = await call('PATCH', path, { body, headers: { 'if-match': etag } });
  expect([stale.status, stale.body.code]).toEqual([412, 'request.precondition_failed']);
  const archived = await call('POST', `${path}/archive`);
  expect(archived.body.archivedAt).toBe('2026-11-24T12:00:00.000Z');
  expect((await call('POST', `${path}/archive`)).text).toBe(archived.text);
  const late = await call('PATCH', path, { body, headers: { 'if-match': String(archived.headers.etag) } });
  expect(late.body.code).toBe('customer.archived');
});

test('a name of a customer is unique in its tenant among keys and subjects, also of archived ones', async () => {
  const { call } = await createApi();
  await call('POST', '/v1/customers', { body: CUSTOMER });
  await call('POST', '/v1/customers/c1/archive');
  const other = { key: 'c2', name: 'E', currency: 'EUR' };
  const asSubject = await call('POST', '/v1/customers', {
    body: { ...other, subjects: ['x', 's2', 'c1'] },
  });
  expect([asSubject.status, asSubject.body.code]).toEqual([409, 'customer.subject_taken']);
  expect(asSubject.body.errors.map(({ path }) => path)).toEqual(['subjects[1]', 'subjects[2]']);
  const asKey = await call('POST', '/v1/customers', { body: { ...other, key: 's1' } });
  expect(asKey.body.errors.map(({ path }) => path)).toEqual(['key']);
  expect((await call('POST', '/v1/customers', { body: { ...other, key: 'c1' } })).body.code).toBe(
    'customer.exists',
  );
  expect((await call('POST', '/v1/customers', { body: { ...other, subjects: ['x'] } })).status).toBe(201);
});

test('subjects move between customers and every such change raises the catalogue revision by one', async () => {
  const { call, items } = await createApi();
  await call('POST', '/v1/customers', { body: CUSTOMER });
  expect(catalogueOf(items)).toBe(1);
  await call('PATCH', '/v1/customers/c1', { body: { subjects: ['s1'] }, headers: { 'if-match': '"1"' } });
  await call('PATCH', '/v1/customers/c1', { body: { name: 'N' }, headers: { 'if-match': '"2"' } });
  expect(catalogueOf(items)).toBe(2);
  const moved = await call('POST', '/v1/customers', {
    body: { key: 'c2', name: 'E', currency: 'EUR', subjects: ['s2'] },
  });
  expect(moved.status).toBe(201);
  expect(items.all().find(({ pk, sk }) => pk === 'tenant#acme#references' && sk === 's2')).toMatchObject({
    customer: 'c2',
    archived: false,
    revision: 3,
  });
});

test('all subjects that a customer may have can be replaced in one request', async () => {
  const { call } = await createApi();
  const names = (prefix: string) => Array.from({ length: 48 }, (_, index) => `${prefix}${index}`);
  await call('POST', '/v1/customers', { body: { ...CUSTOMER, subjects: names('a') } });
  const patched = await call('PATCH', '/v1/customers/c1', {
    body: { subjects: names('b') },
    headers: { 'if-match': '"1"' },
  });
  expect(patched.body.subjects).toEqual(names('b'));
});

test('changes of the catalogue at the same time all happen, each with a revision of its own', async () => {
  const { call, items } = await createApi();
  const bodies = Array.from({ length: 12 }, (_, index) => ({
    ...CUSTOMER,
    key: `c${index}`,
    subjects: [],
  }));
  const answers = await Promise.all(bodies.map((body) => call('POST', '/v1/customers', { body })));
  expect(answers.map(({ status }) => status)).toEqual(bodies.map(() => 201));
  expect(catalogueOf(items)).toBe(12);
});

test('a meter keeps its key; another definition is another version, and a name or unit is not', async () => {
  const { call, items } = await createApi();
  const created = await call('POST', '/v1/meters', { body: METER });
  expect(created.body).toMatchObject({ ...METER, name: 'tokens', filter: null, unit: null, version: 1 });
  const headers = { 'if-match': '"1"' };
  const refused = await call('PATCH', '/v1/meters/tokens', { body: { key: 'other' }, headers });
  expect([refused.status, refused.body.errors[0]?.path]).toEqual([400, 'key']);
  expect(refused.body.detail).toContain('new meter');
  const patched = await call('PATCH', '/v1/meters/tokens', { body: { unit: 'tokens' }, headers });
  expect(patched.body).toMatchObject({ unit: 'tokens', version: 1 });
  expect(catalogueOf(items)).toBe(1);
  const body = { aggregation: 'max' };
  const changed = await call('PATCH', '/v1/meters/tokens', { body, headers: { 'if-match': '"2"' } });
  expect(changed.body).toMatchObject({ aggregation: 'max', version: 2 });
  expect(catalogueOf(items)).toBe(2);
  await call('POST', '/v1/meters/tokens/archive');
  expect(items.all().find(({ sk }) => sk === 'tokens')).toMatchObject({ revision: 2, archivedRevision: 3 });
  expect((await call('POST', '/v1/meters', { body: METER })).body.code).toBe('meter.exists');
});

test('lists go page by page to the end', async () => {
  const { call } = await createApi();
  for (const key of ['a', 'b', 'c']) await call('POST', '/v1/meters', { body: { ...METER, key } });
  const first = await call('GET', '/v1/meters?limit=2');
  const second = await call('GET', `/v1/meters?limit=2&cursor=${first.body.nextCursor}`);
  expect([...first.body.data, ...second.body.data].map(({ key }) => key)).toEqual(['a', 'b', 'c']);
  expect(second.body.nextCursor).toBeNull();
});

test('a tenant is created once, listed, changed and archived by the operator', async () => {
  const { call, secrets } = await createApi();
  const secret = secrets.operator;
  const tenant = { key: 'initech', name: 'Initech', mode: 'test' };
  expect((await call('POST', '/v1/tenants', { secret, body: tenant })).status).toBe(201);
  expect((await call('POST', '/v1/tenants', { secret, body: tenant })).body.code).toBe('tenant.exists');
  const listed = await call('GET', '/v1/tenants', { secret });
  expect(listed.body.data.map(({ key }) => key)).toEqual(['acme', 'globex', 'initech', 'real']);
  const patch = { secret, body: { name: 'I' }, headers: { 'if-match': '"1"' } };
  expect((await call('PATCH', '/v1/tenants/initech', patch)).body).toMatchObject({ name: 'I' });
  expect((await call('PATCH', '/v1/tenants/initech', patch)).body.code).toBe('request.precondition_failed');
  expect((await call('POST', '/v1/tenants/initech/archive', { secret })).headers.etag).toBe('"3"');
});

test('how a tenant knows events that come again is chosen when it is created, and never changed', async () => {
  const { call, secrets } = await createApi();
  const secret = secrets.operator;
  const tenant = { key: 'initech', name: 'Initech', mode: 'test', claims: 'packed-by-time' };
  const created = await call('POST', '/v1/tenants', { secret, body: tenant });
  expect([created.status, created.body]).toEqual([
    201,
    {
      ...tenant,
      metadata: {},
      limits: { events: null, requests: null },
      createdAt: '2026-11-24T12:00:00.000Z',
      archivedAt: null,
    },
  ]);
  expect((await call('GET', '/v1/tenants/acme', { secret })).body).toMatchObject({ claims: 'exact' });
  for (const claims of ['exact', 'packed-by-time']) {
    const patch = { secret, body: { name: 'I', claims }, headers: { 'if-match': '"1"' } };
    const refused = await call('PATCH', '/v1/tenants/initech', patch);
    expect([refused.status, refused.body.code]).toEqual([400, 'request.unknown_field']);
    expect(refused.body.errors.map(({ path }) => path)).toEqual(['claims']);
  }
  expect((await call('GET', '/v1/tenants/initech', { secret })).body).toEqual(created.body);
});

test.each(['packed', 'EXACT', '', null, 1])('claims cannot be %j', async (claims) => {
  const { call, secrets } = await createApi();
  const body = { key: 'initech', name: 'Initech', mode: 'test', claims };
  const refused = await call('POST', '/v1/tenants', { secret: secrets.operator, body });
  expect([refused.status, refused.body.code]).toEqual([400, 'request.invalid_field']);
  expect(refused.body.errors.map(({ path }) => path)).toEqual(['claims']);
});

const now = '2026-01-31T00:00:00.000Z';

test('a test clock stands where it was set, gives createdAt, and returns to real time', async () => {
  const { call, fencesDrawn, items } = await createApi();
  expect((await call('GET', '/v1/clock')).body).toEqual({
    now: '2026-11-24T12:00:00.000Z',
    status: 'ready',
  });
  expect((await call('PUT', '/v1/clock', { body: { now } })).body).toEqual({ now, status: 'ready' });
  expect((await call('PUT', '/v1/clock', { body: { now } })).status).toBe(200);
  expect(fencesDrawn()).toBe(1);
  expect(items.all().find(({ pk, sk }) => pk === 'tenant#acme' && sk === 'tenant')?.clockFence).toBe(1);
  expect((await call('POST', '/v1/customers', { body: CUSTOMER })).body.createdAt).toBe(now);
  expect((await call('DELETE', '/v1/clock')).body.now).toBe('2026-11-24T12:00:00.000Z');
  expect((await call('DELETE', '/v1/clock')).status).toBe(200);
});

test('a test clock cannot move once the tenant is in use, but stays where it is', async () => {
  const { call, items } = await createApi();
  await call('PUT', '/v1/clock', { body: { now } });
  await items.update({
    table: 'main',
    key: { pk: 'tenant#acme', sk: 'tenant' },
    changes: { set: { inUse: true } },
  });
  const moved = await call('PUT', '/v1/clock', { body: { now: '2026-02-01T00:00:00Z' } });
  expect([moved.status, moved.body.code]).toEqual([409, 'clock.in_use']);
  expect((await call('DELETE', '/v1/clock')).body.code).toBe('clock.in_use');
  expect((await call('PUT', '/v1/clock', { body: { now } })).status).toBe(200);
});

test('a live tenant has no test clock', async () => {
  const { call, secrets } = await createApi();
  const secret = secrets.real;
  expect((await call('GET', '/v1/clock', { secret })).body.now).toBe('2026-11-24T12:00:00.000Z');
  const put = await call('PUT', '/v1/clock', { secret, body: { now } });
  expect([put.status, put.body.code]).toEqual([409, 'clock.live_tenant']);
  expect((await call('DELETE', '/v1/clock', { secret })).body.code).toBe('clock.live_tenant');
});
