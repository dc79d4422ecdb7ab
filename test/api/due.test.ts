import { expect, test } from 'vitest';
import { listDue, listDueOfAllTenants } from '../../shared/app/due/list-due.ts';
import { advanceSubscription } from '../../shared/app/subscriptions/advance-subscription.ts';
import { readSubscription } from '../../shared/app/subscriptions/read-subscription.ts';
import type { ItemStore } from '../../shared/ports/item-store.ts';
import { createApi } from './api-under-test.ts';
import { CUSTOMER, dueOf, PLAN, readyToSubscribe, SEAT, SUBSCRIPTION } from './plan-examples.ts';

const NOW = '2026-03-15T00:00:00.000Z';
const PATH = '/v1/subscriptions';
const START = { ...SUBSCRIPTION, startsAt: '2026-01-31T00:00:00Z' };
const IN_ADVANCE = { charges: [{ ...SEAT, timing: 'advance' }] };

async function advance(items: ItemStore, key = 's1') {
  const read = await readSubscription({ items, tenant: 'acme', key });
  if (!read.ok) throw new Error(read.error.code);
  return advanceSubscription('acme', read.value);
}

test('from one due item to the next a subscription comes to its end', async () => {
  const { call, items } = await createApi();
  await readyToSubscribe(call, IN_ADVANCE, NOW);
  await call('POST', PATH, { body: START });
  const seen: string[] = [];
  for (let due = await dueOf(items); due.length > 0; due = await dueOf(items)) {
    seen.push(...due);
    if (seen.length === 3) await call('POST', `${PATH}/s1/cancel`, { body: { at: 'period_end' } });
    const { operations } = await advance(items);
    expect((await items.transact(operations)).ok).toBe(true);
  }
  expect(seen).toEqual([
    '2026-01-31 period_start s1',
    '2026-02-28 period_end s1',
    '2026-03-31 period_end s1',
  ]);
  expect((await call('GET', `${PATH}/s1`)).body).toMatchObject({
    status: 'ended',
    endedAt: '2026-03-31T00:00:00.000Z',
  });
});

test('of a run and a cancellation, or of two runs, at the same time one fails', async () => {
  const { call, items } = await createApi();
  await readyToSubscribe(call, {}, NOW);
  await call('POST', PATH, { body: START });
  const [first, second] = [await advance(items), await advance(items)];
  expect((await items.transact(first.operations)).ok).toBe(true);
  expect((await items.transact(second.operations)).ok).toBe(false);
  const third = await advance(items);
  await call('POST', `${PATH}/s1/cancel`, { body: { at: 'now' } });
  expect((await items.transact(third.operations)).ok).toBe(false);
  expect(await dueOf(items)).toEqual(['2026-03-15 period_end s1']);
});

test('a run that comes in the middle of a cancellation is not undone by it', async () => {
  const { call, items } = await createApi();
  await readyToSubscribe(call, {}, NOW);
  await call('POST', PATH, { body: START });
  items.hooks.before = async () => {
    delete items.hooks.before;
    await items.transact((await advance(items)).operations);
  };
  const { body } = await call('POST', `${PATH}/s1/cancel`, { body: { at: 'period_end' } });
  expect(body).toMatchObject({ status: 'canceled', cancelAt: '2026-03-31T00:00:00.000Z' });
  expect(await dueOf(items)).toEqual(['2026-03-31 period_end s1']);
  expect((await advance(items)).outcome).toMatchObject({ status: 'ended', dueAtMs: null });
});

test('what is due is listed by tenant, up to an instant, earliest first, page by page', async () => {
  const { call, items, secrets } = await createApi();
  await readyToSubscribe(call, { overlap: 'allow' }, NOW);
  const starts = { a: '2026-03-01T00:00:00Z', b: '2026-01-01T00:00:00Z', c: '2026-02-01T00:00:00Z' };
  for (const [key, startsAt] of Object.entries(starts)) {
    await call('POST', PATH, { body: { ...START, key, startsAt } });
  }
  const untilMs = Date.parse('2026-03-01T00:00:00Z');
  const ids = async (request: { tenant: string; untilMs: number; limit: number; startAfter?: string }) => {
    const { records, next } = await listDue(items, request);
    return { ids: records.map(({ id }) => id), next };
  };
  expect((await ids({ tenant: 'acme', untilMs, limit: 9 })).ids).toEqual(['b', 'c']);
  expect((await ids({ tenant: 'acme', untilMs: untilMs - 1, limit: 9 })).ids).toEqual(['b']);
  const page = await ids({ tenant: 'acme', untilMs, limit: 1 });
  expect(page.ids).toEqual(['b']);
  expect(await ids({ tenant: 'acme', untilMs, limit: 1, startAfter: String(page.next) })).toEqual({
    ids: ['c'],
    next: undefined,
  });
  expect((await ids({ tenant: 'globex', untilMs, limit: 9 })).ids).toEqual([]);
  const secret = secrets.globex;
  await call('POST', '/v1/customers', { secret, body: CUSTOMER });
  await call('POST', '/v1/plans', { secret, body: PLAN });
  await call('POST', '/v1/plans/pro/versions/1/publish', { secret });
  await call('POST', PATH, { secret, body: { ...START, startsAt: '2026-01-15T00:00:00Z' } });
  const all = await listDueOfAllTenants(items, { untilMs, limit: 9 });
  expect(all.records.map(({ tenant, id }) => `${tenant} ${id}`)).toEqual(['acme b', 'globex s1', 'acme c']);
});
