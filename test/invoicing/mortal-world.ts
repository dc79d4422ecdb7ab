import { createMemoryAnalytics } from '../../shared/adapters/memory/analytics/memory-analytics.ts';
import { createCountedIds } from '../../shared/adapters/memory/counted-ids.ts';
import { createMemoryItems } from '../../shared/adapters/memory/items/memory-items.ts';
import { createMemoryObjects } from '../../shared/adapters/memory/objects/memory-objects.ts';
import { createVirtualClock } from '../../shared/adapters/memory/virtual-clock.ts';
import type { ConfigurationDeps } from '../../shared/app/commit.ts';
import { createCustomer } from '../../shared/app/customers/create-customer.ts';
import { touchPeriods } from '../../shared/app/invoicing/touch-periods.ts';
import { createMeter } from '../../shared/app/meters/create-meter.ts';
import { createPlan } from '../../shared/app/plans/create-plan.ts';
import { createPlanVersion } from '../../shared/app/plans/create-version.ts';
import { publishPlanVersion } from '../../shared/app/plans/publish-version.ts';
import { laneFromItem, laneKey } from '../../shared/app/records/lane.ts';
import { cancelSubscription } from '../../shared/app/subscriptions/cancel-subscription.ts';
import { createSubscription } from '../../shared/app/subscriptions/create-subscription.ts';
import { createTenant } from '../../shared/app/tenants/create-tenant.ts';
import { laneOfTenant } from '../../shared/domain/events/lane.ts';
import type { UsageRow } from '../../shared/domain/metering/rows.ts';
import type { Charge } from '../../shared/domain/rating/charge.ts';
import { defined } from '../../shared/kernel/assert.ts';
import type { Item, ItemStore } from '../../shared/ports/item-store.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { insertAll, usageRow } from '../contracts/analytics-builders.ts';

const at = (text: string) => Date.parse(`${text}T00:00:00.000Z`);
const flat = (amount: string) => ({ model: 'flat', amount }) as const;
const each = (unitAmount: string) => ({ model: 'per_unit', unitAmount }) as const;

/** In advance, in arrears, counted, and one that cannot be rated where its meter counts much. */
const CHARGES: readonly Charge[] = [
  { key: 'seat', price: flat('31.00') },
  { key: 'support', timing: 'arrears', price: flat('10.00') },
  { key: 'calls', meter: 'requests', price: each('0.50') },
  { key: 'dear', meter: 'credits', price: each('999999999999999') },
];
const NEXT_CHARGES: readonly Charge[] = CHARGES.map((charge) =>
  charge.key === 'calls' ? { ...charge, price: each('0.25') } : charge,
);

const valued = <T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown },
): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};

/** A fence number is the tenant's own count, drawn through the given store. */
export async function drawNumber(items: ItemStore, tenant: string): Promise<number> {
  const key = { pk: 'fences', sk: `counter#${tenant}` };
  return Number(valued(await items.update({ table: 'main', key, changes: { add: { number: 1 } } })).number);
}

/** All that outlives a process, at one moment. */
export interface Snapshot {
  readonly nowMs: number;
  readonly items: readonly Item[];
  readonly objects: ReadonlyMap<string, Uint8Array>;
  readonly rows: readonly UsageRow[];
}

/** Live tenants in January, each with a plan that has applied since November. */
export async function newMortalWorld(tenants: readonly string[]): Promise<MortalWorld> {
  const nothing = { nowMs: at('2024-01-05'), items: [], objects: new Map(), rows: [] };
  const world = await createMortalWorld(tenants, nothing);
  for (const tenant of tenants) await setUpTenant(world.config, tenant);
  return world;
}

