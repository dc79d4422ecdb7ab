import type { AppLogger } from '../functions/_kit/logger.ts';
import { drawFence } from '../shared/app/fences/issue-fences.ts';
import { TABLES } from '../shared/contracts/names.ts';
import { SCHEDULES } from '../shared/contracts/schedules.ts';
import { LIMITS } from '../shared/kernel/limits.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { IdSource } from '../shared/ports/id-source.ts';
import type { ItemStore } from '../shared/ports/item-store.ts';
import { StoreError } from '../shared/ports/store-error.ts';
import { type Billing, createBilling } from './billing.ts';
import { createCheckpoints } from './checkpoints.ts';
import { createEventSourceMapping } from './event-source-mapping.ts';
import { startHttpServer } from './http-server.ts';
import { ensureLocalTenant } from './local-tenant.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createRuntime, type Runtime } from './runtime.ts';
import { startSchedules } from './schedules.ts';
import { readSecrets } from './secrets.ts';
import type { ServerSettings } from './settings.ts';
import { type OpenStores, openStores } from './stores.ts';

/** Records of one delivery: events a chunk are bounded by the consumer. */
const MAPPING = { batchSize: 2_000, windowMs: 100, pollMs: 25 } as const;
const LOOPBACK = /^(?:localhost|::1|127(?:\.\d{1,3}){3})$/;

export interface RunningServer {
  readonly url: string;
  /** Of the tenant `local`. */
  readonly key: string;
  /** Finishes what is under way, closes the stores, lets the data folder go. */
  stop(): Promise<void>;
}

interface ServerDeps {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: AppLogger;
}

/** The whole system in this process. What a crash left open is finished before the first request is taken. */
export async function startServer(deps: ServerDeps, settings: ServerSettings): Promise<RunningServer> {
  const { clock, ids } = deps;
  const stores = await openStores({ folder: settings.dataFolder, clock, claims: settings.claims });
  try {
    const secrets = await readSecrets({ folder: settings.dataFolder, ids });
    const { developmentKey } = settings;
    const key = await ensureLocalTenant({ ...deps, items: stores.items, ...secrets, developmentKey });
    const lifetime = { isStopping: false };
    const metrics = createMetrics({ clock });
    const billing = await createBilling({
      stores,
      clock,
      drawFence: drawFence({ items: stores.items, stream: stores.stream, clock, delayMs: 0 }),
      metrics: metrics.billing,
      onError: (where, thrown) => logFailure(deps.logger, `billing (${JSON.stringify(where)})`, thrown),
    });
    const runtime = createRuntime({
      ...deps,
      stores,
      metrics,
      pepper: secrets.pepper,
      runDue: billing.runDue,
      publicMetrics: LOOPBACK.test(settings.host),
      isReady: async () => !lifetime.isStopping && (await answers(stores.items)),
    });
    await runtime.sweep({ force: true });
    const stopWork = await startWork({ deps, stores, runtime, billing, metrics });
    const http = await startHttpServer({
      host: settings.host,
      port: settings.port,
      clock,
      route: (method, path) => (method === 'POST' && path === '/v1/events' ? runtime.ingest : runtime.api),
    }).catch(async (thrown: unknown) => {
      await stopWork();
      throw thrown;
    });
    const stop = async () => {
      lifetime.isStopping = true;
      await http.close();
      await stopWork();
      await stores.close();
    };
    return { url: http.url, key, stop };
  } catch (thrown) {
    await stores.close();
    throw thrown;
  }
}

/** Starts what goes on by itself: the consumer of each shard and the schedules. Answers how to stop it. */
async function startWork(input: {
  readonly deps: ServerDeps;
  readonly stores: OpenStores;
  readonly runtime: Runtime;
  readonly billing: Billing;
  readonly metrics: Metrics;
}): Promise<() => Promise<void>> {
  const { deps, stores, runtime, billing, metrics } = input;
  const { clock, logger } = deps;
  const checkpoints = createCheckpoints({ items: stores.items });
  const failed = (what: string, thrown: unknown) => logFailure(logger, what, thrown);
  const mapping = createEventSourceMapping({
    stream: stores.stream,
    checkpoints,
    clock,
    invoke: runtime.consume,
    settings: MAPPING,
    onError: (shardId, thrown) => failed(`the consumer of ${shardId}`, thrown),
  });
  await mapping.start();
  await billing.resume();
  const trim = () =>
    stores.trim({
      nowMs: clock.nowMs(),
      retentionMs: LIMITS.streamRetentionMs,
      handledUpTo: checkpoints.load,
    });
  const schedules = startSchedules({
    clock,
    tasks: [
      { name: 'issue-fences', ...SCHEDULES.issueFences, run: runtime.issueFence },
      { name: 'sweep-chunks', ...SCHEDULES.sweepChunks, run: () => runtime.sweep({}) },
      { name: 'run-jobs', ...SCHEDULES.runJobs, run: runtime.runJobs },
      { name: 'price-usage', ...SCHEDULES.priceUsage, run: runtime.priceUsage },
      { name: 'run-due', ...SCHEDULES.runDue, run: billing.runAllDue },
      { name: 'trim-stores', ...SCHEDULES.trimStores, run: trim },
    ],
    onError: (task, thrown) => {
      metrics.path.taskFailed(task);
      failed(task, thrown);
    },
  });
  return async () => {
    // Before the schedules: the run under way may wait for a fence that nobody issues any more.
    await billing.stop();
    await schedules.stop();
    await mapping.stop();
  };
}

function logFailure(logger: AppLogger, what: string, thrown: unknown): void {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  logger.error(`${what} failed and is tried again`, { error });
}

async function answers(items: ItemStore): Promise<boolean> {
  try {
    await items.get({ table: TABLES.main, key: { pk: 'health', sk: 'health' } });
    return true;
  } catch (thrown) {
    if (thrown instanceof StoreError) return false;
    throw thrown;
  }
}
