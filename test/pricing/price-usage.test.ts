import { expect, test } from 'vitest';
import { changeMeter } from '../../shared/app/meters/change-meter.ts';
import { parkedToItem } from '../../shared/app/records/parked-part.ts';
import { newMarkerAttributes, pricingMarkerKey } from '../../shared/app/records/pricing-marker.ts';
import type { Charge } from '../../shared/domain/rating/charge.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { StoreError } from '../../shared/ports/store-error.ts';
import { TENANT } from '../invoicing/billing-world.ts';
import { killedAt, stalledAt, watched } from './mortal-ports.ts';
import { createPricingWorld, ok, PLAN, type PricingWorld, START_MS } from './pricing-world.ts';

const DAY_MS = 86_400_000;
const FEE: Charge = { key: 'fee', price: { model: 'flat', amount: '31' }, timing: 'arrears' };
const USE: Charge = { key: 'use', meter: 'sum', price: { model: 'per_unit', unitAmount: '0.10' } };
/** The month that a subscription which starts at START_MS has first: 31 days. */
const APRIL_MS = Date.UTC(2026, 3, 10, 12);

async function createSubscribed(charges: readonly Charge[] = [FEE, USE]) {
  const world = await createPricingWorld({ charges });
  ok(await world.subscribe('acme', 'sub_1', START_MS));
  await world.passFence();
  return world;
}

/** Amounts in force: `charge of version: amount`. */
async function amounts(world: PricingWorld): Promise<readonly string[]> {
  return (await world.rows()).map(
    ({ charge, planVersion, amount }) => `${charge} v${planVersion}: ${amount}`,
  );
}

async function use(world: PricingWorld, quantity: string, timeMs = world.clock.nowMs()): Promise<void> {
  await world.count([{ quantity, timeMs }]);
  await world.passFence();
}

test('every charge in force has an amount from the first run on, and each fence brings it up to what is counted', async () => {
  const world = await createSubscribed();
  expect(await world.price()).toMatchObject({ rows: 2, unpriced: 0, failures: 0 });
  expect(await world.rows()).toMatchObject([
    { charge: 'fee', quantity: '1', unit: null, meterVersion: null, amount: '31', fence: 1, plan: PLAN },
    { charge: 'use', quantity: '0', unit: 'units of sum', meterVersion: 1, amount: '0', fence: 1 },
  ]);
  await use(world, '12.5');
  await world.price();
  const [fee, used] = await world.rows();
  expect(used).toMatchObject({ quantity: '12.5', amount: '1.25', fence: 2, currency: 'USD' });
  expect(used).toMatchObject({ segmentStartMs: START_MS, segmentEndMs: APRIL_MS, periodEndMs: APRIL_MS });
  expect(fee?.fence).toBe(2);
});

test('what is behind the last fence that passed is not priced', async () => {
  const world = await createSubscribed();
  await world.price();
  await use(world, '10');
  await world.count([{ quantity: '5', timeMs: START_MS }]);
  await world.price();
  expect(await amounts(world)).toEqual(['fee v1: 31', 'use v1: 1']);
});

test('a tenant with nothing new costs one question and a few reads, and no write', async () => {
  const world = await createSubscribed();
  await world.price();
  await world.passFence();
  const callsOf = async () => {
    const calls: string[] = [];
    const run = await world.price(watched(world.ports, (name) => void calls.push(name)));
    expect(run).toMatchObject({ rows: 0, failures: 0 });
    const isRead = (name: string) => name === 'get' || name === 'query';
    expect(calls.filter(isRead).length).toBeLessThanOrEqual(8);
    return calls.filter((name) => !isRead(name));
  };
  expect(await callsOf()).toEqual(['customersChanged']);
  await use(world, '1');
  await world.price();
  expect(await callsOf()).toEqual([]);
});

test('a meter that counts in another way changes what was counted so far, without any event', async () => {
  const world = await createSubscribed();
  await use(world, '10');
  await use(world, '30');
  await world.price();
  expect(await amounts(world)).toEqual(['fee v1: 31', 'use v1: 4']);
  const meter = { tenant: TENANT, key: 'sum', ifMatch: 1, changes: {} };
  ok(await changeMeter(world.config)({ ...meter, definition: { aggregation: 'max' } }));
  await world.price();
  expect(await amounts(world)).toEqual(['fee v1: 31', 'use v1: 3']);
  expect(await world.waiting()).toBe(0);
});

test('a tenant that cannot be priced is told of, and does not keep the others', async () => {
  const world = await createSubscribed();
  const broken = { ...newMarkerAttributes('aaa'), fence: 0 };
  await world.items.put({ table: 'main', item: { ...pricingMarkerKey('aaa'), ...broken } });
  await world.items.put({
    table: 'main',
    item: { ...pricingMarkerKey('zzz'), ...newMarkerAttributes('zzz') },
  });
  for (const tenant of ['aaa', 'zzz']) await world.passFence(tenant);
  const customersChanged = async () => {
    throw new StoreError({ message: 'no', outcome: 'not_done', reason: 'unreachable' });
  };
  const run = await world.price({ ...world.ports, analytics: { ...world.analytics, customersChanged } });
  expect(run).toMatchObject({ rows: 2, failures: 1 });
  expect(world.told.failures).toMatchObject([{ message: 'no' }]);
  expect(await amounts(world)).toHaveLength(2);
});

