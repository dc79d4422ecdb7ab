import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { StoreError } from '../../shared/ports/store-error.ts';
import { type CallOptions, createApi } from './api-under-test.ts';

const METER = { key: 'tokens', eventType: 'llm.request', aggregation: 'sum', value: '$.tokens' };
const CUSTOMER = { key: 'c1', name: 'C', currency: 'USD' };

interface Case {
  readonly name: string;
  readonly path?: string;
  readonly options: CallOptions;
  readonly status: number;
  readonly code: string;
  readonly field?: string;
}

const CASES: readonly Case[] = [
  { name: 'malformed JSON', options: { rawBody: '{"key":' }, status: 400, code: 'request.malformed_json' },
  {
    name: 'a body that is no UTF-8',
    options: { rawBody: Buffer.from([0x22, 0xff, 0x22]) },
    status: 400,
    code: 'request.malformed_json',
  },
  {
    name: 'no body',
    options: { headers: { 'content-type': 'application/json' } },
    status: 400,
    code: 'request.malformed_json',
  },
  {
    name: 'an unknown field',
    options: { body: { ...METER, colour: 'red' } },
    status: 400,
    code: 'request.unknown_field',
    field: 'colour',
  },
  {
    name: 'a missing field',
    options: { body: { ...METER, eventType: undefined } },
    status: 400,
    code: 'request.missing_field',
    field: 'eventType',
  },
  {
    name: 'a wrong type',
    options: { body: { ...METER, name: 7 } },
    status: 400,
    code: 'request.invalid_field',
    field: 'name',
  },
  {
    name: 'a list as body',
    options: { body: [METER] },
    status: 400,
    code: 'request.invalid_field',
    field: '',
  },
  {
    name: 'an integer that JSON cannot carry',
    options: { rawBody: '{"metadata":{"a":9007199254740993}}' },
    status: 400,
    code: 'request.invalid_field',
    field: 'metadata.a',
  },
  {
    name: 'a metadata value that is no text',
    options: { body: { ...METER, metadata: { a: 1 } } },
    status: 400,
    code: 'request.invalid_field',
    field: 'metadata.a',
  },
  {
    name: 'too many metadata entries',
    options: {
      body: { ...METER, metadata: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, 'v'])) },
    },
    status: 400,
    code: 'request.invalid_field',
    field: 'metadata',
  },
  {
    name: 'an unknown aggregation',
    options: { body: { ...METER, aggregation: 'median' } },
    status: 400,
    code: 'request.invalid_field',
    field: 'aggregation',
  },
  {
    name: 'a sum without value',
    options: { body: { ...METER, value: null } },
    status: 400,
    code: 'meter.value_required',
    field: 'value',
  },
  {
    name: 'a count with value',
    options: { body: { ...METER, aggregation: 'count' } },
    status: 400,
    code: 'meter.value_not_allowed',
    field: 'value',
  },
  {
    name: 'a filter that does not parse',
    options: { body: { ...METER, filter: '1 +' } },
    status: 400,
    code: 'meter.invalid_filter',
    field: 'filter',
  },
  {
    name: 'a dimension path that does not parse',
    options: { body: { ...METER, groupBy: { model: '$..x' } } },
    status: 400,
    code: 'meter.invalid_path',
    field: 'groupBy.model',
  },
  {
    name: 'a dimension named customer',
    options: { body: { ...METER, groupBy: { customer: '$.c' } } },
    status: 400,
    code: 'request.invalid_field',
    field: 'groupBy.customer',
  },
  {
    name: 'another content type',
    options: { rawBody: 'key=a', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    status: 415,
    code: 'request.unsupported_media_type',
  },
  {
    name: 'an unknown content encoding',
    options: { body: METER, headers: { 'content-encoding': 'br' } },
    status: 415,
    code: 'request.unsupported_encoding',
  },
  {
    name: 'gzip that is none',
    options: { body: METER, headers: { 'content-encoding': 'gzip' } },
    status: 400,
    code: 'request.malformed_encoding',
  },
  {
    name: 'zstd that is none',
    options: { body: METER, headers: { 'content-encoding': 'zstd' } },
    status: 400,
    code: 'request.malformed_encoding',
  },
  {
    name: 'a too large body',
    options: { rawBody: ' '.repeat(LIMITS.configurationBodyBytes + 1) },
    status: 413,
    code: 'request.body_too_large',
  },
  {
    name: 'a body that inflates beyond the limit',
    options: {
      rawBody: gzipSync(' '.repeat(LIMITS.configurationBodyBytes + 1)),
      headers: { 'content-encoding': 'gzip' },
    },
    status: 413,
    code: 'request.body_too_large',
  },
  {
    name: 'a zstd body that inflates beyond the limit',
    options: {
      rawBody: zstdCompressSync(Buffer.alloc(LIMITS.configurationBodyBytes * 100)),
      headers: { 'content-encoding': 'zstd' },
    },
    status: 413,
    code: 'request.body_too_large',
  },
  { name: 'no key', options: { body: METER, secret: null }, status: 401, code: 'auth.missing_key' },
  {
    name: 'another scheme',
    options: { body: METER, secret: null, headers: { authorization: 'Basic YTpi' } },
    status: 401,
    code: 'auth.missing_key',
  },
  {
    name: 'a cookie instead of a key',
    options: { body: METER, secret: null, headers: { cookie: 'session=1' } },
    status: 401,
    code: 'auth.missing_key',
  },
  {
    name: 'an unknown key',
    options: { body: METER, secret: `chk_test_${'z'.repeat(43)}` },
    status: 401,
    code: 'auth.invalid_key',
  },
  {
    name: 'an unknown currency',
    path: '/v1/customers',
    options: { body: { ...CUSTOMER, currency: 'XXY' } },
    status: 400,
    code: 'request.invalid_field',
    field: 'currency',
  },
  {
    name: 'an unknown time zone',
    path: '/v1/customers',
    options: { body: { ...CUSTOMER, timeZone: 'Mars/Base' } },
    status: 400,
    code: 'request.invalid_field',
    field: 'timeZone',
  },
  {
    name: 'a subject given twice',
    path: '/v1/customers',
    options: { body: { ...CUSTOMER, subjects: ['a', 'a'] } },
    status: 400,
    code: 'request.invalid_field',
    field: 'subjects',
  },
  {
    name: 'a lone surrogate',
    path: '/v1/customers',
    options: { rawBody: '{"key":"c1","name":"\\ud800","currency":"USD"}' },
    status: 400,
    code: 'request.invalid_field',
    field: 'name',
  },
  {
    name: 'an unknown scope',
    path: '/v1/keys',
    options: { body: { name: 'k', scopes: ['root'] } },
    status: 400,
    code: 'request.invalid_field',
    field: 'scopes[0]',
  },
  {
    name: 'an expiry that is over',
    path: '/v1/keys',
    options: { body: { name: 'k', scopes: ['keys:read'], expiresAt: '2020-01-01T00:00:00Z' } },
    status: 400,
    code: 'request.invalid_field',
    field: 'expiresAt',
  },
  {
    name: 'a scope that the caller lacks',
    path: '/v1/keys',
    options: { body: { name: 'k', scopes: ['operator'] } },
    status: 403,
    code: 'auth.scope_escalation',
  },
  {
    name: 'an idempotency key that is too long',
    options: { body: METER, headers: { 'idempotency-key': 'k'.repeat(256) } },
    status: 400,
    code: 'idempotency.invalid_key',
    field: 'Idempotency-Key',
  },
];

describe('bad input is refused with its own code and field', () => {
  test.each(CASES)('$name: $status $code', async ({ path = '/v1/meters', options, status, code, field }) => {
    const { call, items } = await createApi();
    const before = items.all().length;
    const answer = await call('POST', path, options);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect(answer.body.errors.map((error) => error.path)).toEqual(field === undefined ? [] : [field]);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.body.requestId).toBe(answer.headers['x-request-id']);
    expect(items.all()).toHaveLength(before);
  });

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
    [
      'a missing parameter',
      '/v1/meters/tokens/usage?from=2026-01-01T00:00:00Z',
      'request.missing_field',
      'to',
    ],
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
});
