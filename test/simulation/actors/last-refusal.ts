import type { SimulatedTenant } from '../tenants.ts';
import type { Actor } from './actor.ts';

const START_MS = [5_000, 60_000] as const;

/** Analytics refuses a tenant's rows from some moment on, and does not stop when everything else is well again. */
export function lastRefusal(tenant: SimulatedTenant | undefined): readonly Actor[] {
  if (tenant === undefined) return [];
  const act: Actor['act'] = async ({ world }, random) => {
    await world.scheduler.pause(random.int(...START_MS));
    world.twin.refuseTenant(tenant.key);
  };
  return [{ name: `refusal-of-${tenant.key}`, act }];
}
