import { setClock } from '../../shared/app/clock/tenant-clock.ts';
import type { ConfigurationDeps } from '../../shared/app/commit.ts';
import { createCustomer } from '../../shared/app/customers/create-customer.ts';
import { drawFence } from '../../shared/app/fences/issue-fences.ts';
import { issueKey } from '../../shared/app/keys/issue-key.ts';
import { createMeter } from '../../shared/app/meters/create-meter.ts';
import { createPlan } from '../../shared/app/plans/create-plan.ts';
import { publishPlanVersion } from '../../shared/app/plans/publish-version.ts';
import { createSubscription } from '../../shared/app/subscriptions/create-subscription.ts';
import { createTenant } from '../../shared/app/tenants/create-tenant.ts';
import { SCOPES } from '../../shared/contracts/http/scopes.ts';
import { laneOfTenant } from '../../shared/domain/events/lane.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { CatalogueLedger, KnownChange } from './auditor/catalogue-ledger.ts';
import { definitionOf, type SimulatedMeter } from './auditor/meters.ts';
import { chargesOf } from './auditor/prices.ts';
import { PEPPER } from './keys.ts';
import type { World } from './world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A tenant, and what its clients know of its configuration. */
export interface SimulatedTenant {
  readonly key: string;
  readonly mode: 'live' | 'test';
  readonly secret: string;
  readonly catalogue: CatalogueLedger;
  /** Where its clients know a test tenant's clock to stand at least, and where they asked for it to go; null: real time. */
  readonly clock: { readonly firstMs: number; nowMs: number; askedMs: number } | null;
  /** When subscriptions begin, and their periods with them. */
  readonly startsAtMs: number;
}

const METERS: readonly SimulatedMeter[] = [
  { key: 'calls', eventType: 'call', aggregation: 'count', property: null, kind: null },
  { key: 'spend', eventType: 'call', aggregation: 'sum', property: 'amount', kind: null },
  { key: 'volume', eventType: 'call', aggregation: 'sum', property: 'size', kind: 'big' },
  { key: 'peak', eventType: 'job', aggregation: 'max', property: 'load', kind: null },
  { key: 'low', eventType: 'job', aggregation: 'min', property: 'load', kind: null },
  { key: 'mean', eventType: 'job', aggregation: 'avg', property: 'load', kind: null },
  { key: 'users', eventType: 'visit', aggregation: 'unique_count', property: 'user', kind: null },
  { key: 'level', eventType: 'visit', aggregation: 'latest', property: 'level', kind: null },
];
export const PLAN = 'pro';
const CUSTOMERS = ['ada', 'bob', 'eve'] as const;
const SEEN: KnownChange = { startedMs: 0, doneMs: 0 };

/** Two of the tenants share a lane, and with it the fate of its fences. */
export async function createTenants(world: World): Promise<readonly SimulatedTenant[]> {
  const random = world.random.fork('tenants');
  const first = `live-${random.int(1, 999)}`;
  const names = [
    { key: first, mode: 'live' },
    { key: sharingLaneWith(first), mode: 'test' },
    { key: `test-${random.int(1, 999)}`, mode: 'test' },
  ] as const;
  const tenants: SimulatedTenant[] = [];
  for (const name of names) {
    tenants.push(await createOne(world, name));
  }
  return tenants;
}

function sharingLaneWith(key: string): string {
  for (let number = 1; ; number += 1) {
    const other = `neighbour-${number}`;
    if (laneOfTenant(other) === laneOfTenant(key)) return other;
  }
}

async function createOne(
  world: World,
  input: Pick<SimulatedTenant, 'key' | 'mode'>,
): Promise<SimulatedTenant> {
  const { key, mode } = input;
  const { items, stream } = world.stores;
  const clock: Clock = { nowMs: world.scheduler.nowMs, sleep: async () => undefined };
  const deps = { items, clock, ids: world.idsOf(clock) };
  const tenant = { key, mode };
  const clockMs = mode === 'test' ? Math.floor(clock.nowMs() / DAY_MS) * DAY_MS + HOUR_MS / 2 : null;
  sure(await createTenant(deps)({ ...tenant, name: key }));
  if (clockMs !== null) {
    const fences = { items, stream, clock, delayMs: 0 };
    sure(await setClock({ ...deps, drawFence: drawFence(fences) })({ tenant, nowMs: clockMs }));
  }
  const nowMs = clockMs ?? clock.nowMs();
  // In the past: the first run bills what has ended since.
  const startsAtMs = Math.floor(nowMs / DAY_MS) * DAY_MS - 2 * DAY_MS;
  await configure(deps, tenant, startsAtMs);
  const issued = sure(
    await issueKey({ ...deps, pepper: PEPPER })({ name: 'all', tenant: key, mode, scopes: SCOPES }),
  );
  const catalogue: CatalogueLedger = {
    customers: CUSTOMERS.map((name) => ({
      key: name,
      subjects: [`${name}-app`],
      created: SEEN,
      archived: null,
    })),
    meters: METERS.map((meter) => ({ meter, former: [], created: SEEN, archived: null })),
  };
  const stopped = clockMs === null ? null : { firstMs: clockMs, nowMs: clockMs, askedMs: clockMs };
  return { key, mode, secret: issued.secret, catalogue, clock: stopped, startsAtMs };
}

async function configure(
  deps: ConfigurationDeps,
  tenant: Pick<SimulatedTenant, 'key' | 'mode'>,
  startsAtMs: number,
): Promise<void> {
  for (const meter of METERS) {
    const {
      value = null,
      filter = null,
      ...rest
    } = { ...definitionOf(meter) } as Partial<Record<'value' | 'filter', string>> &
      ReturnType<typeof definitionOf>;
    sure(await createMeter(deps)({ tenant, key: meter.key, definition: { ...rest, value, filter } }));
  }
  for (const key of CUSTOMERS) {
    const customer = { key, name: key, currency: 'USD', subjects: [`${key}-app`] };
    sure(await createCustomer(deps)({ tenant, ...customer }));
  }
  const plan = { key: PLAN, name: PLAN, currency: 'USD', cadence: 'day', charges: chargesOf(1) } as const;
  sure(await createPlan(deps)({ tenant, ...plan }));
  const effective = { effectiveFromMs: startsAtMs - 40 * DAY_MS };
  sure(await publishPlanVersion(deps)({ tenant, plan: PLAN, version: 1, ...effective }));
  for (const customer of CUSTOMERS.slice(0, 2)) {
    sure(
      await createSubscription(deps)({ tenant, key: `sub-${customer}`, customer, plan: PLAN, startsAtMs }),
    );
  }
}

function sure<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown },
): T {
  if (!result.ok) throw new Error(`a tenant could not be set up: ${JSON.stringify(result.error)}`);
  return result.value;
}

/** What a client takes for the tenant's present: a test clock only ever moves forward from where it was set. */
export function presentMs(world: Pick<World, 'scheduler'>, tenant: SimulatedTenant): number {
  return tenant.clock?.nowMs ?? world.scheduler.nowMs();
}
