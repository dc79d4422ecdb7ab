import { expect, test } from 'vitest';
import { createCustomer } from '../../shared/app/customers/create-customer.ts';
import { touchPeriods } from '../../shared/app/invoicing/touch-periods.ts';
import { verifyFiles } from '../../shared/app/invoicing/verify-files.ts';
import { createPlan } from '../../shared/app/plans/create-plan.ts';
import { publishPlanVersion } from '../../shared/app/plans/publish-version.ts';
import { createSubscription } from '../../shared/app/subscriptions/create-subscription.ts';
import type { Charge } from '../../shared/domain/rating/charge.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { type BillingWorld, bill, createBillingWorld, draft, finalize, TENANT } from './billing-world.ts';

const DAY_MS = 86_400_000;
const tenant = { key: TENANT, mode: 'live' } as const;
/** The first day of the n-th month of 2023; months go on behind it, and before it. */
const month = (n: number) => Date.UTC(2023, n - 1, 1);
const monthText = (n: number) => new Date(month(n)).toISOString();

/** Calls cost 0.50 each, and every 1,000 tokens 1.00. */
const CHARGES: readonly Charge[] = [
  { key: 'calls', meter: 'requests', price: { model: 'per_unit', unitAmount: '0.50' } },
  { key: 'tokens', meter: 'input_tokens', price: { model: 'per_unit', unitAmount: '0.001' } },
];

/** A customer of a year, or as many months before November 2023 as are asked for, billed for all of them. */
async function createWorld(firstMonth = -1) {
  const world = await createBillingWorld(CHARGES);
  await createCustomer(world.config)({ tenant, key: 'acme', name: 'acme', currency: 'USD' });
  await subscribe(world, { key: 'sub_acme', plan: 'llm_pro', startsAtMs: month(firstMonth) });
  await bill(world, world.run, month(12));
  const touch = touchPeriods({ items: world.items, clock: world.clock });
  return {
    ...world,
    /** A call and 2,000 tokens on the fifth of the month arrive now. Answers a fence that they lie ahead of. */
    backfill: async (n: number) => {
      const timeMs = month(n) + 4 * DAY_MS;
      const row = { customer: 'acme', source: 'default', dimensions: '{}', timeMs };
      const id = `backfilled-${n}-${world.clock.nowMs()}-${await world.passFence(0)}`;
      await world.count([
        { ...row, id, chunk: id, meter: 'requests', quantity: '1' },
        { ...row, id, chunk: id, meter: 'input_tokens', quantity: '2000' },
      ]);
      return await world.passFence(0);
    },
    touch: (n: number, belowFence: number, meter?: string) =>
      touch({
        ...{ tenant: TENANT, customer: 'acme', belowFence },
        ...{ fromMs: month(n) + DAY_MS, toMs: month(n) + 6 * DAY_MS },
        ...(meter === undefined ? {} : { meter }),
      }),
    marks: () => world.items.all().filter(({ pk }) => pk.endsWith('#touched')).length,
  };
}

async function subscribe(
  { config }: BillingWorld,
  subscription: { readonly key: string; readonly plan: string; readonly startsAtMs: number },
): Promise<void> {
  const created = await createSubscription(config)({ tenant, customer: 'acme', ...subscription });
  if (!created.ok) throw new Error(JSON.stringify(created.error));
}

/** `<charge> <quantity> <amount> <start of the period>` of every adjustment, by the closing instant of its invoice. */
async function adjustments(world: BillingWorld): Promise<Readonly<Record<string, readonly string[]>>> {
  const found: Record<string, string[]> = {};
  for (const { period, lines } of await world.invoices()) {
    for (const { kind, charge, quantity, amount, period: of } of lines) {
      if (kind !== 'adjustment') continue;
      found[period.to] = [
        ...(found[period.to] ?? []),
        `${charge} ${quantity} ${amount} ${of.from}`,
      ].toSorted();
    }
  }
  return found;
}

