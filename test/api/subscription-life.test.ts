import { describe, expect, test } from 'vitest';
import type { TransactionOperation } from '../../shared/ports/item-store.ts';
import { StoreError } from '../../shared/ports/store-error.ts';
import { createApi } from './api-under-test.ts';
import { CUSTOMER, dueOf, PLAN, publishPlan, readyToSubscribe, SEAT, SUBSCRIPTION } from './plan-examples.ts';

const NOW = '2026-03-15T00:00:00.000Z';
const PATH = '/v1/subscriptions';
const START = { ...SUBSCRIPTION, startsAt: '2026-01-31T00:00:00Z' };
const IN_ADVANCE = { charges: [{ ...SEAT, timing: 'advance' }] };

describe('a new subscription is due', () => {
  test.each<[string, Readonly<Record<string, unknown>>, string, string[]]>([
    ['at the end of its first period, however long ago', {}, START.startsAt, ['2026-02-28 period_end s1']],
    ['at the end of a period that begins now', {}, NOW, ['2026-04-15 period_end s1']],
    [
      'at its start where it is charged in advance',
      IN_ADVANCE,
      START.startsAt,
      ['2026-01-31 period_start s1'],
    ],
    ['at a start that lies ahead', {}, '2026-05-01T00:00:00Z', ['2026-05-01 period_start s1']],
  ])('%s', async (_name, plan, startsAt, expected) => {
    const { call, items } = await createApi();
    await readyToSubscribe(call, plan, NOW);
    await call('POST', PATH, { body: { ...START, startsAt } });
    expect(await dueOf(items)).toEqual(expected);
  });
});

test('a subscription, its due item, what has it priced and the mark of its tenant are one transaction', async () => {
  const { call, items } = await createApi();
  await readyToSubscribe(call, {}, NOW);
  items.hooks.before = async () => {
    throw new StoreError({ message: 'throttled', outcome: 'not_done', reason: 'throttled' });
  };
  expect((await call('POST', PATH, { body: START })).status).toBe(503);
  delete items.hooks.before;
  expect(await dueOf(items)).toEqual([]);
  expect((await call('PUT', '/v1/clock', { body: { now: NOW } })).status).toBe(200);
  const committed: (readonly TransactionOperation[])[] = [];
  const { transact } = items;
  items.transact = (operations) => {
    committed.push(operations);
    return transact(operations);
  };
  expect((await call('POST', PATH, { body: START })).status).toBe(201);
  expect(committed).toHaveLength(1);
  const written = committed[0]
    ?.filter(({ op }) => op !== 'check')
    .map((operation) => (operation.op === 'put' ? operation.item.pk : operation.key.pk));
  expect(written?.toSorted()).toEqual([
    'tenant#acme',
    'tenant#acme#customer#c1',
    'tenant#acme#due',
    'tenant#acme#pricing',
    'tenant#acme#repricing',
    'tenant#acme#subscriptions',
  ]);
  const moved = await call('PUT', '/v1/clock', { body: { now: '2026-04-01T00:00:00Z' } });
  expect([moved.status, moved.body.code]).toEqual([409, 'clock.in_use']);
});

test('a subscription is never written under a present that was set away meanwhile', async () => {
  const { call, items } = await createApi();
  await readyToSubscribe(call, {}, NOW);
  items.hooks.before = async () => {
    delete items.hooks.before;
    await call('PUT', '/v1/clock', { body: { now: '2026-03-20T00:00:00Z' } });
  };
  const { body } = await call('POST', PATH, { body: { ...START, startsAt: '2026-03-18T00:00:00Z' } });
  expect(body.createdAt).toBe('2026-03-20T00:00:00.000Z');
  expect(await dueOf(items)).toEqual(['2026-04-18 period_end s1']);
});

test.each([
  ['/v1/plans/pro/archive', 409, 'plan.archived'],
  ['/v1/customers/c1/archive', 400, 'customer.archived'],
])('nobody subscribes past %s at the same time', async (path, status, code) => {
  const { call, items } = await createApi();
  await readyToSubscribe(call, {}, NOW);
  items.hooks.before = async () => {
    delete items.hooks.before;
    await call('POST', path);
  };
  const answer = await call('POST', PATH, { body: START });
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  expect(await dueOf(items)).toEqual([]);
});

