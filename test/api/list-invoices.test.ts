import { expect, test } from 'vitest';
import { authenticateSecret } from '../../shared/app/auth/authenticate-secret.ts';
import { issueKey } from '../../shared/app/keys/issue-key.ts';
import { invoicesPartition } from '../../shared/app/records/invoice.ts';
import { defined } from '../../shared/kernel/assert.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import {
  type BillingWorld,
  bill,
  createBillingWorld,
  DECEMBER_MS,
  draft,
  finalize,
  NOVEMBER_MS,
  TENANT,
} from '../invoicing/billing-world.ts';
import { createApi } from './api-under-test.ts';

const DAY_MS = 86_400_000;

type ListedInvoice = {
  readonly id: string;
  readonly status: string;
  readonly period: { readonly to: string };
};

/** `list` answers all pages, one after the other. */
async function createListingApi(world: BillingWorld) {
  const config = { ...world.config, pepper: 'a pepper of at least thirty-two characters' };
  const key = { name: 'a key', tenant: TENANT, mode: 'live', scopes: ['invoices:read'] } as const;
  const issued = await issueKey(config)(key);
  if (!issued.ok) throw new Error(issued.error.code);
  const { items, objects } = world;
  const api = await createApi({ items, objects, authenticateSecret: authenticateSecret(config) });
  const list = async (query: string) => {
    const pages: ListedInvoice[][] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const answer = await api.call('GET', `/v1/invoices?${query}${cursor}`, { secret: issued.value.secret });
      pages.push(answer.body.data as unknown as ListedInvoice[]);
      cursor = answer.body.nextCursor === null ? null : `&cursor=${answer.body.nextCursor}`;
    }
    return pages;
  };
  const get = (query: string) => api.call('GET', `/v1/invoices?${query}`, { secret: issued.value.secret });
  return { list, get };
}

test('pages of a status are full however few of all invoices have it, and follow it as it changes', async () => {
  const world = await createBillingWorld();
  for (let index = 0; index < 130; index += 1) await world.subscribe(`customer-${index}`);
  await bill(world, world.run, DECEMBER_MS);
  await world.subscribe('late');
  await world.passFence(DECEMBER_MS);
  await draft(world.run, DECEMBER_MS, 'late');
  const { list } = await createListingApi(world);
  expect(await list('status=draft&limit=100')).toMatchObject([[{ customer: 'late' }]]);
  const finalized = await list('status=finalized&limit=60');
  expect(finalized.map((page) => page.length)).toEqual([60, 60, 10]);
  expect(new Set(finalized.flat().map(({ id }) => id)).size).toBe(130);
  expect(await list('status=void')).toEqual([[]]);
  await finalize(world.run, DECEMBER_MS + DAY_MS, 'late');
  expect(await list('status=draft')).toEqual([[]]);
  expect((await list('status=finalized&limit=100')).map((page) => page.length)).toEqual([100, 31]);
});

test('pages of a status of one customer or subscription are full, and together are all of them', async () => {
  const world = await createBillingWorld();
  await world.subscribe('acme');
  // Thirty finalized ones, then thirty drafts.
  const month = (index: number) => Date.UTC(2023, 11 + index, 1);
  await bill(world, world.run, month(29));
  await world.passFence(month(59));
  await draft(world.run, month(59));
  const { list } = await createListingApi(world);
  for (const whose of ['customer=acme', 'subscription=sub_acme', 'customer=acme&subscription=sub_acme']) {
    for (const status of ['draft', 'finalized']) {
      const pages = await list(`${whose}&status=${status}&limit=7`);
      expect(pages.map((page) => page.length).slice(0, 4)).toEqual([7, 7, 7, 7]);
      const found = pages.flat();
      expect(found.map((invoice) => invoice.status)).toEqual(Array(30).fill(status));
      expect(found.map(({ period }) => period.to)).toEqual(
        found.map((_, index) => new Date(month(index + (status === 'draft' ? 30 : 0))).toISOString()),
      );
    }
  }
});

test('an invoice that came to nothing is listed as void, and as a draft no more', async () => {
  const world = await createBillingWorld([{ key: 'seat', price: { model: 'flat', amount: '30.00' } }]);
  await world.subscribe('acme');
  await world.passFence(NOVEMBER_MS);
  await draft(world.run, NOVEMBER_MS);
  const { list } = await createListingApi(world);
  expect(await list('status=draft')).toMatchObject([[{ customer: 'acme' }]]);
  await world.cancel('acme');
  await finalize(world.run, NOVEMBER_MS + DAY_MS);
  expect(await list('status=draft')).toEqual([[]]);
  expect(await list('status=void')).toMatchObject([[{ customer: 'acme' }]]);
});

test('a page reads so many invoices and no more: then it is short, and the next one goes on', async () => {
  const world = await createBillingWorld();
  await world.subscribe('acme');
  await bill(world, world.run, DECEMBER_MS);
  const invoice = world.items.all().find(({ pk }) => pk === invoicesPartition(TENANT));
  for (let index = 0; index < LIMITS.invoicesReadPerPage + 50; index += 1) {
    const id = `inv_${String(index).padStart(26, '0')}`;
    const copy = { ...defined(invoice, 'an invoice'), sk: id, id, ownerSk: `2024-01-01T00:00:00.000Z#${id}` };
    await world.items.put({ table: 'main', item: copy });
  }
  const { list } = await createListingApi(world);
  expect(await list('customer=acme&status=draft&limit=10')).toEqual([[], []]);
  const finalized = await list('customer=acme&status=finalized&limit=100');
  expect(finalized.map((page) => page.length)).toEqual([...Array(10).fill(100), 51]);
});

test.each(['', ' ', 'ü', 'x'.repeat(200)])('a cursor with a made-up place %j is refused', async (place) => {
  const world = await createBillingWorld();
  for (const customer of ['acme', 'globex']) await world.subscribe(customer);
  await bill(world, world.run, DECEMBER_MS);
  const { get } = await createListingApi(world);
  const { nextCursor } = (await get('limit=1')).body;
  const cursor = JSON.parse(Buffer.from(String(nextCursor), 'base64url').toString()) as object;
  const forged = Buffer.from(JSON.stringify({ ...cursor, p: place })).toString('base64url');
  const answer = await get(`limit=1&cursor=${forged}`);
  expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid_cursor']);
});
