import { expect, test } from 'vitest';
import { createRecentCache } from '../../shared/app/auth/recent-cache.ts';
import { issueKey } from '../../shared/app/keys/issue-key.ts';
import { createApi, START_MS } from './api-under-test.ts';

const CUSTOMER = { key: 'c1', name: 'C', currency: 'USD', subjects: ['sub-1'] };
const METER = { key: 'requests', eventType: 'llm.request', aggregation: 'count' };

test('a secret is shown once and is stored nowhere, not even in parts', async () => {
  const { call, items } = await createApi();
  const created = await call('POST', '/v1/keys', {
    body: { name: 'ci', scopes: ['meters:read'] },
    headers: { 'idempotency-key': 'once' },
  });
  expect(created.status).toBe(201);
  const { secret, id } = created.body as unknown as { secret: string; id: string };
  expect(secret).toMatch(/^chk_test_.{43}$/);
  const stored = JSON.stringify(items.all(), (_name, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
  );
  expect(stored).not.toContain(secret.slice(9));
  const shown = await call('GET', `/v1/keys/${id}`);
  expect(shown.body).toMatchObject({
    id,
    name: 'ci',
    tenant: 'acme',
    scopes: ['meters:read'],
    revokedAt: null,
  });
  expect(shown.text + (await call('GET', '/v1/keys')).text).not.toContain(secret.slice(9));
  expect(Object.keys(shown.body)).not.toContain('secretHash');
});

test('a revoked key is refused at most two seconds later, and revoking again changes nothing', async () => {
  const { call, time } = await createApi();
  const { body } = await call('POST', '/v1/keys', { body: { name: 'ci', scopes: ['meters:read'] } });
  const { secret, id } = body as unknown as { secret: string; id: string };
  expect((await call('GET', '/v1/meters', { secret })).status).toBe(200);
  const first = await call('POST', `/v1/keys/${id}/revoke`);
  time.nowMs += 2_000;
  const refused = await call('GET', '/v1/meters', { secret });
  expect([refused.status, refused.body.code]).toEqual([401, 'auth.invalid_key']);
  expect((await call('POST', `/v1/keys/${id}/revoke`)).body).toEqual(first.body);
});

test('a key is refused from its expiry on, whatever is remembered', async () => {
  const { call, time } = await createApi();
  const expiresAt = new Date(START_MS + 1_000).toISOString();
  const { body } = await call('POST', '/v1/keys', {
    body: { name: 'ci', scopes: ['meters:read'], expiresAt },
  });
  const { secret } = body as unknown as { secret: string };
  expect((await call('GET', '/v1/meters', { secret })).status).toBe(200);
  time.nowMs += 1_000;
  expect((await call('GET', '/v1/meters', { secret })).body.code).toBe('auth.invalid_key');
});

test('a key without the scope is refused, and told which one it needs', async () => {
  const { call, issue } = await createApi();
  const answer = await call('POST', '/v1/meters', {
    secret: await issue('acme', ['meters:read']),
    body: METER,
  });
  expect([answer.status, answer.body.code]).toEqual([403, 'auth.missing_scope']);
  expect(answer.body.detail).toContain('meters:write');
});

test('only the operator creates tenants and keys of other tenants', async () => {
  const { call, secrets } = await createApi();
  const tenant = { key: 'initech', name: 'Initech', mode: 'live' };
  expect((await call('POST', '/v1/tenants', { body: tenant })).body.code).toBe('auth.missing_scope');
  const { operator } = secrets;
  expect((await call('POST', '/v1/tenants', { body: tenant, secret: operator })).status).toBe(201);
  const key = { name: 'k', scopes: ['events:write'], tenant: 'initech' };
  expect((await call('POST', '/v1/keys', { body: key })).body.code).toBe('auth.scope_escalation');
  const own = { ...key, scopes: ['meters:read'] };
  expect((await call('POST', '/v1/keys', { body: own })).body.code).toBe('tenant.not_found');
  const made = await call('POST', '/v1/keys', { body: key, secret: operator });
  expect(made.body).toMatchObject({ tenant: 'initech', mode: 'live' });
  expect((await call('POST', `/v1/keys/${made.body.id}/revoke`, { secret: operator })).status).toBe(200);
});

test('a key of the operator belongs to no tenant and reaches no tenant data', async () => {
  const { call, secrets } = await createApi();
  const answer = await call('GET', '/v1/customers', { secret: secrets.operator });
  expect([answer.status, answer.body.code]).toEqual([403, 'auth.no_tenant']);
});

test('an archived tenant is shut out once what is remembered has aged', async () => {
  const { call, secrets, time } = await createApi();
  expect((await call('GET', '/v1/meters')).status).toBe(200);
  await call('POST', '/v1/tenants/acme/archive', { secret: secrets.operator });
  time.nowMs += 2_000;
  expect((await call('GET', '/v1/meters')).body.code).toBe('auth.invalid_key');
});

test('a key with a given secret works with any prefix and is the same key after every start', async () => {
  const { call, deps } = await createApi();
  const secret = 'dev-key-of-at-least-thirty-two-characters';
  const input = { name: 'dev', tenant: 'acme', mode: 'test', scopes: ['operator'], secret } as const;
  const [first, second] = [await issueKey(deps)(input), await issueKey(deps)(input)];
  expect(second).toEqual(first);
  expect((await call('GET', '/v1/tenants', { secret })).status).toBe(200);
  expect((await call('GET', '/v1/customers', { secret })).status).toBe(200);
});

test('what is remembered of keys is bounded, and the least recently used goes first', () => {
  const clock = { nowMs: () => 0, sleep: async () => undefined };
  const cache = createRecentCache<number>({ clock, entriesMax: 2, ttlMs: 10 });
  for (const key of ['a', 'b']) cache.set(key, 1, 0);
  expect(cache.get('a')).toBe(1);
  cache.set('c', 1, 0);
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, undefined, 1]);
});