const whole = (n: number) => [`calls 1 0.50 ${monthText(n)}`, `tokens 2000 2.00 ${monthText(n)}`];

test('rows of a year ago are an adjustment of the next invoice at exactly their price, once, and proved', async () => {
  const world = await createWorld();
  const belowFence = await world.backfill(-1);
  await world.touch(-1, belowFence);
  await world.touch(-1, belowFence);
  await bill(world, world.run, month(13));
  expect(await adjustments(world)).toEqual({ [monthText(13)]: whole(-1) });
  const adjusted = (await world.invoices()).find(({ period }) => period.to === monthText(13));
  const { evidence, ...invoice } = adjusted ?? { evidence: '' };
  const lines = (evidence ?? '').split('\n').slice(0, -1);
  const numbered = lines.map((text, index) => ({ number: index + 1, text }));
  const verified = await verifyFiles({ invoice: JSON.stringify(invoice), evidence: asyncOf(numbered) });
  expect(verified).toMatchObject({ ok: true, value: { difference: null } });

  expect(world.marks()).toBe(0);
  await world.touch(-1, belowFence);
  await bill(world, world.run, month(14));
  expect(await adjustments(world)).toEqual({ [monthText(13)]: whole(-1) });
  expect(world.marks()).toBe(0);
});

async function* asyncOf<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

test('a draft has what was touched, and what is touched until it becomes final is on it, too', async () => {
  const world = await createWorld();
  await world.touch(3, await world.backfill(3));
  await world.passFence(month(13));
  await draft(world.run, month(13));
  expect(await adjustments(world)).toEqual({ [monthText(13)]: whole(3) });
  expect(world.marks()).toBe(1);
  await world.touch(5, await world.backfill(5));
  await finalize(world.run, month(13) + DAY_MS);
  expect(await adjustments(world)).toEqual({ [monthText(13)]: [...whole(3), ...whole(5)].toSorted() });
  expect(world.marks()).toBe(0);
});

test('where only the rows of one meter were touched, the others are left alone', async () => {
  const world = await createWorld();
  const belowFence = await world.backfill(4);
  await world.touch(4, belowFence, 'requests');
  await bill(world, world.run, month(13));
  await world.touch(4, belowFence, 'input_tokens');
  await bill(world, world.run, month(14));
  const [calls, tokens] = whole(4);
  expect(await adjustments(world)).toEqual({ [monthText(13)]: [calls], [monthText(14)]: [tokens] });
});

test('a period stays touched while rows may lie behind the fence of the invoice', async () => {
  const world = await createWorld();
  await world.touch(2, 1_000_000);
  await world.backfill(2);
  await bill(world, world.run, month(13));
  await world.backfill(2);
  await bill(world, world.run, month(14));
  expect(await adjustments(world)).toEqual({ [monthText(13)]: whole(2), [monthText(14)]: whole(2) });
  expect(world.marks()).toBe(1);
});

test('a period touched again while an invoice becomes final is counted again, and nothing twice', async () => {
  const world = await createWorld();
  await world.touch(2, await world.backfill(2));
  await world.passFence(month(13));
  await draft(world.run, month(13));
  const { transact } = world.items;
  let isTouched = false;
  world.items.transact = async (operations) => {
    const isFinal = operations.some(
      (operation) => operation.op === 'delete' && operation.key.pk.endsWith('#touched'),
    );
    if (isFinal && !isTouched) {
      isTouched = true;
      await world.touch(2, await world.backfill(2));
    }
    return await transact(operations);
  };
  await finalize(world.run, month(13) + DAY_MS);
  expect(isTouched).toBe(true);
  await finalize(world.run, month(13) + DAY_MS, 'again');
  const both = [`calls 2 1.00 ${monthText(2)}`, `tokens 4000 4.00 ${monthText(2)}`];
  expect(await adjustments(world)).toEqual({ [monthText(13)]: both });
  expect(world.marks()).toBe(0);
});

