import { createCheckpoints } from '../../../local/checkpoints.ts';
import { createEventSourceMapping } from '../../../local/event-source-mapping.ts';
import { startSchedules } from '../../../local/schedules.ts';
import { assert } from '../../../shared/kernel/assert.ts';
import type { World } from '../world.ts';
import { type Component, startComponent } from './component.ts';
import { BrokenConnection, createProcess, type SimulatedProcess } from './process.ts';

export type Role = 'ingest' | 'api' | 'consumer' | 'worker';

/** All components that run, and those that come back after a death. */
export interface Installation {
  /** Those that serve a role now. */
  serving(role: Role): readonly Component[];
  /** Every process dies; each comes back after its pause. */
  killAll(): void;
  /** Starts a second poller on a shard of the embedded server; false where there is none. */
  handOver(shardId: string): boolean;
  /** Every process dies and stays dead until the answer is called. */
  suspend(): () => void;
  /** Nothing comes back any more. */
  stop(): void;
}

interface Place {
  readonly name: string;
  readonly roles: readonly Role[];
  /** The present life; null between two. */
  process: SimulatedProcess | null;
  /** Null until it serves. */
  component: Component | null;
  handOver: ((shardId: string) => void) | null;
}

const RESTART_MS = [50, 15_000] as const;
const FENCES_MS = 40_000;
const SWEEP_MS = 30_000;
const JOBS_MS = 15_000;
const PRICES_MS = 60_000;
const DUE_MS = 20_000;
const PARTED: readonly (readonly [Role, number])[] = [
  ['ingest', 2],
  ['api', 2],
  ['consumer', 3],
  ['worker', 2],
];

export function createInstallation(world: World): Installation {
  const { scheduler, settings } = world;
  const random = world.random.fork('installation');
  const places = placesOf(settings.layout);
  let isStopped = false;
  let isSuspended = false;
  const start = (place: Place): void => {
    if (isStopped || isSuspended || place.process !== null) return;
    const skewMs = random.int(-settings.skewMaxMs, settings.skewMaxMs);
    const process = createProcess({ name: place.name, skewMs });
    place.process = process;
    process.onDeath(() => {
      place.process = null;
      place.component = null;
      place.handOver = null;
      if (settings.layout === 'embedded') world.twin.finishLateInserts();
      scheduler.after(random.int(...RESTART_MS), () => start(place));
    });
    bringUp(world, place, process).catch((thrown: unknown) => {
      world.failures.note(process, 'could not start', thrown);
      process.kill();
    });
  };
  for (const place of places) start(place);
  const killAll = () => {
    for (const { process } of places) process?.kill();
  };
  return {
    serving: (role) =>
      places.flatMap(({ roles, component }) =>
        roles.includes(role) && component !== null ? [component] : [],
      ),
    killAll,
    suspend: () => {
      isSuspended = true;
      killAll();
      return () => {
        isSuspended = false;
        for (const place of places) start(place);
      };
    },
    handOver: (shardId) => {
      const [server] = places;
      if (settings.layout !== 'embedded' || server?.handOver === null) return false;
      server?.handOver(shardId);
      return true;
    },
    stop: () => {
      isStopped = true;
    },
  };
}

function placesOf(layout: World['settings']['layout']): readonly Place[] {
  const place = (name: string, roles: readonly Role[]): Place => ({
    name,
    roles,
    process: null,
    component: null,
    handOver: null,
  });
  if (layout === 'embedded') return [place('server', ['ingest', 'api', 'consumer', 'worker'])];
  return PARTED.flatMap(([role, count]) =>
    Array.from({ length: count }, (_, index) => place(`${role}-${index + 1}`, [role])),
  );
}

async function bringUp(world: World, place: Place, process: SimulatedProcess): Promise<void> {
  const component = await startComponent(world, process);
  if (world.settings.layout === 'embedded') {
    await component.runtime.sweep({ force: true });
    place.handOver = await startMapping(world, component);
  }
  if (place.roles.includes('api')) await component.billing.resume();
  if (place.roles.includes('worker')) startWork(world, component);
  if (process.isAlive()) place.component = component;
}

/** As the embedded server does it. */
async function startMapping(world: World, component: Component): Promise<(shardId: string) => void> {
  const { stores, clock, runtime, process } = component;
  const random = world.random.fork('mapping');
  const mapping = createEventSourceMapping({
    stream: stores.stream,
    checkpoints: createCheckpoints({ items: stores.items }),
    clock,
    invoke: runtime.consume,
    settings: {
      batchSize: world.settings.batchSizeMax,
      windowMs: 50,
      pollMs: 400,
      retrySize: () => random.int(1, world.settings.batchSizeMax),
    },
    onError: (shardId, thrown) => world.failures.note(process, `the consumer of ${shardId}`, thrown),
  });
  await mapping.start();
  return (shardId) => {
    mapping.handOver(shardId).catch((thrown: unknown) => world.failures.note(process, 'hand-over', thrown));
  };
}

function startWork(world: World, { clock, runtime, billing, process }: Component): void {
  startSchedules({
    clock,
    tasks: [
      { name: 'issue-fences', everyMs: FENCES_MS, run: runtime.issueFence },
      { name: 'sweep-chunks', everyMs: SWEEP_MS, run: () => runtime.sweep({}) },
      { name: 'run-jobs', everyMs: JOBS_MS, run: runtime.runJobs },
      { name: 'price-usage', everyMs: PRICES_MS, run: runtime.priceUsage },
      { name: 'run-due', everyMs: DUE_MS, run: billing.runAllDue },
    ],
    onError: (task, thrown) => world.failures.note(process, task, thrown),
  });
}

/** Asks one of those that serve a role; throws BrokenConnection where there is none. */
export function anyServing(world: World, installation: Installation, role: Role): Component {
  const serving = installation.serving(role);
  if (serving.length === 0) throw new BrokenConnection(`no ${role} answers`);
  const chosen = serving[world.ports.random.int(0, serving.length - 1)];
  assert(chosen !== undefined, 'a component that serves');
  return chosen;
}
