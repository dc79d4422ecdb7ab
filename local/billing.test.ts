import { expect, test } from 'vitest';
import { createMemoryAnalytics } from '../shared/adapters/memory/analytics/memory-analytics.ts';
import { createCountedIds } from '../shared/adapters/memory/counted-ids.ts';
import { createMemoryItems } from '../shared/adapters/memory/items/memory-items.ts';
import { createMemoryObjects } from '../shared/adapters/memory/objects/memory-objects.ts';
import { createVirtualClock } from '../shared/adapters/memory/virtual-clock.ts';
import type { ConfigurationDeps } from '../shared/app/commit.ts';
import { createCustomer } from '../shared/app/customers/create-customer.ts';
import { createPlan } from '../shared/app/plans/create-plan.ts';
import { publishPlanVersion } from '../shared/app/plans/publish-version.ts';
import { dueToItem } from '../shared/app/records/due-item.ts';
import { invoiceFromItem, invoicesPartition } from '../shared/app/records/invoice.ts';
import { laneKey } from '../shared/app/records/lane.ts';
import { parkedToItem } from '../shared/app/records/parked-part.ts';
import { tenantKey } from '../shared/app/records/tenant.ts';
import { createSubscription } from '../shared/app/subscriptions/create-subscription.ts';
import { createTenant } from '../shared/app/tenants/create-tenant.ts';
import { allLanes, laneOfTenant } from '../shared/domain/events/lane.ts';
import { LIMITS } from '../shared/kernel/limits.ts';
import { passTime } from '../test/state-machines/runner-process.ts';
import { createBilling } from './billing.ts';
import type { MachineDefinition } from './state-machines/definition.ts';
import { loadMachines } from './state-machines/load-machines.ts';

const DAY_MS = 86_400_000;
const NOVEMBER_MS = Date.UTC(2023, 10, 1);
const DECEMBER_MS = Date.UTC(2023, 11, 1);
const FOLDER = new URL('../lib/state-machines/', import.meta.url);
const machines = new Map([...(await loadMachines(FOLDER))].map(([name, found]) => [name, onceOnly(found)]));

/** The machine without another try: the pauses before one are real time. */
function onceOnly(machine: MachineDefinition): MachineDefinition {
  const text = JSON.stringify(machine, (member, value) => (member === 'Retry' ? undefined : value));
  return JSON.parse(text) as MachineDefinition;
}

/** Tenants on the first of December, each with a customer who owes 10.00 for every month since November. */
async function createWorld(tenants: readonly string[]) {
  const clock = createVirtualClock({ startMs: DECEMBER_MS });
  const items = createMemoryItems();
  for (const key of tenants) await setUp({ items, clock, ids: createCountedIds({ clock }) }, key);
  const errors: unknown[] = [];
  let fence = 0;
  const passFence = async (lanes = allLanes()) => {
    fence += 1;
    const changes = { set: { passedNumber: fence, passedTimeMs: clock.nowMs() } };
    for (const lane of lanes) await items.update({ table: 'main', key: laneKey(lane), changes });
    return fence;
  };
  const billing = await createBilling({
    clock,
    machines,
    stores: { items, objects: createMemoryObjects(), analytics: createMemoryAnalytics().analytics },
    drawFence: async ({ tenant }) => {
      if (tenant === 'failing') throw new Error('a stream that takes nothing');
      return tenant === 'waiting' ? Number.MAX_SAFE_INTEGER : await passFence([laneOfTenant(tenant)]);
    },
    onError: (where) => errors.push(where),
  });
  return {
    ...{ items, clock, billing, errors, passFence },
    /** How long it took, ms. */
    runAllDue: async (): Promise<number> => {
      const startedMs = clock.nowMs();
      const ran = billing.runAllDue();
      await passTime(clock, ran);
      await ran;
      return clock.nowMs() - startedMs;
    },
    billed: async () => Object.fromEntries(await Promise.all(tenants.map((key) => billedOf(items, key)))),
  };
}

async function billedOf(items: ReturnType<typeof createMemoryItems>, tenant: string) {
  const page = await items.query({ table: 'main', pk: invoicesPartition(tenant), limit: 10 });
  return [tenant, page.items.map(invoiceFromItem).map(({ status, number }) => number ?? status)] as const;
}