/** Stores that hold what others held then. */
export async function createMortalWorld(tenants: readonly string[], from: Snapshot) {
  const clock = createVirtualClock({ startMs: from.nowMs });
  const items = createMemoryItems();
  const objects = createMemoryObjects();
  const { analytics, faults } = createMemoryAnalytics();
  const rows: UsageRow[] = [];
  const insert = async (more: readonly UsageRow[]) => {
    rows.push(...more);
    await insertAll(analytics, 'usage', more);
  };
  for (const item of from.items) await items.put({ table: 'main', item });
  for (const [key, body] of from.objects) await objects.put({ key, body });
  await insert(from.rows);
  const passFence = async (tenant: string) => {
    const number = await drawNumber(items, tenant);
    const changes = { set: { passedNumber: number, passedTimeMs: clock.nowMs() } };
    await items.update({ table: 'main', key: laneKey(laneOfTenant(tenant)), changes });
  };
  return {
    ...{ tenants, faults, passFence, stores: { items, objects, analytics, clock } },
    config: { items, clock, ids: createCountedIds({ clock }) },
    advanceTo: (text: string) => clock.advance(Math.max(0, at(text) - clock.nowMs())),
    /** Rows that arrive now: behind the fence that passed last, whose number it answers. */
    use: async (tenant: string, customer: string, uses: readonly Use[]): Promise<number> => {
      const lane = laneFromItem(await items.get({ table: 'main', key: laneKey(laneOfTenant(tenant)) }));
      const fence = lane.passedNumber;
      const found = uses.map(({ on, meter = 'requests', quantity = '1' }, index) => {
        const id = `${customer}-${meter}-${on}-${index}`;
        const timeMs = at(on) + index;
        return usageRow({ tenant, customer, id, meter, quantity, timeMs, fence, chunk: id, rowHash: '1' });
      });
      await insert(found);
      return fence;
    },
    snapshot: async (): Promise<Snapshot> => ({
      ...{ nowMs: clock.nowMs(), items: items.all(), objects: await allObjects(objects), rows: [...rows] },
    }),
  };
}

async function allObjects(objects: ObjectStore): Promise<ReadonlyMap<string, Uint8Array>> {
  const { keys } = await objects.list({ prefix: '', limit: 1_000 });
  const found = new Map<string, Uint8Array>();
  for (const key of keys) found.set(key, defined(await objects.get(key), key));
  return found;
}

export interface Use {
  readonly on: string;
  readonly meter?: string;
  readonly quantity?: string;
}

export type MortalWorld = Awaited<ReturnType<typeof createMortalWorld>>;

async function setUpTenant(config: ConfigurationDeps, key: string): Promise<void> {
  const tenant = { key, mode: 'live' } as const;
  valued(await createTenant(config)({ ...tenant, name: key }));
  for (const meter of ['requests', 'credits']) {
    const isCount = meter === 'requests';
    const how = { aggregation: isCount ? 'count' : 'sum', value: isCount ? null : meter } as const;
    const definition = { eventType: 'call', ...how, groupBy: {}, filter: null };
    valued(await createMeter(config)({ tenant, key: meter, definition }));
  }
  const plan = { key: 'pro', name: 'Pro', currency: 'USD', cadence: 'month', charges: CHARGES } as const;
  valued(await createPlan(config)({ tenant, ...plan }));
  const effectiveFromMs = at('2023-11-01');
  valued(await publishPlanVersion(config)({ tenant, plan: 'pro', version: 1, effectiveFromMs }));
}

export async function subscribe(
  { config }: MortalWorld,
  key: string,
  customer: string,
  startsOn: string,
): Promise<void> {
  const tenant = { key, mode: 'live' } as const;
  valued(await createCustomer(config)({ tenant, key: customer, name: customer, currency: 'USD' }));
  const subscription = { key: customer, customer, plan: 'pro', startsAtMs: at(startsOn) };
  const anchorMs = at('2023-11-01');
  valued(await createSubscription(config)({ tenant, ...subscription, anchorMs }));
}

/** From the middle of January on, calls cost half. */
export async function publishNext({ config }: MortalWorld, key: string): Promise<void> {
  const tenant = { key, mode: 'live' } as const;
  valued(await createPlanVersion(config)({ tenant, plan: 'pro', charges: NEXT_CHARGES }));
  const effectiveFromMs = at('2024-01-16');
  const version = { plan: 'pro', version: 2, effectiveFromMs, apply: 'immediately' } as const;
  valued(await publishPlanVersion(config)({ tenant, ...version }));
}

/** A call of a month that was closed long ago. */
export async function backfill(
  world: MortalWorld,
  tenant: string,
  customer: string,
  on: string,
): Promise<void> {
  const fence = await world.use(tenant, customer, [{ on }]);
  const range = { fromMs: at(on), toMs: at(on) + 1, belowFence: fence + 1 };
  await touchPeriods(world.config)({ tenant, customer, ...range });
}

export async function cancel({ config }: MortalWorld, key: string, customer: string): Promise<void> {
  const tenant = { key, mode: 'live' } as const;
  valued(await cancelSubscription(config)({ tenant, key: customer, at: 'now' }));
}
