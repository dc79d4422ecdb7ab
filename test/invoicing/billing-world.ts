import { readFileSync } from 'node:fs';
import path from 'node:path';
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
import { publishPlanVersion } from '../../shared/app/plans/publish-version.ts';
import { laneKey } from '../../shared/app/records/lane.ts';
import { cancelSubscription } from '../../shared/app/subscriptions/cancel-subscription.ts';
import { createSubscription } from '../../shared/app/subscriptions/create-subscription.ts';
import { createTenant } from '../../shared/app/tenants/create-tenant.ts';
import { chargesSchema } from '../../shared/contracts/http/charges.ts';
import { laneOfTenant } from '../../shared/domain/events/lane.ts';
import type { UsageRow } from '../../shared/domain/metering/rows.ts';
import type { Aggregation } from '../../shared/domain/metering/usage-read.ts';
import type { Charge } from '../../shared/domain/rating/charge.ts';
import { defined } from '../../shared/kernel/assert.ts';
import type { JsonValue } from '../../shared/kernel/canonical-json.ts';
import { insertAll, usageRow } from '../contracts/analytics-builders.ts';
import { shownInvoices } from './shown-invoices.ts';

const DAY_MS = 86_400_000;
const PLAN = path.join(import.meta.dirname, '..', 'fixtures', 'llm-plan.json');
export const PLAN_CHARGES: readonly Charge[] = chargesSchema.parse(
  JSON.parse(readFileSync(PLAN, 'utf8')).charges,
);
export const TENANT = 'acme-corp';
const LLM_METERS = { input_tokens: 'sum', output_tokens: 'sum', requests: 'count' } as const;
const PLAN_KEY = 'llm_pro';
const tenant = { key: TENANT, mode: 'live' } as const;
export const NOVEMBER_MS = Date.UTC(2023, 10, 1);
export const DECEMBER_MS = Date.UTC(2023, 11, 1);
export const JANUARY_MS = Date.UTC(2024, 0, 1);

/** A live tenant with meters and a monthly plan, and the steps that make its invoices, over stores in memory. */
export async function createBillingWorld(
  charges: readonly Charge[] = PLAN_CHARGES,
  meters: Readonly<Record<string, Aggregation>> = LLM_METERS,
) {
  const clock = createVirtualClock({ startMs: NOVEMBER_MS });
  const items = createMemoryItems();
  const objects = createMemoryObjects();
  const { analytics } = createMemoryAnalytics();
  const config = { items, clock, ids: createCountedIds({ clock }) };
  const lane = createLane(items);
  const told: unknown[] = [];
  const run = invoiceSteps({
    items,
    objects,
    analytics,
    clock,
    drawFence: async () => await lane.passFence(clock.nowMs()),
    onQuarantined: (line) => void told.push(line),
  });
  await setUpTenant(config, charges, meters);
  return {
    config,
    items,
    objects,
    analytics,
    clock,
    run,
    passFence: lane.passFence,
    /** Lines that could not be made, as somebody was told of them. */
    told,
    /** Rows that arrive now: behind the fence that was drawn last. */
    count: async (rows: readonly Partial<UsageRow>[]) => {
      const whole = rows.map((row) =>
        usageRow({ tenant: TENANT, fence: lane.fence(), meterVersion: 1, ...row }),
      );
      await insertAll(analytics, 'usage', whole);
    },
    cancel: async (customer: string) => {
      const key = `sub_${customer}`;
      const canceled = await cancelSubscription(config)({ tenant, key, at: 'now' });
      if (!canceled.ok) throw new Error(JSON.stringify(canceled.error));
    },
    subscribe: async (customer: string) => {
      await createCustomer(config)({ tenant, key: customer, name: customer, currency: 'USD' });
      const key = `sub_${customer}`;
      const input = { tenant, key, customer, plan: PLAN_KEY, startsAtMs: NOVEMBER_MS };
      const created = await createSubscription(config)(input);
      if (!created.ok) throw new Error(JSON.stringify(created.error));
    },
    invoices: () => shownInvoices({ items, objects }, TENANT),
  };
}