async function setUp(config: ConfigurationDeps, key: string): Promise<void> {
  const tenant = { key, mode: 'live' } as const;
  await createTenant(config)({ ...tenant, name: key });
  const charges = [{ key: 'fee', timing: 'arrears', price: { model: 'flat', amount: '10.00' } }] as const;
  await createPlan(config)({ tenant, key: 'pro', name: 'Pro', currency: 'USD', cadence: 'month', charges });
  await publishPlanVersion(config)({ tenant, plan: 'pro', version: 1, effectiveFromMs: NOVEMBER_MS });
  await createCustomer(config)({ tenant, key: 'acme', name: 'Acme', currency: 'USD' });
  const created = await createSubscription(config)({
    ...{ tenant, customer: 'acme', plan: 'pro', startsAtMs: NOVEMBER_MS },
  });
  if (!created.ok) throw new Error(JSON.stringify(created.error));
}

type World = Awaited<ReturnType<typeof createWorld>>;

async function standAt({ items }: World, tenant: string, clockMs: number): Promise<void> {
  const changes = { set: { clockMs, mode: 'test' } };
  await items.update({ table: 'main', key: tenantKey(tenant), changes });
}

test('tenants in real time get drafts once a fence has passed and invoices a day later; a clock that stands is left alone', async () => {
  const world = await createWorld(['one', 'two', 'standing']);
  await standAt(world, 'standing', DECEMBER_MS);
  await world.runAllDue();
  expect(await world.billed()).toEqual({ one: [], two: [], standing: [] });
  await world.passFence();
  await world.runAllDue();
  expect(await world.billed()).toEqual({ one: ['draft'], two: ['draft'], standing: [] });
  await world.clock.advance(DAY_MS);
  await world.runAllDue();
  expect(await world.billed()).toEqual({ one: ['draft'], two: ['draft'], standing: [] });
  await world.passFence();
  await world.runAllDue();
  expect(await world.billed()).toEqual({ one: ['INV-000001'], two: ['INV-000001'], standing: [] });
  expect(world.errors).toEqual([]);
});

test('a tenant that fails, and one that a store refuses rows of, keep no other from its invoices, nor make it wait', async () => {
  const world = await createWorld(['failing', 'parked', 'one', 'two']);
  await world.passFence();
  await world.runAllDue();
  const part = { tenant: 'parked', chunk: 'c', table: 'usage', partition: '202311', rows: 1 } as const;
  const parked = {
    ...part,
    reason: 'refused',
    parkedAtMs: DECEMBER_MS,
    watermarkMs: DECEMBER_MS + 2 * DAY_MS,
  };
  await world.items.put({ table: 'main', item: parkedToItem(parked) });
  await world.clock.advance(DAY_MS);
  await world.passFence();
  expect(await world.runAllDue()).toBeLessThan(60_000);
  const final = { one: ['INV-000001'], two: ['INV-000001'] };
  expect(await world.billed()).toEqual({ failing: ['draft'], parked: ['draft'], ...final });
  expect(world.errors).toContain('failing');
  expect(world.errors).not.toContain('parked');
});

test('a tenant whose fence does not pass keeps no other from its invoices', async () => {
  const world = await createWorld(['waiting', 'one', 'two']);
  await world.passFence();
  await world.runAllDue();
  await world.clock.advance(DAY_MS);
  await world.passFence();
  const ran = world.billing.runAllDue();
  for (let seconds = 0; seconds < 60; seconds += 1) await world.clock.advance(1_000);
  expect(await world.billed()).toEqual({ waiting: ['draft'], one: ['INV-000001'], two: ['INV-000001'] });
  await world.billing.stop();
  await ran;
});

test('the tenants beyond the first page of what is due get their invoices, too', async () => {
  const world = await createWorld(['standing', 'one']);
  await standAt(world, 'standing', NOVEMBER_MS);
  const dueAtMs = NOVEMBER_MS + DAY_MS;
  for (let index = 0; index <= LIMITS.queryItems; index += 1) {
    const due = { tenant: 'standing', dueAtMs, kind: 'period_end', id: `sub_${index}` } as const;
    await world.items.put({ table: 'main', item: dueToItem(due) });
  }
  await world.passFence();
  await world.runAllDue();
  expect(await world.billed()).toEqual({ standing: [], one: ['draft'] });
});

test('stopping does not wait for a fence; the next process goes on with what was begun', async () => {
  const world = await createWorld(['waiting']);
  await world.passFence();
  await world.runAllDue();
  await world.clock.advance(DAY_MS);
  await world.passFence();
  const ran = world.billing.runAllDue();
  for (let seconds = 0; seconds < 5; seconds += 1) await world.clock.advance(1_000);
  const stopping = Promise.all([world.billing.stop(), ran]);
  await passTime(world.clock, stopping);
  await stopping;
  const open = world.items.all().filter(({ pk }) => pk === 'executions#open');
  expect(open).toHaveLength(1);
  expect(world.errors).toEqual([]);
});
