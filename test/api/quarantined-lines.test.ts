import { expect, test } from 'vitest';
import { authenticateSecret } from '../../shared/app/auth/authenticate-secret.ts';
import { issueKey } from '../../shared/app/keys/issue-key.ts';
import { createTenant } from '../../shared/app/tenants/create-tenant.ts';
import type { Scope } from '../../shared/contracts/http/scopes.ts';
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
const CHARGES: readonly Charge[] = [
  { key: 'fee', timing: 'arrears', price: { model: 'flat', amount: '20.00' } },
  { key: 'dear', meter: 'input_tokens', price: { model: 'per_unit', unitAmount: '999999999999999.01' } },
];

/** November of three customers cannot be rated; of one of them December neither, which is drafted. */
async function createBrokenApi() {
  const world = await createBillingWorld(CHARGES);
  const customers = ['acme', 'globex', 'hooli'];
  for (const customer of customers) await world.subscribe(customer);
  const huge = (customer: string, timeMs: number) => ({
    ...{ customer, id: `${customer}-${timeMs}`, chunk: `${customer}-${timeMs}`, timeMs },
    ...{ source: 'default', meter: 'input_tokens', quantity: '999999999999999', dimensions: '{}' },
  });
  await world.count(customers.map((customer) => huge(customer, NOVEMBER_MS + DAY_MS)));
  await world.count([huge('globex', DECEMBER_MS + DAY_MS)]);
  await bill(world, world.run, DECEMBER_MS);
  await world.passFence(JANUARY_MS);
  await draft(world.run, JANUARY_MS);
  const config = { ...world.config, pepper: 'a pepper of at least thirty-two characters' };
  const { items, objects } = world;
  const { call } = await createApi({ items, objects, authenticateSecret: authenticateSecret(config) });
  const other = { key: 'other', name: 'Other', mode: 'live' } as const;
  await createTenant(config)(other);
  const keyOf = async (tenant: string, scopes: readonly Scope[]) => {
    const issued = await issueKey(config)({ name: 'a key', tenant, mode: 'live', scopes });
    if (!issued.ok) throw new Error(issued.error.code);
    return issued.value.secret;
  };
  const secret = await keyOf(TENANT, ['invoices:read']);
  return { keyOf, get: (path: string, as = secret) => call('GET', path, { secret: as }) };
}

test('quarantined lines say what is not billed, of whom, since when and why', async () => {
  const { get } = await createBrokenApi();
  const { status, body } = await get('/v1/quarantined-lines');
  expect([status, body.nextCursor, body.data.length]).toEqual([200, null, 4]);
  const invoices = (await get('/v1/invoices?customer=globex')).body.data;
  const [newest, older] = body.data;
  expect(newest).toEqual({
    ...{ subscription: 'sub_globex', customer: 'globex', charge: 'dear', kind: 'usage', planVersion: 1 },
    period: { from: '2023-12-01T00:00:00.000Z', to: '2024-01-01T00:00:00.000Z' },
    invoice: invoices[1]?.id,
    code: 'invoice.line_not_rated',
    message: 'an amount of money has too many digits',
    quarantinedAt: '2024-01-01T00:00:00.000Z',
    triedAt: '2024-01-01T00:00:00.000Z',
  });
  expect(older).toMatchObject({
    period: { from: '2023-11-01T00:00:00.000Z', to: '2023-12-01T00:00:00.000Z' },
    kind: 'usage',
    invoice: invoices[0]?.id,
    quarantinedAt: '2023-12-01T00:00:00.000Z',
    triedAt: '2024-01-01T00:00:00.000Z',
  });
});

test.each([1, 2, 3])('quarantined lines are paged by %i without a gap or a double', async (limit) => {
  const { get } = await createBrokenApi();
  const whole = (await get('/v1/quarantined-lines')).body.data;
  const paged: unknown[] = [];
  let cursor = '';
  for (let pages = 0; pages < 5; pages += 1) {
    const { body } = await get(`/v1/quarantined-lines?limit=${limit}${cursor}`);
    paged.push(...body.data);
    if (body.nextCursor === null) break;
    cursor = `&cursor=${body.nextCursor}`;
  }
  expect(paged).toEqual(whole);
});

test('quarantined lines are those of the own tenant, for keys that may read invoices', async () => {
  const { get, keyOf } = await createBrokenApi();
  const elsewhere = await get('/v1/quarantined-lines', await keyOf('other', ['invoices:read']));
  expect([elsewhere.status, elsewhere.body.data]).toEqual([200, []]);
  const refused = await get('/v1/quarantined-lines', await keyOf(TENANT, ['plans:read']));
  expect([refused.status, refused.body.code]).toEqual([403, 'auth.missing_scope']);
  expect((await get('/v1/quarantined-lines?status=open')).status).toBe(400);
});
