import { expect, test } from 'vitest';
import { createCustomer } from '../../shared/app/customers/create-customer.ts';
import { createSubscription } from '../../shared/app/subscriptions/create-subscription.ts';
import type { Charge } from '../../shared/domain/rating/charge.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import {
  type BillingWorld,
  createBillingWorld,
  DECEMBER_MS,
  draft,
  finalize,
  JANUARY_MS,
  NOVEMBER_MS,
  TENANT,
} from './billing-world.ts';

const DAY_MS = 86_400_000;
const CALLS: Charge = { key: 'calls', meter: 'requests', price: { model: 'per_unit', unitAmount: '0.50' } };
/** Ids of invoices are hashes: among so many, some of December come before those of November. */
const CUSTOMERS = Array.from({ length: 12 }, (_, index) => `customer-${index}`);

/** Two periods behind, drafted by one run; then an event of the first one arrives within the grace. */
async function behindWithLateEvent(): Promise<BillingWorld> {
  const world = await createBillingWorld([CALLS]);
  for (const customer of CUSTOMERS) await world.subscribe(customer);
  await world.passFence(JANUARY_MS);
  await draft(world.run, JANUARY_MS);
  await world.count(
    CUSTOMERS.map((customer) => ({
      ...{ customer, id: `late-${customer}`, source: 'default', meter: 'requests', chunk: 'late' },
      ...{ quantity: '1', dimensions: '{}', timeMs: NOVEMBER_MS + DAY_MS },
    })),
  );
  return world;
}

/** By customer, what each month was billed. */
async function billedByMonth(world: BillingWorld) {
  const billed = (await world.invoices()).map(({ customer, period, total, status }) => [
    `${customer} ${period.from.slice(0, 7)}`,
    `${status} ${total}`,
  ]);
  return Object.fromEntries(billed.toSorted());
}

const EXPECTED = Object.fromEntries(
  CUSTOMERS.flatMap((customer) => [
    [`${customer} 2023-11`, 'finalized 0.50'],
    [`${customer} 2023-12`, 'finalized 0.00'],
  ]),
);

test('an event within the grace of several drafts is billed once, by the invoice of its period', async () => {
  const world = await behindWithLateEvent();
  await finalize(world.run, JANUARY_MS + DAY_MS);
  expect(await billedByMonth(world)).toEqual(EXPECTED);
});

test('an invoice waits while one before it that it would adjust is a draft', async () => {
  const world = await behindWithLateEvent();
  const december = (await world.invoices()).filter(({ period }) => Date.parse(period.from) === DECEMBER_MS);
  const dueAtMs = JANUARY_MS + DAY_MS;
  const page = 'runs/test/december';
  const body = new TextEncoder().encode(JSON.stringify(december.map(({ id }) => ({ id, dueAtMs }))));
  await world.objects.put({ key: page, body });
  const fence = await world.passFence(dueAtMs);
  const item = { tenant: TENANT, dueAt: new Date(dueAtMs).toISOString(), fence, page };
  expect(await world.run({ step: 'FinalizePage', execution: 'one', item })).toEqual({ page, finalized: 0 });
  expect((await world.invoices()).map(({ status }) => status)).toEqual(Array(24).fill('draft'));
  await finalize(world.run, dueAtMs);
  expect(await billedByMonth(world)).toEqual(EXPECTED);
});

test('the drafts of one subscription are on one page, in the order of their closing instants', async () => {
  const world = await createBillingWorld([CALLS]);
  const tenant = { key: TENANT, mode: 'live' } as const;
  await createCustomer(world.config)({ tenant, key: 'acme', name: 'acme', currency: 'USD' });
  const startsAtMs = Date.UTC(2010, 0, 1);
  await createSubscription(world.config)({ tenant, customer: 'acme', plan: 'llm_pro', startsAtMs });
  for (let index = 0; index < LIMITS.invoicePageItems; index += 1) await world.subscribe(`customer-${index}`);
  await world.passFence(DECEMBER_MS);
  await draft(world.run, DECEMBER_MS);

  const item = { tenant: TENANT, dueAt: new Date(DECEMBER_MS + DAY_MS).toISOString() };
  const listed = await world.run({ step: 'ListDrafts', execution: 'one', item });
  const { pages } = listed as unknown as { readonly pages: readonly string[] };
  const invoices = new Map((await world.invoices()).map((invoice) => [invoice.id, invoice]));
  const starts: string[][] = [];
  for (const page of pages) {
    const body = new TextDecoder().decode(await world.objects.get(page));
    const shown = (JSON.parse(body) as { id: string }[]).map(({ id }) => invoices.get(id));
    const acme = shown.flatMap((found) => (found?.customer === 'acme' ? [found.period.from] : []));
    if (acme.length > 0) starts.push(acme);
    expect(shown.length).toBeGreaterThan(0);
  }
  const months = Array.from({ length: 167 }, (_, index) => new Date(Date.UTC(2010, index, 1)).toISOString());
  expect(starts).toEqual([months]);
});
