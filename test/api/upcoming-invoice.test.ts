import { expect, test } from 'vitest';
import { authenticateSecret } from '../../shared/app/auth/authenticate-secret.ts';
import { createCustomer } from '../../shared/app/customers/create-customer.ts';
import { issueKey } from '../../shared/app/keys/issue-key.ts';
import { parkedToItem } from '../../shared/app/records/parked-part.ts';
import { createSubscription } from '../../shared/app/subscriptions/create-subscription.ts';
import { createTenant } from '../../shared/app/tenants/create-tenant.ts';
import type { Charge } from '../../shared/domain/rating/charge.ts';
import {
  bill,
  createBillingWorld,
  DECEMBER_MS,
  draft,
  JANUARY_MS,
  NOVEMBER_MS,
  TENANT,
} from '../invoicing/billing-world.ts';
import { createApi } from './api-under-test.ts';

const DAY_MS = 86_400_000;
const PATH = '/v1/subscriptions/sub_acme/upcoming-invoice';

async function createUpcomingApi(charges?: readonly Charge[]) {
  const world = await createBillingWorld(charges);
  const { items, objects, analytics } = world;
  const config = { ...world.config, pepper: 'a pepper of at least thirty-two characters' };
  await createTenant(config)({ key: 'other', name: 'Other', mode: 'live' });
  const secretOf = async (tenant: string) => {
    const key = { name: 'a key', tenant, mode: 'live', scopes: ['invoices:read'] } as const;
    const issued = await issueKey(config)(key);
    if (!issued.ok) throw new Error(issued.error.code);
    return issued.value.secret;
  };
  const secrets = { own: await secretOf(TENANT), other: await secretOf('other') };
  const api = await createApi({ items, objects, analytics, authenticateSecret: authenticateSecret(config) });
  const requestAt = (timeMs: number) => ({ customer: 'acme', meter: 'requests', dimensions: '{}', timeMs });
  return {
    ...world,
    secrets,
    get: (path: string, secret = secrets.own) => api.call('GET', path, { secret }),
    request: (timeMs: number) => world.count([requestAt(timeMs)]),
  };
}

test('the invoice to come is the draft that is made later when no more usage arrives', async () => {
  const world = await createUpcomingApi();
  await world.subscribe('acme');
  await world.request(NOVEMBER_MS + DAY_MS);
  await bill(world, world.run, DECEMBER_MS);
  // Behind its time: the December invoice has a line for December and one for what November still owes.
  await world.request(NOVEMBER_MS + 2 * DAY_MS);
  await world.request(DECEMBER_MS + DAY_MS);
  await world.passFence(DECEMBER_MS + 2 * DAY_MS);
  const before = await world.invoices();
  const upcoming = (await world.get(PATH)).body;
  expect(await world.invoices()).toEqual(before);
  expect(upcoming).toMatchObject({ status: 'draft', number: null, fence: 3, linesNextCursor: null });
  expect(upcoming.completeThrough).toBe('2023-12-03T00:00:00.000Z');

  const fence = await world.passFence(JANUARY_MS);
  await draft(world.run, JANUARY_MS);
  const drafts = (await world.get('/v1/invoices?subscription=sub_acme&status=draft')).body.data;
  const { completeThrough: _instant, ...shown } = upcoming;
  expect(drafts).toEqual([{ ...shown, fence }]);
  expect(JSON.stringify(upcoming.lines)).toContain('"kind":"adjustment"');
});

