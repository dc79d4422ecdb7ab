import { expect, test } from 'vitest';
import { authenticateSecret } from '../../shared/app/auth/authenticate-secret.ts';
import { issueKey } from '../../shared/app/keys/issue-key.ts';
import { createTenant } from '../../shared/app/tenants/create-tenant.ts';
import type { Scope } from '../../shared/contracts/http/scopes.ts';
import type { Charge } from '../../shared/domain/rating/charge.ts';
import { TENANT } from '../invoicing/billing-world.ts';
import { createPricingWorld, ok, START_MS } from '../pricing/pricing-world.ts';
import { createApi } from './api-under-test.ts';

const DAY_MS = 86_400_000;
const PATH = '/v1/customers/acme/charges';
const MARCH = { from: '2026-03-10T12:00:00.000Z', to: '2026-04-10T12:00:00.000Z' };
const CHARGES: readonly Charge[] = [
  { key: 'platform', name: 'Platform fee', price: { model: 'flat', amount: '20' } },
  {
    key: 'calls',
    meter: 'sum',
    price: {
      model: 'graduated',
      tiers: [
        { upTo: '10', unitAmount: '0.333' },
        { upTo: null, unitAmount: '0.1' },
      ],
    },
  },
];

async function createChargesApi(charges: readonly Charge[] = CHARGES) {
  const world = await createPricingWorld({ charges });
  const { items, objects, analytics, clock } = world;
  const config = { ...world.config, pepper: 'a pepper of at least thirty-two characters' };
  ok(await createTenant(config)({ key: 'other', name: 'Other', mode: 'live' }));
  const secretOf = async (tenant: string, scope: Scope) =>
    ok(await issueKey(config)({ name: 'a key', tenant, mode: 'live', scopes: [scope] })).secret;
  const secrets = {
    own: await secretOf(TENANT, 'invoices:read'),
    unfit: await secretOf(TENANT, 'usage:read'),
    other: await secretOf('other', 'invoices:read'),
  };
  const authenticate = authenticateSecret(config);
  const api = await createApi({ items, objects, analytics, clock, authenticateSecret: authenticate });
  const get = (path: string, secret = secrets.own) => api.call('GET', path, { secret });
  return { ...world, secrets, get };
}

test('every charge in force is shown with what it comes to so far, at the last fence that passed', async () => {
  const world = await createChargesApi();
  ok(await world.subscribe('acme', 'sub_1', START_MS));
  const shared = { subscription: 'sub_1', plan: 'pro', planVersion: 1, period: MARCH, segment: MARCH };
  const nothing = { ...shared, charge: 'calls', quantity: '0', amount: '0.00', fence: null };
  expect((await world.get(PATH)).body).toMatchObject({ data: [nothing, {}], completeThrough: null });
  await world.count([{ quantity: '12.5', timeMs: START_MS }]);
  await world.passFence();
  await world.count([{ quantity: '1000', timeMs: START_MS }]);
  expect((await world.get(PATH)).body).toEqual({
    data: [
      {
        ...shared,
        ...{ charge: 'calls', name: 'calls', quantity: '12.5', unit: 'units of sum', currency: 'USD' },
        ...{ amount: '3.58', unroundedAmount: '3.58', meterVersion: 1, fence: 1 },
        tiers: [
          { upTo: '10', quantity: '10', unitAmount: '0.333', flatAmount: null, amount: '3.33' },
          { upTo: null, quantity: '2.5', unitAmount: '0.1', flatAmount: null, amount: '0.25' },
        ],
      },
      {
        ...shared,
        ...{ charge: 'platform', name: 'Platform fee', quantity: '1', unit: null, currency: 'USD' },
        ...{ amount: '20.00', unroundedAmount: '20', meterVersion: null, fence: 1 },
        tiers: [{ upTo: null, quantity: '1', unitAmount: null, flatAmount: '20', amount: '20.00' }],
      },
    ],
    nextCursor: null,
    completeThrough: new Date(START_MS).toISOString(),
  });
});

test('amounts are those of the invoice to come and of the stored rows, to the last digit before rounding', async () => {
  const usage = CHARGES.filter(({ meter }) => meter !== undefined);
  const world = await createChargesApi(usage);
  ok(await world.subscribe('acme', 'sub_1', START_MS));
  await world.count([{ quantity: '3.000000000001', timeMs: START_MS }]);
  await world.passFence();
  await world.price();
  const [charge] = (await world.get(PATH)).body.data;
  const upcoming = (await world.get('/v1/subscriptions/sub_1/upcoming-invoice')).body;
  const [row] = await world.rows();
  expect(charge).toMatchObject({ amount: '1.00', unroundedAmount: '0.999000000000333', fence: 1 });
  expect(row).toMatchObject({ amount: '0.999000000000333', quantity: '3.000000000001', fence: 1 });
  const { amount, quantity, tiers } = charge ?? {};
  expect(upcoming).toMatchObject({ fence: 1, lines: [{ amount, quantity, tiers }] });
});