describe('a subscription is canceled', () => {
  const cancel = { now: { at: 'now' }, end: { at: 'period_end' } };

  test('now: its last period ends at the present of the tenant', async () => {
    const { call, items } = await createApi();
    await readyToSubscribe(call, {}, NOW);
    await call('POST', PATH, { body: { ...START, startsAt: '2026-03-01T00:00:00Z' } });
    const { body } = await call('POST', `${PATH}/s1/cancel`, { body: cancel.now });
    expect(body).toMatchObject({ status: 'ended', cancelAt: NOW, endedAt: NOW, currentPeriod: null });
    expect(await dueOf(items)).toEqual(['2026-03-15 period_end s1']);
  });

  test('with its period: it goes on until then', async () => {
    const { call, items } = await createApi();
    await readyToSubscribe(call, {}, NOW);
    await call('POST', PATH, { body: { ...START, startsAt: '2026-03-01T00:00:00Z' } });
    const { body, text, headers } = await call('POST', `${PATH}/s1/cancel`, { body: cancel.end });
    const to = '2026-04-01T00:00:00.000Z';
    expect(body).toMatchObject({ status: 'canceled', cancelAt: to, endedAt: null, currentPeriod: { to } });
    expect(await dueOf(items)).toEqual(['2026-04-01 period_end s1']);
    const again = await call('POST', `${PATH}/s1/cancel`, { body: cancel.end });
    expect([again.status, again.text, again.headers.etag]).toEqual([200, text, headers.etag]);
    const sooner = await call('POST', `${PATH}/s1/cancel`, { body: cancel.now });
    expect(sooner.body).toMatchObject({ status: 'ended', endedAt: NOW });
    const later = await call('POST', `${PATH}/s1/cancel`, { body: cancel.end });
    expect(later.body).toEqual(sooner.body);
    expect(await dueOf(items)).toEqual(['2026-03-15 period_end s1']);
  });

  test('while past periods are still to be billed: those come first', async () => {
    const { call, items } = await createApi();
    await readyToSubscribe(call, {}, NOW);
    await call('POST', PATH, { body: START });
    await call('POST', `${PATH}/s1/cancel`, { body: cancel.now });
    expect(await dueOf(items)).toEqual(['2026-02-28 period_end s1']);
  });

  test('before it begins: nothing is due', async () => {
    const { call, items } = await createApi();
    await readyToSubscribe(call, IN_ADVANCE, NOW);
    await call('POST', PATH, { body: { ...START, startsAt: '2026-04-01T00:00:00Z' } });
    const { body } = await call('POST', `${PATH}/s1/cancel`, { body: cancel.end });
    expect(body).toMatchObject({ status: 'ended', endedAt: NOW, currentPeriod: null });
    expect(await dueOf(items)).toEqual([]);
  });

  test.each([
    ['no time', {}, 'request.missing_field', 'at'],
    ['another time', { at: 'tomorrow' }, 'request.invalid_field', 'at'],
    ['an unknown field', { at: 'now', why: 'x' }, 'request.unknown_field', 'why'],
  ])('and %s is refused', async (_name, body, code, field) => {
    const { call } = await createApi();
    await readyToSubscribe(call, {}, NOW);
    await call('POST', PATH, { body: START });
    const answer = await call('POST', `${PATH}/s1/cancel`, { body });
    expect([answer.status, answer.body.code, answer.body.errors[0]?.path]).toEqual([400, code, field]);
  });
});

describe('a plan that forbids overlaps', () => {
  const subscribe = (key: string, startsAt: string, more: object = {}) => ({
    body: { ...START, key, startsAt, ...more },
  });

  test('is given to one of many that ask at the same time', async () => {
    const { call, items } = await createApi();
    await readyToSubscribe(call, {}, NOW);
    const keys = Array.from({ length: 12 }, (_, index) => `s${index}`);
    const answers = await Promise.all(keys.map((key) => call('POST', PATH, subscribe(key, NOW))));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status !== 201);
    expect(new Set(refused.map(({ status, body }) => `${status} ${body.code}`))).toEqual(
      new Set(['409 subscription.overlap']),
    );
    expect(await dueOf(items)).toHaveLength(1);
  });

  test('is free where the subscription before has ended, and not sooner', async () => {
    const { call } = await createApi();
    await readyToSubscribe(call, {}, NOW);
    await call('POST', PATH, subscribe('s1', '2026-03-01T00:00:00Z'));
    await call('POST', `${PATH}/s1/cancel`, { body: { at: 'period_end' } });
    const early = await call('POST', PATH, subscribe('s2', '2026-03-31T23:59:59.999Z'));
    expect([early.status, early.body.code, early.body.errors[0]?.path]).toEqual([
      409,
      'subscription.overlap',
      'plan',
    ]);
    expect(early.body.detail).toContain('s1');
    const pinned = await call('POST', PATH, subscribe('s2', '2026-03-20T00:00:00Z', { version: 1 }));
    expect(pinned.status).toBe(409);
    expect((await call('POST', PATH, subscribe('s2', '2026-04-01T00:00:00Z'))).status).toBe(201);
    await call('POST', `${PATH}/s1/cancel`, { body: { at: 'now' } });
    expect((await call('POST', PATH, subscribe('s3', '2026-05-01T00:00:00Z'))).status).toBe(409);
    await call('POST', `${PATH}/s2/cancel`, { body: { at: 'now' } });
    expect((await call('POST', PATH, subscribe('s3', '2026-04-01T00:00:00Z'))).status).toBe(201);
  });

  test('is another one for each customer, and each plan is asked by itself', async () => {
    const { call } = await createApi();
    await readyToSubscribe(call, {}, NOW);
    await call('POST', '/v1/customers', { body: { ...CUSTOMER, key: 'c2' } });
    await publishPlan(call, { ...PLAN, key: 'other' });
    const made = [
      await call('POST', PATH, subscribe('s1', NOW)),
      await call('POST', PATH, subscribe('s2', NOW, { customer: 'c2' })),
      await call('POST', PATH, subscribe('s3', NOW, { plan: 'other' })),
    ];
    expect(made.map(({ status }) => status)).toEqual([201, 201, 201]);
  });
});

test('a plan that allows overlaps is given as often as it is asked for', async () => {
  const { call } = await createApi();
  await readyToSubscribe(call, { overlap: 'allow' }, NOW);
  const keys = ['s1', 's2', 's3'];
  const answers = await Promise.all(keys.map((key) => call('POST', PATH, { body: { ...START, key } })));
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
});