test('only what is ahead of the last fence that passed is on the invoice to come', async () => {
  const world = await createUpcomingApi([
    { key: 'calls', meter: 'requests', price: { model: 'per_unit', unitAmount: '0.50' } },
  ]);
  await world.subscribe('acme');
  await world.request(NOVEMBER_MS + DAY_MS);
  const early = (await world.get(PATH)).body;
  expect([early.total, early.fence, early.completeThrough]).toEqual(['0.00', null, null]);
  await world.passFence(NOVEMBER_MS + 2 * DAY_MS);
  await world.request(NOVEMBER_MS + 3 * DAY_MS);
  const first = (await world.get(PATH)).body;
  expect([first.total, first.fence]).toEqual(['0.50', 1]);
  await world.passFence(NOVEMBER_MS + 4 * DAY_MS);
  const both = (await world.get(PATH)).body;
  expect([both.total, both.fence]).toEqual(['1.00', 2]);
});

test('while a store refuses rows, the invoice to come says up to where it is complete, and nothing is drafted', async () => {
  const world = await createUpcomingApi();
  await world.subscribe('acme');
  await world.passFence(DECEMBER_MS);
  const refusedMs = NOVEMBER_MS + 3 * DAY_MS;
  const part = { tenant: TENANT, chunk: 'c', table: 'usage', partition: '202311', rows: 1 } as const;
  const item = parkedToItem({ ...part, reason: 'refused', parkedAtMs: refusedMs, watermarkMs: refusedMs });
  await world.items.put({ table: 'main', item });
  const held = (await world.get(PATH)).body;
  expect([held.fence, held.completeThrough]).toEqual([1, '2023-11-04T00:00:00.000Z']);
  await expect(draft(world.run, DECEMBER_MS)).rejects.toThrow('the fence has not passed');

  await world.items.delete({ table: 'main', key: { pk: item.pk, sk: item.sk } });
  const whole = (await world.get(PATH)).body;
  expect([whole.fence, whole.completeThrough]).toEqual([1, '2023-12-01T00:00:00.000Z']);
  await draft(world.run, DECEMBER_MS);
  expect(await world.invoices()).toHaveLength(1);
});

test('a subscription that has ended has its last invoice to come until it is drafted, then none', async () => {
  const world = await createUpcomingApi();
  await world.subscribe('acme');
  await world.clock.advance(DAY_MS);
  const canceledMs = world.clock.nowMs();
  await world.cancel('acme');
  const last = await world.get(PATH);
  expect(last.body.period).toEqual({
    from: '2023-11-01T00:00:00.000Z',
    to: new Date(canceledMs).toISOString(),
  });
  await world.passFence(canceledMs);
  await draft(world.run, canceledMs);
  const none = await world.get(PATH);
  expect([none.status, none.body.code]).toEqual([404, 'invoice.none_upcoming']);
});

test('where a start that lies ahead charges nothing, the invoice to come is that of the first period', async () => {
  const world = await createUpcomingApi([
    { key: 'calls', meter: 'requests', price: { model: 'per_unit', unitAmount: '0.50' } },
  ]);
  const tenant = { key: TENANT, mode: 'live' } as const;
  await createCustomer(world.config)({ tenant, key: 'acme', name: 'acme', currency: 'USD' });
  const subscription = { key: 'sub_acme', customer: 'acme', plan: 'llm_pro', startsAtMs: DECEMBER_MS };
  const created = await createSubscription(world.config)({ tenant, ...subscription });
  expect(created).toMatchObject({ ok: true, value: { subscription: { dueKind: 'period_start' } } });
  const upcoming = (await world.get(PATH)).body;
  expect(upcoming.period).toEqual({ from: '2023-12-01T00:00:00.000Z', to: '2024-01-01T00:00:00.000Z' });
  expect([upcoming.total, upcoming.lines]).toMatchObject(['0.00', [{ charge: 'calls' }]]);
});

test('the invoice to come of a subscription of others is like that of none', async () => {
  const world = await createUpcomingApi();
  await world.subscribe('acme');
  const missing = await world.get('/v1/subscriptions/sub_none/upcoming-invoice');
  const foreign = await world.get(PATH, world.secrets.other);
  for (const answer of [missing, foreign]) {
    expect([answer.status, answer.body.code]).toEqual([404, 'subscription.not_found']);
  }
});
