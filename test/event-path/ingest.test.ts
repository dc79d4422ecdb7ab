import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Context } from 'aws-lambda';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Runtime } from '../../local/runtime.ts';
import { issueKey } from '../../shared/app/keys/issue-key.ts';
import { revokeKey } from '../../shared/app/keys/revoke-key.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { StoreError } from '../../shared/ports/store-error.ts';
import { type CallOptions, toEvent } from '../api/api-under-test.ts';
import { createWorld, type World } from './world.ts';

let world: World;
let running: Runtime;
beforeAll(async () => {
  world = await createWorld(['acme', 'globex']);
  running = world.startProcess();
});

const GOOD = { id: 'e-1', type: 'llm.request', customer: 'acme', properties: { tokens: 1 } };

async function post(options: CallOptions, over: Pick<Runtime, 'ingest'> = running) {
  const secret = world.secrets.get('acme') ?? '';
  const event = toEvent({ method: 'POST', path: '/v1/events', secret, ...options });
  const result = await over.ingest(event, {} as Context);
  return { status: result.statusCode, body: JSON.parse(result.body ?? ''), headers: result.headers };
}

const sendOne = async (event: unknown) => (await post({ body: { events: [event] } })).body.results[0];

describe('an event that is wrong is rejected alone, with its code and field', () => {
  const far = (ms: number) => new Date(Date.parse('2023-11-17T00:00:00Z') + ms).toISOString();
  const cases: readonly (readonly [string, unknown, string, string])[] = [
    ['no object', 'text', 'event.not_an_object', ''],
    ['an unknown field', { ...GOOD, colour: 'red' }, 'event.unknown_field', 'colour'],
    ['no id', { ...GOOD, id: undefined }, 'event.missing_field', 'id'],
    ['no customer', { ...GOOD, customer: undefined }, 'event.missing_field', 'customer'],
    ['a too long id', { ...GOOD, id: 'x'.repeat(257) }, 'event.id_too_long', 'id'],
    ['an empty type', { ...GOOD, type: '' }, 'event.invalid_field', 'type'],
    ['a control character', { ...GOOD, id: 'a\u0000b' }, 'event.invalid_field', 'id'],
    ['properties that are a list', { ...GOOD, properties: [1] }, 'event.invalid_field', 'properties'],
    ['a lone surrogate', { ...GOOD, properties: { a: '\ud800' } }, 'event.invalid_field', 'properties'],
    ['a time that is none', { ...GOOD, time: 'yesterday' }, 'event.invalid_time', 'time'],
    ['a time without an offset', { ...GOOD, time: '2023-11-16T10:00:00' }, 'event.invalid_time', 'time'],
    ['a time too far back', { ...GOOD, time: far(-30 * 86_400_000 - 1) }, 'event.time_too_old', 'time'],
    ['a time ahead', { ...GOOD, time: far(300_001) }, 'event.time_in_future', 'time'],
    ['too many bytes', { ...GOOD, properties: { a: 'x'.repeat(65_536) } }, 'event.too_large', ''],
    ['too deep nesting', { ...GOOD, properties: nested(17) }, 'event.too_deep', 'properties'],
  ];
  test.each(cases)('%s', async (_name, event, code, field) => {
    const { status, body } = await post({ body: { events: [GOOD, event] } });
    expect(status).toBe(200);
    expect(body).toMatchObject({ accepted: 1, rejected: 1, retry: 0 });
    expect(body.results[1]).toMatchObject({ index: 1, status: 'rejected', code, field });
    expect(body.results[1].message).not.toBe('');
  });

  test.each([
    ['an integer beyond 2^53', '9007199254740993', 'event.unsafe_integer'],
    ['a number beyond a double', '1e999', 'event.number_out_of_range'],
  ])('%s', async (_name, number, code) => {
    const rawBody = `{"events":[${JSON.stringify(GOOD)},{"id":"n","type":"t","customer":"acme","properties":{"a":{"b":${number}}}}]}`;
    const { body } = await post({ rawBody });
    expect(body.results).toMatchObject([
      { status: 'accepted' },
      { index: 1, status: 'rejected', code, field: 'properties.a.b' },
    ]);
  });

  test('what only a meter can find wrong is accepted', async () => {
    expect(await sendOne({ ...GOOD, id: 'm-1', properties: { input_tokens: 'NaN' } })).toMatchObject({
      status: 'accepted',
    });
    const value = '1'.repeat(27);
    expect(await sendOne({ ...GOOD, id: 'm-2', properties: { input_tokens: value } })).toMatchObject({
      status: 'accepted',
    });
  });

  test('the edges of time are accepted', async () => {
    for (const time of [far(-30 * 86_400_000), far(300_000)]) {
      expect(await sendOne({ ...GOOD, id: time, time })).toMatchObject({ status: 'accepted' });
    }
  });
});