test('what belongs to another tenant is not found, exactly like what does not exist', async () => {
  const { call, secrets, rows } = await createApi();
  await call('POST', '/v1/customers', { body: CUSTOMER });
  await call('POST', '/v1/meters', { body: METER });
  const { body: key } = await call('POST', '/v1/keys', { body: { name: 'k', scopes: ['meters:read'] } });
  rows.events.push({ tenant: 'acme', id: 'e1', source: 'default' } as never);
  const secret = secrets.globex;
  const asked: [string, string, string][] = [
    ['GET', '/v1/customers/c1', 'customer.not_found'],
    ['POST', '/v1/customers/c1/archive', 'customer.not_found'],
    ['GET', '/v1/meters/requests', 'meter.not_found'],
    ['POST', '/v1/meters/requests/archive', 'meter.not_found'],
    ['GET', `/v1/keys/${key.id}`, 'key.not_found'],
    ['POST', `/v1/keys/${key.id}/revoke`, 'key.not_found'],
    ['GET', '/v1/keys?tenant=acme', 'tenant.not_found'],
    ['GET', '/v1/tenants/acme', 'tenant.not_found'],
    ['GET', '/v1/events/e1', 'event.not_found'],
  ];
  for (const [method, path, code] of asked) {
    const answer = await call(method, path, { secret });
    expect([path, answer.status, answer.body.code]).toEqual([path, 404, code]);
  }
  const patch = await call('PATCH', '/v1/customers/c1', {
    secret,
    body: {},
    headers: { 'if-match': '"1"' },
  });
  expect(patch.body.code).toBe('customer.not_found');
  for (const path of ['/v1/customers', '/v1/meters', '/v1/events']) {
    expect((await call('GET', path, { secret })).body.data).toEqual([]);
  }
});

test('the same keys, subjects and idempotency keys are free in each tenant', async () => {
  const { call, secrets } = await createApi();
  const options = { body: CUSTOMER, headers: { 'idempotency-key': 'same' } };
  const [acme, globex] = [
    await call('POST', '/v1/customers', options),
    await call('POST', '/v1/customers', { ...options, secret: secrets.globex }),
  ];
  expect([acme.status, globex.status]).toEqual([201, 201]);
  expect(globex.headers).not.toHaveProperty('idempotency-replayed');
});
