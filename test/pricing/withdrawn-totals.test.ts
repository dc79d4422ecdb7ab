import { expect, test } from 'vitest';
import { tenantKey } from '../../shared/app/records/tenant.ts';
import type { Charge } from '../../shared/domain/rating/charge.ts';
import { TENANT } from '../invoicing/billing-world.ts';
import { createPricingWorld, ok, type PricingWorld, START_MS } from './pricing-world.ts';

const DAY_MS = 86_400_000;
/** The end of the first month of a subscription which starts at START_MS: it has 31 days. */
const APRIL_MS = Date.UTC(2026, 3, 10, 12);
const fee = (amount: string): Charge => ({ key: 'fee', price: { model: 'flat', amount }, timing: 'arrears' });

async function createPriced(charges: readonly Charge[]) {
  const world = await createPricingWorld({ charges });
  ok(await world.subscribe('acme', 'sub_1', START_MS));
  await world.passFence();
  await world.price();
  return world;
}

async function priced(world: PricingWorld): Promise<readonly string[]> {
  await world.price();
  return (await world.rows()).map(
    ({ charge, planVersion, amount }) => `${charge} v${planVersion}: ${amount}`,
  );
}

const publish = async (world: PricingWorld, charges: readonly Charge[], inDays: number) => {
  const effectiveFromMs = START_MS + inDays * DAY_MS;
  ok(await world.publish({ charges, effectiveFromMs, apply: 'immediately' }));
};

test('a version cuts the period when it is published, and one that takes its place takes its amounts, too', async () => {
  const world = await createPriced([fee('31')]);
  await publish(world, [fee('62'), { ...fee('31'), key: 'extra' }], 10);
  expect(await priced(world)).toEqual(['fee v1: 10', 'extra v2: 21', 'fee v2: 42']);
  await publish(world, [fee('93')], 10);
  expect(await priced(world)).toEqual(['fee v1: 10', 'fee v3: 63']);
});

test('what would have come after the end of a canceled subscription has no amount any more', async () => {
  const world = await createPriced([fee('31')]);
  await publish(world, [fee('62')], 10);
  expect(await priced(world)).toEqual(['fee v1: 10', 'fee v2: 42']);
  await world.clock.advance(3 * DAY_MS);
  ok(await world.cancel('sub_1', 'now'));
  expect(await priced(world)).toEqual(['fee v1: 3']);
});

test('a period that ends at the instant at which it began has no amount, and the one before keeps its own', async () => {
  const world = await createPriced([fee('31')]);
  await world.clock.advance(APRIL_MS - START_MS);
  await world.bill('march');
  expect(await priced(world)).toEqual(['fee v1: 31', 'fee v1: 31']);
  ok(await world.cancel('sub_1', 'now'));
  expect(await priced(world)).toEqual(['fee v1: 31']);
});

test('a subscription that is canceled at its start has no amount', async () => {
  const world = await createPriced([fee('31')]);
  ok(await world.cancel('sub_1', 'now'));
  expect(await priced(world)).toEqual([]);
});

test('a charge that cannot be priced is told of and has no amount, not even its last one; the others go on', async () => {
  const huge: Charge = {
    key: 'huge',
    meter: 'sum',
    price: { model: 'per_unit', unitAmount: '999999999999999' },
  };
  const world = await createPriced([fee('31'), huge]);
  expect(await priced(world)).toEqual(['fee v1: 31', 'huge v1: 0']);
  await world.count([{ quantity: '999999999999999' }].map((row) => ({ ...row, timeMs: START_MS })));
  await world.passFence();
  const run = await world.price();
  expect(run).toMatchObject({ unpriced: 1, failures: 0 });
  expect(world.told.unpriced).toEqual([
    { tenant: TENANT, subscription: 'sub_1', charge: 'huge', reason: expect.stringContaining('digits') },
  ]);
  expect(await priced(world)).toEqual(['fee v1: 31']);
  const { charges } = await world.charges('acme');
  expect(charges.map(({ of, total }) => [of.charge.key, total?.unrounded ?? null])).toEqual([
    ['fee', '31'],
    ['huge', null],
  ]);
});

test('a charge whose events were counted twice has no amount, as it has no line, until that is taken back', async () => {
  const use: Charge = { key: 'use', meter: 'sum', price: { model: 'per_unit', unitAmount: '0.10' } };
  const world = await createPriced([fee('31'), use]);
  const claims = 'packed-by-time';
  await world.items.update({ table: 'main', key: tenantKey(TENANT), changes: { set: { claims } } });
  const event = { id: 'one', quantity: '10' };
  const again = { ...event, chunk: 'again', timeMs: START_MS + 1 };
  await world.count([{ ...event, timeMs: START_MS }, again]);
  await world.passFence();
  expect(await priced(world)).toEqual(['fee v1: 31']);
  expect(world.told.unpriced).toMatchObject([{ charge: 'use', reason: expect.stringContaining('2 times') }]);
  await world.count([{ ...again, sign: -1, revision: 4 }]);
  await world.passFence();
  expect(await priced(world)).toEqual(['fee v1: 31', 'use v1: 1']);
});
