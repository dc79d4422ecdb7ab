import type { KnownChange } from '../auditor/catalogue-ledger.ts';
import type { SimulatedTenant } from '../tenants.ts';
import type { Actor } from './actor.ts';
import { administer } from './administer.ts';

const PAUSE_MS = [10_000, 60_000] as const;
/** Who is given another name, which events had before. */
const ADDED = [
  { customer: 'ada', subject: 'ada-next' },
  { customer: 'bob', subject: 'bob-next' },
] as const;

/** Names that clients use before anybody has them. */
export const NAMES_TO_COME = [...ADDED.map(({ subject }) => subject), 'late-1', 'late-1-app'] as const;

/** Gives customers names that events have had before: these are counted then, wherever they are, each once. */
export function subjectAdder(tenant: SimulatedTenant): Actor {
  const name = `names-of-${tenant.key}`;
  return {
    name,
    act: async (stage, random) => {
      for (const { customer, subject } of ADDED) {
        await stage.world.scheduler.pause(random.int(...PAUSE_MS));
        stage.world.counts.countEvent('attribution');
        const created: KnownChange = { startedMs: stage.world.scheduler.nowMs(), doneMs: null };
        tenant.catalogue.customers.push({ key: customer, subjects: [subject], created, archived: null });
        const done = await administer(
          { stage, name, tenant, random },
          {
            method: 'PATCH',
            path: `/v1/customers/${customer}`,
            ifMatch: 1,
            body: { subjects: [`${customer}-app`, subject] },
            // Nobody else changes customers: who did is an earlier try.
            wasDone: ({ status }) => status === 412,
          },
        );
        if (done !== null) created.doneMs = stage.world.scheduler.nowMs();
      }
    },
  };
}
