import { createMemoryAnalytics } from '../../shared/adapters/memory/analytics/memory-analytics.ts';
import { createCountedIds } from '../../shared/adapters/memory/counted-ids.ts';
import { createMemoryItems } from '../../shared/adapters/memory/items/memory-items.ts';
import { createMemoryObjects } from '../../shared/adapters/memory/objects/memory-objects.ts';
import { createVirtualClock } from '../../shared/adapters/memory/virtual-clock.ts';
import type { ConfigurationDeps } from '../../shared/app/commit.ts';
import { createCustomer } from '../../shared/app/customers/create-customer.ts';
import { invoiceSteps } from '../../shared/app/invoicing/invoice-steps.ts';
import { createMeter } from '../../shared/app/meters/create-meter.ts';
import { createPlan } from '../../shared/app/plans/create-plan.ts';
import { createPlanVersion } from '../../shared/app/plans/create-version.ts';
import { publishPlanVersion } from '../../shared/app/plans/publish-version.ts';
import { listCharges } from '../../shared/app/pricing/list-charges.ts';
import { type PricingRun, priceUsage } from '../../shared/app/pricing/price-usage.ts';
import { laneKey } from '../../shared/app/records/lane.ts';
import { type SubscriptionRecord, subscriptionFromItem } from '../../shared/app/records/subscription.ts';
import { cancelSubscription } from '../../shared/app/subscriptions/cancel-subscription.ts';
import { createSubscription } from '../../shared/app/subscriptions/create-subscription.ts';
import { createTenant } from '../../shared/app/tenants/create-tenant.ts';
import { laneOfTenant } from '../../shared/domain/events/lane.ts';
import type { PricedRow } from '../../shared/domain/invoicing/priced-row.ts';
import type { UsageRow } from '../../shared/domain/metering/rows.ts';
import type { Aggregation } from '../../shared/domain/metering/usage-read.ts';
import type { Charge } from '../../shared/domain/rating/charge.ts';
import type { Result } from '../../shared/kernel/result.ts';
import type { Analytics } from '../../shared/ports/analytics.ts';
import type { ItemStore } from '../../shared/ports/item-store.ts';
import { insertAll, usageRow } from '../contracts/analytics-builders.ts';
import { draft, TENANT } from '../invoicing/billing-world.ts';

export const START_MS = Date.UTC(2026, 2, 10, 12);
export const PLAN = 'pro';
export const CUSTOMERS = ['acme', 'globex'];
/** A meter is named by how it counts. */
const METERS: readonly Aggregation[] = ['sum', 'count', 'max', 'min', 'avg', 'latest', 'unique_count'];
const tenant = { key: TENANT, mode: 'live' } as const;

/** A published version, as a test knows it. */
export interface Version {
  readonly version: number;
  readonly charges: readonly Charge[];
  readonly effectiveFromMs: number;
  readonly apply: 'next_period' | 'immediately';
}

interface Setup {
  readonly charges: readonly Charge[];
  readonly cadence?: 'hour' | 'day' | 'week' | 'month';
}

/** What of the world one process of pricing sees: as it is, or through something that kills it. */
export interface Ports {
  readonly items: ItemStore;
  readonly analytics: Analytics;
}

/** A live tenant with a plan, whose usage is priced, over stores in memory. */
export async function createPricingWorld({ charges, cadence = 'month' }: Setup) {
  const clock = createVirtualClock({ startMs: START_MS });
  const items = createMemoryItems();
  const objects = createMemoryObjects();
  const { analytics } = createMemoryAnalytics();
  const config = { items, clock, ids: createCountedIds({ clock }) };
  const ports: Ports = { items, analytics };
  const fences = createFences(items);
  const usage: UsageRow[] = [];
  const told: { unpriced: unknown[]; failures: unknown[] } = { unpriced: [], failures: [] };
  const versions: Version[] = [{ version: 1, charges, effectiveFromMs: 0, apply: 'next_period' }];
  await setUpTenant(config, { charges, cadence });
  const step = invoiceSteps({
    items,
    objects,
    analytics,
    clock,
    drawFence: async () => await fences.pass(clock.nowMs()),
    onQuarantined: () => undefined,
  });
  const price = (seen: Ports = ports): Promise<PricingRun> =>
    priceUsage({
      ...seen,
      clock,
      onUnpriced: (charge) => void told.unpriced.push(charge),
      onFailure: (_tenant, thrown) => void told.failures.push(thrown),
    })();
  return {
    ...{ config, clock, items, objects, analytics, ports, usage, versions, told, price },
    passFence: (of = TENANT) => fences.pass(clock.nowMs(), of),
    /** Rows that arrive now: behind the fence that was passed last. */
    count: async (rows: readonly Partial<UsageRow>[]) => {
      const fence = fences.last();
      const whole = rows.map((row) =>
        usageRow({ tenant: TENANT, customer: 'acme', meter: 'sum', fence, ...row }),
      );
      usage.push(...whole);
      await insertAll(analytics, 'usage', whole);
    },
    /** Closes every period that is over. */
    bill: async (name: string) => {
      await fences.pass(clock.nowMs());
      await draft(step, clock.nowMs(), name);
    },
    ...subscribing(config),
    ...publishing(config, versions),
    ...reading(config, analytics),
  };
}

