import { expect, test } from 'vitest';
import { parkedToItem } from '../../shared/app/records/parked-part.ts';
import { tenantKey } from '../../shared/app/records/tenant.ts';
import type { Charge } from '../../shared/domain/rating/charge.ts';
import { bill, createBillingWorld, DECEMBER_MS, NOVEMBER_MS, TENANT } from './billing-world.ts';

type World = Awaited<ReturnType<typeof createBillingWorld>>;

const dueAt = new Date(DECEMBER_MS).toISOString();
const check = (world: World, polls = 0, item: object = { dueAt }) =>
  world.run({ step: 'CheckFence', execution: 'one', item: { tenant: TENANT, ...item }, polls });

test('a draft waits for a fence that all events before its period end lie ahead of, and then keeps to it', async () => {
  const world = await createBillingWorld();
  expect(await check(world)).toEqual({ passed: false, number: 0, polls: 1 });
  await world.passFence(DECEMBER_MS - 1);
  expect(await check(world, 7)).toEqual({ passed: false, number: 0, polls: 8 });
  const number = await world.passFence(DECEMBER_MS);
  expect(await check(world, 8)).toEqual({ passed: true, number, polls: 9 });
  await world.passFence(DECEMBER_MS + 1);
  expect(await check(world, 8)).toEqual({ passed: true, number, polls: 9 });
});

test('for a clock that stands still, the fence drawn when it was set counts, not the time of any fence', async () => {
  const world = await createBillingWorld();
  const setClock = (clockMs: number, clockFence: number) =>
    world.items.update({
      table: 'main',
      key: tenantKey(TENANT),
      changes: { set: { clockMs, clockFence } },
    });
  const number = await world.passFence(DECEMBER_MS + 1);
  await setClock(DECEMBER_MS - 1, number);
  expect(await check(world)).toMatchObject({ passed: false });
  await setClock(DECEMBER_MS, number + 1);
  expect(await check(world)).toMatchObject({ passed: false });
  await world.passFence(NOVEMBER_MS);
  expect(await check(world)).toEqual({ passed: true, number: number + 1, polls: 1 });
});

test.each([
  ['by its number', 'number'],
  ['for an instant', 'dueAt'],
])(
  'rows that a store refuses hold back a fence that is waited for %s, however late they came',
  async (...of) => {
    const world = await createBillingWorld();
    const number = await world.passFence(DECEMBER_MS);
    const item = of[1] === 'number' ? { number } : { dueAt };
    const part = { tenant: TENANT, chunk: 'c', table: 'usage', partition: '202311', rows: 1 } as const;
    const parked = { ...part, reason: 'refused', parkedAtMs: DECEMBER_MS, watermarkMs: DECEMBER_MS };
    const refused = parkedToItem(parked);
    await world.items.put({ table: 'main', item: refused });
    expect(await check(world, 0, item)).toMatchObject({ passed: false });
    await world.items.delete({ table: 'main', key: { pk: refused.pk, sk: refused.sk } });
    expect(await check(world, 0, { number: number + 1 })).toMatchObject({ passed: false });
    expect(await check(world, 0, item)).toEqual({ passed: true, number, polls: 1 });
  },
);

test('an execution draws one fence, however often it asks', async () => {
  const world = await createBillingWorld();
  const draw = (execution: string) =>
    world.run({ step: 'DrawFence', execution, item: { tenant: TENANT, dueAt } });
  const first = await draw('one');
  expect(await draw('one')).toEqual(first);
  expect(await draw('two')).not.toEqual(first);
});

test('an invoice too long for an item keeps its lines as an object and reads the same', async () => {
  const name = 'n'.repeat(250);
  const tiers = Array.from({ length: 60 }, (_, index) => ({
    upTo: index === 59 ? null : String(index + 1),
    unitAmount: '0.01',
  }));
  const charges = Array.from({ length: 60 }, (_, index): Charge => {
    const price = { model: 'graduated', tiers } as const;
    return { key: `fee_${index}`, name, timing: 'arrears', quantity: '60', price };
  });
  const world = await createBillingWorld(charges);
  await world.subscribe('acme');
  await bill(world, world.run, DECEMBER_MS);
  const [invoice] = await world.invoices();
  expect(invoice).toMatchObject({ status: 'finalized', total: '36.00' });
  expect(invoice?.lines.map(({ charge, amount }) => [charge, amount])).toEqual(
    charges.map(({ key }) => [key, '0.60']),
  );
  const { keys } = await world.objects.list({ prefix: `invoices/${TENANT}/`, limit: 10 });
  expect(keys.some((key) => key.includes('/lines-'))).toBe(true);
});
