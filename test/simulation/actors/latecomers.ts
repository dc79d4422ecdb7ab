import type { Random } from '../random.ts';
import { presentMs, type SimulatedTenant } from '../tenants.ts';
import type { Stage } from './actor.ts';
import { sendUntilAnswered } from './client.ts';
import { createEventMaker } from './events.ts';

const DAY_MS = 86_400_000;
const EVENTS = 8;

/** Sends events of periods whose invoices are final: they are billed by those after them. */
export async function sendLate(stage: Stage, random: Random): Promise<void> {
  await Promise.all(stage.tenants.map((tenant) => sendOf(stage, tenant, random.fork(tenant.key))));
}

async function sendOf(stage: Stage, tenant: SimulatedTenant, random: Random): Promise<void> {
  const maker = createEventMaker({
    random,
    client: 'late',
    customers: () => ['ada', 'bob-app'],
    types: () => [],
  });
  const events = Array.from({ length: EVENTS }, () => {
    const atMs = tenant.startsAtMs + random.int(0, 2 * DAY_MS);
    return { ...maker.fresh(presentMs(stage.world, tenant)), time: new Date(atMs).toISOString() };
  });
  await sendUntilAnswered({ stage, name: `latecomer-of-${tenant.key}`, tenant, random }, events);
}