describe('an id that carries a time is as old as that, on the wall clock whatever the tenant’s', () => {
  const uuidAt = (timeMs: number) => {
    const hex = timeMs.toString(16).padStart(12, '0');
    return `${hex.slice(0, 8)}-${hex.slice(8)}-7abc-8def-0123456789ab`;
  };
  const horizonMs = () => world.clock.nowMs() - 45 * 86_400_000;
  const sendId = (id: string) => sendOne({ ...GOOD, id });

  test('at the horizon of 45 days it is accepted, a millisecond later it is refused', async () => {
    expect(await sendId(uuidAt(horizonMs()))).toMatchObject({ status: 'accepted' });
    const id = uuidAt(horizonMs() - 1);
    const refused = { id, status: 'rejected', code: 'event.id_too_old', field: 'id' };
    expect(await sendId(id)).toMatchObject(refused);
    expect(await sendId(id.toUpperCase())).toMatchObject({ ...refused, id: id.toUpperCase() });
    const cloudEvent = { specversion: '1.0', id, source: 's', type: 't', subject: 'acme' };
    const headers = { 'content-type': 'application/cloudevents+json' };
    const { body } = await post({ body: cloudEvent, headers });
    expect(body.results).toMatchObject([{ ...refused, field: 'id' }]);
  });

  test.each([
    ['a UUIDv7 of 2020', uuidAt(Date.UTC(2020, 0, 1)), 'rejected'],
    ['a ULID of 2020', '01dxf6dt00tsv4rrffq69g5fav', 'rejected'],
    ['a UUIDv7 of 1970', uuidAt(0), 'accepted'],
    ['a UUIDv7 of 2099', uuidAt(Date.UTC(2099, 0, 1)), 'accepted'],
    ['a UUIDv7 of 2200', uuidAt(Date.UTC(2200, 0, 1)), 'accepted'],
    ['a UUIDv4', 'c56a4180-65aa-42ec-a945-5fd21dec0538', 'accepted'],
    ['a UUIDv1 of 2021', '2ed6657d-e927-11eb-9a03-0242ac130003', 'accepted'],
    ['a word of a ULID’s length', '01dxf6dt00tsv4rrffq69g5fau', 'accepted'],
  ])('%s', async (_name, id, status) => {
    expect(await sendId(id)).toMatchObject({ id, status });
  });
});

function nested(levels: number): object {
  return levels === 1 ? {} : { a: nested(levels - 1) };
}

describe('a request that is wrong as a whole is refused with its code', () => {
  const many = Array.from({ length: LIMITS.eventsPerRequest + 1 }, (_, index) => ({
    ...GOOD,
    id: `${index}`,
  }));
  const type = (contentType: string) => ({ headers: { 'content-type': contentType } });
  const cases: readonly (readonly [string, CallOptions, number, string])[] = [
    ['malformed JSON', { rawBody: '{"events":[' }, 400, 'request.malformed_json'],
    ['no body', type('application/json'), 400, 'request.malformed_json'],
    ['a list', { body: [GOOD] }, 400, 'request.invalid'],
    ['a field beside events', { body: { events: [GOOD], more: 1 } }, 400, 'request.unknown_field'],
    ['events that are no list', { body: { events: {} } }, 400, 'request.invalid_field'],
    ['an empty batch', { body: { events: [] } }, 400, 'event.batch_empty'],
    ['too many events', { body: { events: many } }, 413, 'event.batch_too_large'],
    ['a too large body', { rawBody: ' '.repeat(1_000_001) }, 413, 'request.body_too_large'],
    ['another content type', { rawBody: 'a,b', ...type('text/csv') }, 415, 'request.unsupported_media_type'],
    ['no key', { secret: null, body: GOOD }, 401, 'auth.missing_key'],
    ['a wrong key', { secret: `chk_test_${'x'.repeat(43)}`, body: GOOD }, 401, 'auth.invalid_key'],
  ];
  test.each(cases)('%s', async (_name, options, status, code) => {
    const answer = await post(options);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers?.['content-type']).toBe('application/problem+json');
    expect(answer.body.requestId).not.toBe('');
  });

  test('a body that becomes too large when it is inflated', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const answer = await post({ rawBody: gzipSync(' '.repeat(2_000_000)), headers });
    expect([answer.status, answer.body.code]).toEqual([413, 'request.body_too_large']);
  });

  test('a key without the scope, a revoked key, and a key of no tenant', async () => {
    const issue = async (
      tenant: string | null,
      scopes: readonly ('meters:read' | 'operator' | 'events:write')[],
    ) => {
      const issued = await issueKey(world.config)({ name: 'k', tenant, mode: 'test', scopes });
      return issued.ok ? issued.value : Promise.reject(new Error(issued.error.code));
    };
    const weak = await issue('acme', ['meters:read']);
    expect(await post({ secret: weak.secret, body: GOOD })).toMatchObject({
      status: 403,
      body: { code: 'auth.missing_scope' },
    });
    const operator = await issue(null, ['operator']);
    expect(await post({ secret: operator.secret, body: GOOD })).toMatchObject({
      status: 403,
      body: { code: 'auth.no_tenant' },
    });
    const revoked = await issue('acme', ['events:write']);
    expect((await post({ secret: revoked.secret, body: GOOD })).status).toBe(200);
    const limits = { events: null, requests: null };
    const caller = { keyId: 'k', tenant: null, scopes: ['operator'], limits };
    await revokeKey(world.config)({ caller, id: revoked.record.id });
    world.clock.advance(LIMITS.authCacheMs);
    expect(await post({ secret: revoked.secret, body: GOOD })).toMatchObject({
      status: 401,
      body: { code: 'auth.invalid_key' },
    });
  });
});

