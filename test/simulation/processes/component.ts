import type { AppLogger } from '../../../functions/_kit/logger.ts';
import { type Billing, createBilling } from '../../../local/billing.ts';
import { createRuntime, type Runtime } from '../../../local/runtime.ts';
import type { Stores } from '../../../local/stores.ts';
import { createClaimHash } from '../../../shared/adapters/claims/claim-hash.ts';
import { createPackedClaims } from '../../../shared/adapters/claims/packed-claims.ts';
import { withBreaker } from '../../../shared/adapters/clickhouse/breaker.ts';
import { readStagedIdentities } from '../../../shared/app/consume/staged-identities.ts';
import { drawFence } from '../../../shared/app/fences/issue-fences.ts';
import { createPackedByTime } from '../../../shared/app/tenants/packed-by-time.ts';
import type { Clock } from '../../../shared/ports/clock.ts';
import { CLAIMS_KEY, PEPPER } from '../keys.ts';
import { simulateAnalytics } from '../ports/analytics.ts';
import { simulateClock } from '../ports/clock.ts';
import { simulateItems } from '../ports/items.ts';
import { simulateObjects } from '../ports/objects.ts';
import { simulateStream } from '../ports/stream.ts';
import type { World } from '../world.ts';
import type { SimulatedProcess } from './process.ts';

/** One life of a component: the functions of an installation, over stores that only this process reaches like that. */
export interface Component {
  readonly process: SimulatedProcess;
  readonly clock: Clock;
  readonly stores: Stores;
  readonly runtime: Runtime;
  readonly billing: Billing;
}

export async function startComponent(world: World, process: SimulatedProcess): Promise<Component> {
  const clock = simulateClock({ ...world.ports, process, skewMaxMs: world.settings.skewMaxMs });
  const stores = reachStores(world, process, clock);
  const { items, stream } = stores;
  const billing = await createBilling({
    stores,
    clock,
    drawFence: drawFence({ items, stream, clock, delayMs: 0 }),
    onError: (where, thrown) => world.failures.note(process, `billing ${JSON.stringify(where)}`, thrown),
    machines: world.machines,
  });
  const runtime = createRuntime({
    stores,
    clock,
    ids: world.idsOf(clock),
    logger: createListener(world, process),
    pepper: PEPPER,
    publicMetrics: true,
    isReady: () => true,
    runDue: billing.runDue,
  });
  return { process, clock, stores, runtime, billing };
}

function reachStores(world: World, process: SimulatedProcess, clock: Clock): Stores {
  const { call, random } = world.ports;
  const reach = { call, random, process };
  const items = simulateItems({ ...reach, items: world.stores.items });
  const analytics = simulateAnalytics({
    ...reach,
    analytics: world.stores.analytics,
    twin: world.twin,
    onLateInsert: world.finishInsertsLater,
  });
  const objects = simulateObjects({ ...reach, objects: world.stores.objects });
  const { isDown, ...writer } = withBreaker({ writer: analytics, clock });
  return {
    items,
    objects,
    stream: simulateStream({
      ...reach,
      stream: world.stores.stream,
      onReorder: () => world.ports.injector.count('stream_put', 'reorder'),
    }),
    claims: createPackedClaims({
      items,
      hash: createClaimHash(CLAIMS_KEY),
      ...world.claims,
      isPackedByTime: createPackedByTime({ items }),
      stagedIdentities: readStagedIdentities({ objects }),
    }),
    analytics: { ...analytics, ...writer },
    isAnalyticsDown: isDown,
  };
}

/** A log that is listened to: what is no outage of a store is a fault of the product's own. */
function createListener(world: World, process: SimulatedProcess): AppLogger {
  const note = (message: unknown, extra: unknown) => {
    const error = (extra as { readonly error?: unknown } | undefined)?.error;
    world.failures.note(process, String(message), error ?? new Error(String(message)));
  };
  return { warn: note, error: note } as unknown as AppLogger;
}