test('while rows of the tenant are parked nothing is priced, and everything once they are counted', async () => {
  const world = await createSubscribed();
  const part = { tenant: TENANT, chunk: 'c', table: 'usage', partition: '202603', rows: 1 } as const;
  const parked = parkedToItem({ ...part, reason: 'refused', parkedAtMs: START_MS, watermarkMs: START_MS });
  await world.items.put({ table: 'main', item: parked });
  expect(await world.price()).toMatchObject({ rows: 0, failures: 0 });
  await world.items.delete({ table: 'main', key: { pk: parked.pk, sk: parked.sk } });
  await world.price();
  expect(await amounts(world)).toEqual(['fee v1: 31', 'use v1: 0']);
});

test('late usage changes the amount of the period that it is of, beside that of the current one', async () => {
  const world = await createSubscribed([USE]);
  await world.price();
  await world.clock.advance(APRIL_MS + DAY_MS - START_MS);
  await world.bill('march');
  await world.price();
  await world.count([{ quantity: '10', timeMs: APRIL_MS - 1 }]);
  await use(world, '30', APRIL_MS);
  await world.price();
  expect(await amounts(world)).toEqual(['use v1: 1', 'use v1: 3']);
});

test('events may lie ahead of the clock: a period has no amount before it begins, and then counts them', async () => {
  const world = await createSubscribed([FEE, USE]);
  await world.price();
  await world.clock.advance(APRIL_MS - 1 - START_MS);
  await use(world, '10', APRIL_MS + 1);
  await world.price();
  expect(await amounts(world)).toEqual(['fee v1: 31', 'use v1: 0']);
  await world.clock.advance(1);
  await world.bill('march');
  await world.price();
  expect(await amounts(world)).toEqual(['fee v1: 31', 'use v1: 0', 'fee v1: 31', 'use v1: 1']);
});

test('a first run that is killed before it has priced anything loses nothing of what is counted until the next', async () => {
  for (let call = 1; call <= 24; call += 1) {
    for (const when of ['before', 'after'] as const) {
      const world = await createSubscribed([USE]);
      await use(world, '10');
      await world.price(killedAt(world.ports, { call, when })).catch(() => undefined);
      await use(world, '20');
      await world.price();
      expect(await amounts(world), `killed ${when} call ${call}`).toEqual(['use v1: 3']);
    }
  }
});

test('more customers than a page, and more charges than a batch, are all priced', async () => {
  const fees = Array.from({ length: 100 }, (_, index) => ({ ...FEE, key: `fee_${index}` }));
  const world = await createPricingWorld({ charges: fees });
  const subscriptions = LIMITS.pricedRows / fees.length + 1;
  for (let index = 0; index < subscriptions; index += 1) {
    ok(await world.subscribe('globex', `sub_${String(index).padStart(4, '0')}`, START_MS));
  }
  await world.passFence();
  expect(await world.price()).toMatchObject({ rows: LIMITS.pricedRows + fees.length, failures: 0 });
  const customers = Array.from({ length: LIMITS.snapshotCustomers }, (_, index) => `customer_${index}`);
  const rows = [...customers, 'globex'].map((customer) => ({ customer, timeMs: START_MS }));
  await world.count(rows);
  await world.passFence();
  expect(await world.price()).toMatchObject({ rows: LIMITS.pricedRows + fees.length });
});

test('the changes of a run are what amounts rose and fell by, by currency', async () => {
  const world = await createSubscribed();
  const changes = async (): Promise<readonly string[]> => {
    const run = await world.price();
    return [...run.changes].map(([currency, change]) => `${currency} ${change.toFixed()}`);
  };
  expect(await changes()).toEqual(['USD 31']);
  await use(world, '20');
  expect(await changes()).toEqual(['USD 2']);
  await world.count(world.usage.map((row) => ({ ...row, sign: -1, revision: 4, fence: 2 })));
  await world.passFence();
  expect(await changes()).toEqual(['USD -2']);
  ok(await world.cancel('sub_1', 'now'));
  expect(await changes()).toEqual(['USD -31']);
  expect(await changes()).toEqual([]);
});

test('a run that stands still while the subscription is canceled writes nothing over what a later one knows', async () => {
  for (let call = 1; call <= 24; call += 1) {
    const world = await createSubscribed([FEE]);
    await world.price();
    await use(world, '1');
    const { ports, letGo } = stalledAt(world.ports, call);
    const slow = world.price(ports);
    // Until it stands.
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    await world.clock.advance(DAY_MS);
    ok(await world.cancel('sub_1', 'now'));
    await world.price();
    expect(await amounts(world)).toEqual(['fee v1: 1']);
    letGo();
    await slow;
    expect(await amounts(world), `stood at call ${call}`).toEqual(['fee v1: 1']);
  }
});
