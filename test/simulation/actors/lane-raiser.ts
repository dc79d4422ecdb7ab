import type { SimulatedTenant } from '../tenants.ts';
import type { Actor } from './actor.ts';
import { administer } from './administer.ts';

const PAUSE_MS = [10_000, 90_000] as const;
const COUNTS = [2, 4, 8, 16] as const;
const RAISES = 2;

/** Spreads a tenant's events over more lanes while they arrive. */
export function laneRaiser(tenant: SimulatedTenant): Actor {
  const name = `lanes-of-${tenant.key}`;
  return {
    name,
    act: async (stage, random) => {
      let last = 1;
      for (let raise = 0; raise < RAISES; raise += 1) {
        await stage.world.scheduler.pause(random.int(...PAUSE_MS));
        const more = COUNTS.filter((count) => count > last);
        if (more.length === 0) return;
        last = random.pick(more);
        await administer(
          { stage, name, tenant, random },
          { method: 'POST', path: `/v1/tenants/${tenant.key}/sub-lanes`, body: { count: last } },
        );
      }
    },
  };
}
