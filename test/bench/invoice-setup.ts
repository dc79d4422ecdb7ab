import type { Context } from 'aws-lambda';
import { createCustomer } from '../../shared/app/customers/create-customer.ts';
import { issueKey } from '../../shared/app/keys/issue-key.ts';
import { createMeter } from '../../shared/app/meters/create-meter.ts';
import { createPlan } from '../../shared/app/plans/create-plan.ts';
import { publishPlanVersion } from '../../shared/app/plans/publish-version.ts';
import { createSubscription } from '../../shared/app/subscriptions/create-subscription.ts';
import { createTenant } from '../../shared/app/tenants/create-tenant.ts';
import { assert } from '../../shared/kernel/assert.ts';
import { toEvent } from '../api/api-under-test.ts';
import { type BillingProcess, must } from './billing-process.ts';
import {
  CHARGES,
  customerKey,
  type Load,
  type LoadEvent,
  loadEvents,
  METERS,
  PLAN,
  SENDING_MS,
  START_MS,
  subscriptionKey,
} from './invoice-load.ts';

const EVENTS_PER_REQUEST = 1_000;

/** The tenant with its meters, its plan and a subscription for each customer; the clock stands where events are sent. */
export async function setUpTenant(process: BillingProcess, load: Load): Promise<void> {
  const { config } = process;
  const tenant = { key: load.tenant, mode: 'test' } as const;
  must(await createTenant(config)({ ...tenant, name: 'Bench' }));
  must(await process.setClock({ tenant, nowMs: START_MS }));
  for (const { key, definition } of METERS) must(await createMeter(config)({ tenant, key, definition }));
  const plan = { key: PLAN, name: 'Thirty lines', currency: 'USD', cadence: 'month' } as const;
  must(await createPlan(config)({ tenant, ...plan, charges: CHARGES }));
  must(await publishPlanVersion(config)({ tenant, plan: PLAN, version: 1 }));
  for (let index = 0; index < load.customers; index += 1) {
    const customer = customerKey(index);
    must(await createCustomer(config)({ tenant, key: customer, name: customer, currency: 'USD' }));
    const key = subscriptionKey(customer);
    must(await createSubscription(config)({ tenant, key, customer, plan: PLAN, startsAtMs: START_MS }));
  }
  await process.advance(load.tenant, SENDING_MS);
}

/** Sends all events through ingest; the consumer counts them meanwhile. Answers how many. */
export async function sendEvents(process: BillingProcess, load: Load): Promise<number> {
  const issued = await issueKey(process.config)({
    name: 'bench',
    tenant: load.tenant,
    mode: 'test',
    scopes: ['events:write'],
  });
  const { secret } = must(issued);
  let sent = 0;
  let batch: LoadEvent[] = [];
  for (const event of loadEvents(load)) {
    batch.push(event);
    if (batch.length < EVENTS_PER_REQUEST) continue;
    sent += await send(process, secret, batch);
    batch = [];
  }
  return sent + (await send(process, secret, batch));
}

async function send(
  { runtime }: BillingProcess,
  secret: string,
  events: readonly LoadEvent[],
): Promise<number> {
  if (events.length === 0) return 0;
  const request = toEvent({ method: 'POST', path: '/v1/events', secret, body: { events } });
  const result = await runtime.ingest(request, {} as Context);
  const answer = JSON.parse(result.body ?? 'null');
  assert(answer.accepted === events.length, `events were not accepted: ${result.body?.slice(0, 200)}`);
  return events.length;
}
