import { loadMachines } from '../../local/state-machines/load-machines.ts';
import type { Stores } from '../../local/stores.ts';
import type { AnalyticsFaults } from '../../shared/adapters/memory/analytics/faults.ts';
import { createMemoryAnalytics } from '../../shared/adapters/memory/analytics/memory-analytics.ts';
import { createMemoryItems, type MemoryItems } from '../../shared/adapters/memory/items/memory-items.ts';
import { createMemoryObjects } from '../../shared/adapters/memory/objects/memory-objects.ts';
import { createMemoryStream, type MemoryStream } from '../../shared/adapters/memory/stream/memory-stream.ts';
import { settleClaimsDeployment } from '../../shared/app/claims/settle-deployment.ts';
import type { ClaimsDeployment } from '../../shared/app/records/claims-deployment.ts';
import { assert } from '../../shared/kernel/assert.ts';
import { hmacSha256Hex } from '../../shared/kernel/hash.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { IdSource } from '../../shared/ports/id-source.ts';
import { createFailures, type Failures } from './failures.ts';
import { createFaultCounts, type FaultCounts } from './faults/counts.ts';
import { createInjector, type Injector } from './faults/injector.ts';
import { CLAIMS_KEY } from './keys.ts';
import { createIdSpace } from './ports/ids.ts';
import { type CallPort, createPortCalls } from './ports/port-call.ts';
import { createRandom, type Random } from './random.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';
import { settingsOf, type WorldSettings } from './settings.ts';
import { createTrace, type Trace } from './trace.ts';

/** Everything that outlives processes, and what decides over them. */
export interface World {
  readonly settings: WorldSettings;
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly counts: FaultCounts;
  readonly failures: Failures;
  /** The twins themselves: what is done here is done at once and never fails. */
  readonly stores: Omit<Stores, 'claims' | 'stream'> & { readonly stream: MemoryStream };
  readonly twin: AnalyticsFaults;
  readonly ports: {
    readonly call: CallPort;
    readonly random: Random;
    readonly scheduler: Scheduler;
    readonly injector: Injector;
  };
  readonly machines: Awaited<ReturnType<typeof loadMachines>>;
  /** How claims are kept, by all processes alike. */
  readonly claims: ClaimsDeployment;
  readonly idsOf: (clock: Pick<Clock, 'nowMs'>) => IdSource;
  /** Ends the statements that run on, after a while. */
  readonly finishInsertsLater: () => void;
  /** No fault from now on, and nothing is down. */
  heal(): void;
}

const START_MS = Date.UTC(2026, 10, 24, 11, 57);
/** An executor starts nothing later than a minute after it read its chunk, and nobody takes the chunk over for two. */
const INSERT_TOTAL_MS = 60_000;
const KEPT_LINES = 400;
const LATE_INSERT_MS = [500, 90_000] as const;
const MACHINES = new URL('../../lib/state-machines/', import.meta.url);

export async function createWorld(input: {
  readonly seed: number;
  readonly events: number;
  readonly isWhole?: boolean;
  readonly print?: (line: string) => void;
}): Promise<World> {
  const { seed, events, isWhole = false, print } = input;
  const random = createRandom(`seed ${seed}`);
  const settings = settingsOf({ seed, events, isWhole }, random.fork('settings'));
  const scheduler = createScheduler({ startMs: START_MS, random: random.fork('scheduler') });
  const trace = createTrace({ kept: KEPT_LINES, ...(print === undefined ? {} : { print }) });
  const counts = createFaultCounts();
  const injector = createInjector({ random: random.fork('faults'), counts, rate: settings.faultRate });
  const { analytics, faults: twin } = createMemoryAnalytics();
  const portRandom = random.fork('ports');
  const delayMaxMs = { analytics_insert: INSERT_TOTAL_MS - 2 * settings.skewMaxMs - 1_000 };
  const call = createPortCalls({ scheduler, trace, injector, random: portRandom, delayMaxMs });
  const clock: Clock = { nowMs: scheduler.nowMs, sleep: scheduler.pause };
  const items = createMemoryItems();
  return {
    settings,
    random,
    scheduler,
    trace,
    counts,
    failures: createFailures(),
    stores: {
      items,
      objects: createMemoryObjects(),
      stream: createMemoryStream({ shards: settings.shards, clock }),
      analytics,
    },
    twin,
    ports: { call, random: portRandom, scheduler, injector },
    machines: await loadMachines(MACHINES),
    claims: await settleClaims(items, clock, settings),
    idsOf: createIdSpace(`seed ${seed}`),
    finishInsertsLater: () => void scheduler.after(portRandom.int(...LATE_INSERT_MS), twin.finishLateInserts),
    heal: () => {
      injector.stop();
      twin.setReachable(true);
      twin.finishLateInserts();
    },
  };
}

async function settleClaims(
  items: MemoryItems,
  clock: Clock,
  { claims, claimParts }: WorldSettings,
): Promise<ClaimsDeployment> {
  const settle = settleClaimsDeployment({ items, clock });
  const wanted = { mode: claims, parts: claimParts };
  const settled = await settle({ wanted, keyCheck: hmacSha256Hex(CLAIMS_KEY, 'its check'), isAlone: true });
  assert(settled.ok, 'claims are kept as wanted');
  return settled.value;
}