export type PricingWorld = Awaited<ReturnType<typeof createPricingWorld>>;

/** What the stores hold, and what is shown. */
function reading({ items, clock }: ConfigurationDeps, analytics: Analytics) {
  return {
    /** All amounts in force. */
    rows: (): Promise<readonly PricedRow[]> => {
      const range = { fromMs: 0, toMs: Date.UTC(2100, 0, 1) };
      return analytics.priced({ tenant: TENANT, customers: CUSTOMERS, ...range, limit: 10_000 });
    },
    charges: async (customer: string) => {
      const found = await listCharges({ items, analytics, clock })({
        tenant: TENANT,
        customer,
        limit: 1_000,
      });
      return ok(found);
    },
    subscriptions: async (): Promise<readonly SubscriptionRecord[]> => {
      const pk = `tenant#${TENANT}#subscriptions`;
      return (await items.query({ table: 'main', pk, limit: 1_000 })).items.map(subscriptionFromItem);
    },
    /** What still waits to be priced though no usage tells of it. */
    waiting: async () => {
      const pk = `tenant#${TENANT}#repricing`;
      return (await items.query({ table: 'main', pk, limit: 1_000 })).items.length;
    },
  };
}

function publishing(config: ConfigurationDeps, versions: Version[]) {
  return {
    publish: async (next: Omit<Version, 'version'>) => {
      const created = await createPlanVersion(config)({ tenant, plan: PLAN, charges: next.charges });
      if (!created.ok) return created;
      const { version } = created.value;
      const { effectiveFromMs, apply } = next;
      const published = await publishPlanVersion(config)({
        tenant,
        plan: PLAN,
        version,
        effectiveFromMs,
        apply,
      });
      if (published.ok) versions.push({ ...next, version });
      return published;
    },
  };
}

function subscribing(config: ConfigurationDeps) {
  return {
    /** `version` pins it. */
    subscribe: (customer: string, key: string, startsAtMs: number, version?: number) =>
      createSubscription(config)({
        ...{ tenant, key, customer, plan: PLAN, startsAtMs },
        ...(version === undefined ? {} : { version }),
      }),
    cancel: (key: string, at: 'now' | 'period_end') => cancelSubscription(config)({ tenant, key, at }),
  };
}

/** The tenant's lane, whose fences pass as soon as they are drawn. */
function createFences(items: ItemStore) {
  let fence = 0;
  return {
    last: () => fence,
    pass: async (passedTimeMs: number, of = TENANT): Promise<number> => {
      fence += 1;
      const changes = { set: { passedNumber: fence, passedTimeMs } };
      await items.update({ table: 'main', key: laneKey(laneOfTenant(of)), changes });
      return fence;
    },
  };
}

async function setUpTenant(config: ConfigurationDeps, { charges, cadence }: Required<Setup>): Promise<void> {
  ok(await createTenant(config)({ ...tenant, name: 'Acme' }));
  for (const key of METERS) {
    const value = key === 'count' ? null : 'value';
    const definition = { eventType: 'use', aggregation: key, value, groupBy: {}, filter: null };
    ok(await createMeter(config)({ tenant, key, unit: `units of ${key}`, definition }));
  }
  for (const key of CUSTOMERS) ok(await createCustomer(config)({ tenant, key, name: key, currency: 'USD' }));
  ok(
    await createPlan(config)({
      tenant,
      key: PLAN,
      name: 'Pro',
      currency: 'USD',
      cadence,
      charges,
      overlap: 'allow',
    }),
  );
  ok(await publishPlanVersion(config)({ tenant, plan: PLAN, version: 1, effectiveFromMs: 0 }));
}

export function ok<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