test('the segments of a period have their charges each, and what has ended or not begun has none', async () => {
  const world = await createChargesApi();
  ok(await world.subscribe('acme', 'sub_1', START_MS));
  ok(await world.subscribe('acme', 'sub_2', START_MS + 30 * DAY_MS));
  ok(await world.subscribe('acme', 'sub_3', START_MS - DAY_MS));
  ok(await world.subscribe('globex', 'sub_4', START_MS));
  ok(await world.cancel('sub_3', 'now'));
  const charges = CHARGES.slice(0, 1);
  ok(await world.publish({ charges, effectiveFromMs: START_MS + DAY_MS, apply: 'immediately' }));
  const shown = (await world.get(PATH)).body.data.map(
    ({ subscription, charge, planVersion }) => `${subscription} ${charge} v${planVersion}`,
  );
  expect(shown).toEqual(['sub_1 calls v1', 'sub_1 platform v1', 'sub_1 platform v2']);
});

test('charges are paged by subscription, segment and charge without a gap or a double', async () => {
  const world = await createChargesApi();
  for (const key of ['sub_b', 'sub_a', 'sub_c']) ok(await world.subscribe('acme', key, START_MS));
  const all = (await world.get(PATH)).body;
  expect(all.data.map(({ subscription, charge }) => `${subscription} ${charge}`)).toEqual([
    'sub_a calls',
    'sub_a platform',
    'sub_b calls',
    'sub_b platform',
    'sub_c calls',
    'sub_c platform',
  ]);
  for (const limit of [1, 2, 4, 6]) {
    const seen: unknown[] = [];
    let page = (await world.get(`${PATH}?limit=${limit}`)).body;
    for (;;) {
      seen.push(...page.data);
      if (page.nextCursor === null) break;
      page = (await world.get(`${PATH}?limit=${limit}&cursor=${page.nextCursor}`)).body;
    }
    expect(seen).toEqual(all.data);
  }
  const first = (await world.get(`${PATH}?limit=1`)).body;
  const foreign = await world.get(`/v1/customers/globex/charges?cursor=${first.nextCursor}`);
  expect([foreign.status, foreign.body.code]).toEqual([400, 'request.invalid_cursor']);
});

test('a customer without a subscription has no charges; one of others is like one that does not exist', async () => {
  const world = await createChargesApi();
  expect((await world.get(PATH)).body).toEqual({ data: [], nextCursor: null, completeThrough: null });
  for (const [path, secret] of [
    ['/v1/customers/nobody/charges', world.secrets.own],
    [PATH, world.secrets.other],
  ] as const) {
    const missing = await world.get(path, secret);
    expect([missing.status, missing.body.code]).toEqual([404, 'customer.not_found']);
  }
});

test.each([
  ['?page=2', 400, 'request.unknown_field'],
  ['?limit=0', 400, 'request.invalid_field'],
  ['?limit=101', 400, 'request.invalid_field'],
  ['?cursor=abc', 400, 'request.invalid_cursor'],
])('charges asked for with "%s" are refused: %i %s', async (query, status, code) => {
  const world = await createChargesApi();
  const refused = await world.get(`${PATH}${query}`);
  expect([refused.status, refused.body.code]).toEqual([status, code]);
});

test('a key that may not read invoices may not read charges', async () => {
  const world = await createChargesApi();
  const refused = await world.get(PATH, world.secrets.unfit);
  expect([refused.status, refused.body.code]).toEqual([403, 'auth.missing_scope']);
});

test('a charge that cannot be priced is shown without an amount, and is never zero', async () => {
  const price = { model: 'per_unit', unitAmount: '999999999999999' } as const;
  const world = await createChargesApi([{ key: 'huge', meter: 'sum', price }]);
  ok(await world.subscribe('acme', 'sub_1', START_MS));
  await world.count([{ quantity: '999999999999999', timeMs: START_MS }]);
  await world.passFence();
  const [charge] = (await world.get(PATH)).body.data;
  const unknown = { quantity: null, amount: null, unroundedAmount: null, unit: null, tiers: [] };
  expect(charge).toMatchObject({ charge: 'huge', fence: 1, ...unknown });
});