/** The tenant's lane, whose fences pass as soon as they are drawn. */
function createLane(items: ReturnType<typeof createMemoryItems>) {
  let fence = 0;
  let passedTimeMs = 0;
  return {
    fence: () => fence,
    passFence: async (timeMs: number): Promise<number> => {
      fence += 1;
      passedTimeMs = Math.max(passedTimeMs, timeMs);
      const changes = { set: { passedNumber: fence, passedTimeMs } };
      await items.update({ table: 'main', key: laneKey(laneOfTenant(TENANT)), changes });
      return fence;
    },
  };
}

export type BillingWorld = Awaited<ReturnType<typeof createBillingWorld>>;

async function setUpTenant(
  config: ConfigurationDeps,
  charges: readonly Charge[],
  meters: Readonly<Record<string, Aggregation>>,
): Promise<void> {
  await createTenant(config)({ ...tenant, name: 'Acme' });
  for (const [key, aggregation] of Object.entries(meters)) {
    const value = aggregation === 'count' ? null : key;
    const definition = { eventType: 'llm', aggregation, value, groupBy: {}, filter: null };
    await createMeter(config)({ tenant, key, definition });
  }
  const plan = { key: PLAN_KEY, name: 'LLM', currency: 'USD', cadence: 'month', charges } as const;
  await createPlan(config)({ tenant, ...plan });
  const published = await publishPlanVersion(config)({ tenant, plan: plan.key, version: 1 });
  if (!published.ok) throw new Error(JSON.stringify(published.error));
}

export type Step = (input: JsonValue) => Promise<JsonValue>;

/** The states of a machine in their order, each called by `step`. */
export async function draft(step: Step, dueAtMs: number, name = `draft-${dueAtMs}`): Promise<JsonValue> {
  const item = { tenant: TENANT, dueAt: new Date(dueAtMs).toISOString() };
  const call = (of: string, more: object = {}, beside: object = {}) =>
    step({
      step: of,
      execution: name,
      item: { ...item, ...more },
      ...beside,
    }) as Promise<unknown> as Promise<StepAnswer>;
  const { pages = [] } = await call('ListDue');
  const { passed, number } = await call('CheckFence', {}, { polls: 0 });
  if (passed !== true) throw new Error('the fence has not passed');
  return await overPages(call, { pages, fence: number, page: 'DraftPage', last: 'ReportDrafts' });
}

export async function finalize(
  step: Step,
  dueAtMs: number,
  name = `finalize-${dueAtMs}`,
): Promise<JsonValue> {
  const item = { tenant: TENANT, dueAt: new Date(dueAtMs).toISOString() };
  const call = (of: string, more: object = {}, beside: object = {}) =>
    step({
      step: of,
      execution: name,
      item: { ...item, ...more },
      ...beside,
    }) as Promise<unknown> as Promise<StepAnswer>;
  const { number } = await call('DrawFence');
  const passed = await step({
    step: 'CheckFence',
    execution: name,
    item: { tenant: TENANT, number: defined(number, 'a fence') },
    polls: 0,
  });
  const { pages = [] } = await call('ListDrafts');
  const { number: fence } = passed as StepAnswer;
  return await overPages(call, { pages, fence, page: 'FinalizePage', last: 'NumberInvoices' });
}

interface StepAnswer {
  readonly pages?: readonly string[];
  readonly passed?: boolean;
  readonly number?: number;
}

async function overPages(
  call: (of: string, more?: object) => Promise<StepAnswer>,
  input: {
    readonly pages: readonly string[];
    readonly fence: number | undefined;
    readonly page: string;
    readonly last: string;
  },
): Promise<JsonValue> {
  const { fence } = input;
  const pages: StepAnswer[] = [];
  for (const page of input.pages) pages.push(await call(input.page, { fence, page }));
  return (await call(input.last, { fence, pages })) as JsonValue;
}

/** Drafts what closes at the instant and finalizes it a day later. */
export async function bill(world: BillingWorld, step: Step, dueAtMs: number): Promise<void> {
  await world.passFence(dueAtMs);
  await draft(step, dueAtMs);
  await finalize(step, dueAtMs + DAY_MS);
}