describe('what is accepted', () => {
  test('is answered in request order, resends within one request included', async () => {
    const { body } = await post({ body: { events: [GOOD, GOOD, { ...GOOD, id: 'e-2' }] } });
    expect(body.results).toEqual([
      { index: 0, id: 'e-1', status: 'accepted' },
      { index: 1, id: 'e-1', status: 'accepted' },
      { index: 2, id: 'e-2', status: 'accepted' },
    ]);
  });

  test.each([
    ['one event', { body: GOOD }, 1],
    ['gzip', compressed('gzip', gzipSync), 1],
    ['zstd', compressed('zstd', zstdCompressSync), 1],
    ['a CloudEvent', cloud('application/cloudevents+json', cloudEvent('c-1')), 1],
    [
      'a batch of CloudEvents',
      cloud('application/cloudevents-batch+json', [cloudEvent('c-1'), cloudEvent('c-2')]),
      2,
    ],
  ])('may come as %s', async (_name, options, accepted) => {
    expect(await post(options)).toMatchObject({ status: 200, body: { accepted, rejected: 0 } });
  });

  test('of a CloudEvent that is wrong, the field is named as the client wrote it', async () => {
    const wrong = { ...cloudEvent('c-3'), subject: undefined };
    const answer = await post(cloud('application/cloudevents+json', wrong));
    expect(answer.body.results[0]).toMatchObject({ code: 'event.missing_field', field: 'subject' });
  });

  test('is in the stream before it is answered; what cannot be written is to be sent again', async () => {
    const failing = {
      ...world.stores.stream,
      putRecords: () =>
        Promise.reject(new StoreError({ message: 'full', outcome: 'not_done', reason: 'disk_full' })),
    };
    const original = world.stores.stream.putRecords;
    Object.assign(world.stores.stream, { putRecords: failing.putRecords });
    try {
      const answer = await post({ body: { events: [GOOD, { ...GOOD, type: '' }] } }, world.startProcess());
      expect(answer).toMatchObject({ status: 200, body: { accepted: 0, rejected: 1, retry: 1 } });
      const none = await post({ body: { events: [GOOD] } }, world.startProcess());
      expect(none).toMatchObject({
        status: 503,
        body: { retry: 1, results: [{ code: 'event.not_written' }] },
      });
      expect(none.headers?.['retry-after']).toBe('1');
    } finally {
      Object.assign(world.stores.stream, { putRecords: original });
    }
    expect((await post({ body: { events: [GOOD] } }, world.startProcess())).body).toMatchObject({
      accepted: 1,
    });
  });
});

function compressed(encoding: string, compress: (text: string) => Buffer): CallOptions {
  const headers = { 'content-type': 'application/json', 'content-encoding': encoding };
  return { rawBody: compress(JSON.stringify({ events: [GOOD] })), headers };
}

function cloudEvent(id: string) {
  return {
    specversion: '1.0',
    id,
    source: '/gateway',
    type: 'llm.request',
    subject: 'acme',
    time: '2023-11-16T12:00:00Z',
    data: { tokens: 3 },
  };
}

function cloud(contentType: string, body: unknown): CallOptions {
  return { body, headers: { 'content-type': contentType } };
}