test('a period that is open is not touched: its own invoice counts all of it', async () => {
  const world = await createWorld();
  await world.touch(12, await world.backfill(12));
  expect(world.marks()).toBe(0);
  await bill(world, world.run, month(13));
  expect(await adjustments(world)).toEqual({});
  const december = (await world.invoices()).find(({ period }) => period.from === monthText(12));
  expect(december?.total).toBe('2.50');
});

test('a subscription that has ended is billed what was touched by a follow-up', async () => {
  const world = await createWorld();
  await world.clock.advance(month(12) + 10 * DAY_MS - world.clock.nowMs());
  await world.cancel('acme');
  await bill(world, world.run, world.clock.nowMs());
  await world.clock.advance(2 * DAY_MS);
  await world.touch(1, await world.backfill(1));
  const followUpMs = world.clock.nowMs() + LIMITS.followUpMs;
  await bill(world, world.run, followUpMs);
  expect(await adjustments(world)).toEqual({ [new Date(followUpMs).toISOString()]: whole(1) });
  expect(world.marks()).toBe(0);
  const due = world.items.all().filter(({ pk }) => pk === `tenant#${TENANT}#due`);
  expect(due).toEqual([]);
});

test('a follow-up that comes while the last invoice is a draft forgets nothing that only this draft has', async () => {
  const world = await createWorld();
  await world.touch(1, await world.backfill(1));
  await world.clock.advance(month(12) + 10 * DAY_MS - world.clock.nowMs());
  await world.cancel('acme');
  const endMs = world.clock.nowMs();
  await world.passFence(endMs);
  await draft(world.run, endMs);
  await world.touch(1, await world.passFence(endMs));
  await world.passFence(endMs + LIMITS.followUpMs);
  await draft(world.run, endMs + LIMITS.followUpMs);
  await finalize(world.run, endMs + LIMITS.invoiceGraceMs);
  expect(await adjustments(world)).toEqual({ [new Date(endMs).toISOString()]: whole(1) });
  expect(world.marks()).toBe(0);
});

test('every subscription of the customer is billed by its own prices, and no other customer', async () => {
  const world = await createWorld();
  const price = { model: 'per_unit', unitAmount: '3.00' } as const;
  const charges = [{ key: 'calls', meter: 'requests', price }] as const;
  await createPlan(world.config)({
    tenant,
    key: 'dear',
    name: 'Dear',
    currency: 'USD',
    cadence: 'month',
    charges,
  });
  await publishPlanVersion(world.config)({ tenant, plan: 'dear', version: 1, effectiveFromMs: month(1) });
  await subscribe(world, { key: 'sub_dear', plan: 'dear', startsAtMs: month(1) });
  await world.subscribe('globex');
  await bill(world, world.run, month(13));
  await world.touch(3, await world.backfill(3));
  expect(world.marks()).toBe(2);
  await bill(world, world.run, month(14));
  const both = [...whole(3), `calls 1 3.00 ${monthText(3)}`].toSorted();
  expect(await adjustments(world)).toEqual({ [monthText(14)]: both });
});

test('more periods than one closing counts again are billed by as many closings as it takes', async () => {
  const months = LIMITS.touchedPeriodsPerClosing + 10;
  const world = await createWorld(11 - months);
  const rows = Array.from({ length: months }, (_, index) => 11 - months + index);
  for (const n of rows) await world.backfill(n);
  const touch = touchPeriods({ items: world.items, clock: world.clock });
  const range = { fromMs: month(1 - months), toMs: month(13), belowFence: await world.passFence(0) };
  await touch({ tenant: TENANT, customer: 'acme', ...range });
  await bill(world, world.run, month(13));
  await bill(world, world.run, month(14));
  const counts = Object.values(await adjustments(world)).map((lines) => lines.length);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2 * months);
  expect(counts).toHaveLength(2);
  expect(world.marks()).toBe(0);
});
