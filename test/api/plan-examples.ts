import { listDue } from '../../shared/app/due/list-due.ts';
import { LATEST_MS } from '../../shared/kernel/time.ts';
import type { ItemStore } from '../../shared/ports/item-store.ts';
import type { createApi } from './api-under-test.ts';

export type Call = Awaited<ReturnType<typeof createApi>>['call'];

export const SEAT = {
  key: 'seat',
  timing: 'arrears',
  price: { model: 'flat', amount: '20.00' },
} as const;
export const PLAN = { key: 'pro', name: 'Pro', currency: 'USD', cadence: 'month', charges: [SEAT] } as const;

export const ifMatch = (etag: unknown) => ({ 'if-match': String(etag) });

/** Creates the plan and publishes its version 1; the answer to the publish. */
export async function publishPlan(
  call: Call,
  plan: Readonly<Record<string, unknown>> & { readonly key: string } = PLAN,
  publish: object = {},
) {
  await call('POST', '/v1/plans', { body: plan });
  return call('POST', `/v1/plans/${plan.key}/versions/1/publish`, { body: publish });
}

export const CUSTOMER = { key: 'c1', name: 'C', currency: 'USD' };
export const SUBSCRIPTION = { key: 's1', customer: 'c1', plan: 'pro', startsAt: '2026-11-10T00:00:00Z' };

/** A customer, a published plan with `fields`, and the present of the tenant where it matters. */
export async function readyToSubscribe(
  call: Call,
  fields: Readonly<Record<string, unknown>> = {},
  now?: string,
) {
  if (now !== undefined) await call('PUT', '/v1/clock', { body: { now } });
  await call('POST', '/v1/customers', { body: CUSTOMER });
  await publishPlan(call, { ...PLAN, ...fields }, { effectiveFrom: '2000-01-01T00:00:00Z' });
}

/** What is due of the tenant as `day kind id`. */
export async function dueOf(items: ItemStore, tenant = 'acme') {
  const { records } = await listDue(items, { tenant, untilMs: LATEST_MS, limit: 10 });
  return records.map(
    ({ dueAtMs, kind, id }) => `${new Date(dueAtMs).toISOString().slice(0, 10)} ${kind} ${id}`,
  );
}
