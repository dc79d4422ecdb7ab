import { expect, test } from 'vitest';
import { StoreError } from '../../shared/ports/store-error.ts';
import { createApi } from './api-under-test.ts';
import { BAD_INPUT, METER } from './bad-input-cases.ts';

test.each(BAD_INPUT)(
  '$name: $status $code',
  async ({ path = '/v1/meters', options, status, code, field }) => {
    const { call, kept } = await createApi();
    const before = kept().length;
    const answer = await call('POST', path, options);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect(answer.body.errors.map((error) => error.path)).toEqual(field === undefined ? [] : [field]);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.body.requestId).toBe(answer.headers['x-request-id']);
    expect(kept()).toHaveLength(before);
  },
);

test('every 401 names the scheme to use', async () => {
  const { call } = await createApi();
  const answer = await call('GET', '/v1/meters', { secret: null });
  expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
});

test.each([
  ['an unknown parameter', '/v1/meters?page=2', 'request.unknown_field', 'page'],
  ['a limit above the maximum', '/v1/meters?limit=101', 'request.invalid_field', 'limit'],
  ['a limit of zero', '/v1/meters?limit=0', 'request.invalid_field', 'limit'],
  ['a parameter given twice', '/v1/meters?limit=1&limit=2', 'request.invalid_field', 'limit'],
  ['a made-up cursor', '/v1/meters?cursor=abc', 'request.invalid_cursor', 'cursor'],
  ['a missing parameter', '/v1/meters/tokens/usage?from=2026-01-01T00:00:00Z', 'request.missing_field', 'to'],
  ['a time without offset', '/v1/events?from=2026-01-01T00:00:00', 'request.invalid_field', 'from'],
  ['an unknown status', '/v1/events?status=lost', 'request.invalid_field', 'status'],
])('%s in the query is refused', async (_name, path, code, field) => {
  const { call } = await createApi();
  const answer = await call('GET', path);
  expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 400, code });
  expect(answer.body.errors.map((error) => error.path)).toEqual([field]);
});

test('a cursor of another query is refused', async () => {
  const { call } = await createApi();
  for (const key of ['a', 'b']) await call('POST', '/v1/meters', { body: { ...METER, key } });
  const { body } = await call('GET', '/v1/meters?limit=1');
  const other = await call('GET', `/v1/customers?cursor=${body.nextCursor}`);
  expect(other.body.code).toBe('request.invalid_cursor');
});

test.each([
  ['GET', '/v1/nothing', 404, 'request.not_found'],
  ['GET', '/v1/meters/%zz', 404, 'request.not_found'],
  ['GET', '/v1/meters/a%2Fb', 404, 'request.not_found'],
  ['DELETE', '/v1/meters', 405, 'request.method_not_allowed'],
  ['TRACE', '/v1/meters', 405, 'request.method_not_allowed'],
  ['OPTIONS', '/v1/meters', 405, 'request.method_not_allowed'],
])('%s %s is %i', async (method, path, status, code) => {
  const { call } = await createApi();
  const answer = await call(method, path);
  expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
  if (status === 405) expect(answer.headers.allow).toBe('POST, GET, HEAD');
  expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
});

test('a GET with a body is answered and HEAD has none', async () => {
  const { call } = await createApi();
  expect((await call('GET', '/v1/meters', { body: {} })).status).toBe(200);
  expect(await call('HEAD', '/v1/meters')).toMatchObject({ status: 200, text: '' });
});

test('an outage of the store is 503 with Retry-After, a bug is 500, and neither tells what happened', async () => {
  const { call, items, logged } = await createApi();
  items.query = async () => {
    throw new StoreError({ message: 'secret detail', outcome: 'unknown', reason: 'timeout' });
  };
  const outage = await call('GET', '/v1/meters');
  items.query = async () => {
    throw new TypeError('secret detail');
  };
  const bug = await call('GET', '/v1/meters');
  expect([outage.status, outage.body.code, outage.headers['retry-after']]).toEqual([
    503,
    'service.unavailable',
    '1',
  ]);
  expect([bug.status, bug.body.code]).toEqual([500, 'service.internal']);
  expect(outage.text + bug.text).not.toContain('secret detail');
  expect(logged).toHaveLength(2);
});
