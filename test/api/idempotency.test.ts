import { expect, test } from 'vitest';
import { StoreError } from '../../shared/ports/store-error.ts';
import { createApi } from './api-under-test.ts';

const headers = { 'idempotency-key': 'k-1' };
const KEY = { name: 'ci', scopes: ['meters:read'] };

async function keysOf(call: Awaited<ReturnType<typeof createApi>>['call']) {
  const { body } = await call('GET', '/v1/keys');
  return body.data.filter(({ name }) => name === 'ci');
}

test('a repeated POST gets the first answer, secret included, and says so', async () => {
  const { call } = await createApi();
  const first = await call('POST', '/v1/keys', { body: KEY, headers });
  const again = await call('POST', '/v1/keys', { body: KEY, headers });
  expect([again.status, again.text]).toEqual([201, first.text]);
  expect(again.headers['idempotency-replayed']).toBe('true');
  expect(first.headers).not.toHaveProperty('idempotency-replayed');
  expect(await keysOf(call)).toHaveLength(1);
});

test('a replayed resource keeps its ETag', async () => {
  const { call } = await createApi();
  const body = { key: 'c1', name: 'C', currency: 'USD' };
  const first = await call('POST', '/v1/customers', { body, headers });
  const again = await call('POST', '/v1/customers', { body, headers });
  expect([again.status, again.headers.etag]).toEqual([201, first.headers.etag]);
});

test.each([
  ['another body', '/v1/keys', { ...KEY, name: 'other' }],
  ['another route', '/v1/meters', { key: 'm', eventType: 't', aggregation: 'count' }],
])('the key with %s is refused', async (_name, path, body) => {
  const { call } = await createApi();
  await call('POST', '/v1/keys', { body: KEY, headers });
  const answer = await call('POST', path, { body, headers });
  expect([answer.status, answer.body.code]).toEqual([409, 'idempotency.key_reused']);
});

test('an invalid request is not stored: the key is free for the right one', async () => {
  const { call } = await createApi();
  expect((await call('POST', '/v1/keys', { body: { ...KEY, scopes: ['operator'] }, headers })).status).toBe(
    403,
  );
  expect((await call('POST', '/v1/keys', { body: { name: 'ci' }, headers })).status).toBe(400);
  expect((await call('POST', '/v1/keys', { body: KEY, headers })).status).toBe(201);
});

test('of twenty requests at the same time one executes and all get its answer', async () => {
  const { call } = await createApi();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => call('POST', '/v1/keys', { body: KEY, headers })),
  );
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(answers.every(({ status }) => status === 201)).toBe(true);
  expect(answers.filter((answer) => !('idempotency-replayed' in answer.headers))).toHaveLength(1);
  expect(await keysOf(call)).toHaveLength(1);
});

test('after a crash behind the commit the repeated request finds the answer', async () => {
  const { call, items } = await createApi();
  items.hooks.after = async () => {
    throw new StoreError({ message: 'the connection broke', outcome: 'unknown', reason: 'unreachable' });
  };
  expect((await call('POST', '/v1/keys', { body: KEY, headers })).status).toBe(503);
  delete items.hooks.after;
  const again = await call('POST', '/v1/keys', { body: KEY, headers });
  expect([again.status, again.headers['idempotency-replayed']]).toEqual([201, 'true']);
  expect(await keysOf(call)).toHaveLength(1);
});

test('after a crash before the commit the repeated request executes', async () => {
  const { call, items } = await createApi();
  items.hooks.before = async () => {
    throw new StoreError({ message: 'throttled', outcome: 'not_done', reason: 'throttled' });
  };
  expect((await call('POST', '/v1/keys', { body: KEY, headers })).status).toBe(503);
  delete items.hooks.before;
  const again = await call('POST', '/v1/keys', { body: KEY, headers });
  expect(again.headers).not.toHaveProperty('idempotency-replayed');
  expect(await keysOf(call)).toHaveLength(1);
});

test('after 24 hours an idempotency key is free', async () => {
  const { call, time } = await createApi();
  await call('POST', '/v1/keys', { body: KEY, headers });
  time.nowMs += 86_400_000;
  const later = await call('POST', '/v1/keys', { body: { ...KEY, scopes: ['usage:read'] }, headers });
  expect(later.status).toBe(201);
  expect(await keysOf(call)).toHaveLength(2);
});

test('an idempotency key belongs to one API key', async () => {
  const { call, issue } = await createApi();
  await call('POST', '/v1/keys', { body: KEY, headers });
  const secret = await issue('acme', ['keys:write', 'meters:read']);
  const other = await call('POST', '/v1/keys', { body: KEY, headers, secret });
  expect(other.headers).not.toHaveProperty('idempotency-replayed');
  expect(await keysOf(call)).toHaveLength(2);
});
