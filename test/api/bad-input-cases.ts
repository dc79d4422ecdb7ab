import { gzipSync, zstdCompressSync } from 'node:zlib';
import { LIMITS } from '../../shared/kernel/limits.ts';
import type { CallOptions } from './api-under-test.ts';

export const METER = { key: 'tokens', eventType: 'llm.request', aggregation: 'sum', value: '$.tokens' };
const CUSTOMER = { key: 'c1', name: 'C', currency: 'USD' };

export interface BadInput {
  readonly name: string;
  readonly path?: string;
  readonly options: CallOptions;
  readonly status: number;
  readonly code: string;
  readonly field?: string;
}

export const BAD_INPUT: readonly BadInput[] = [
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
