import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { createLogger } from '../../functions/_kit/logger.ts';
import { createBilling } from '../../local/billing.ts';
import { createCheckpoints } from '../../local/checkpoints.ts';
import { createEventSourceMapping } from '../../local/event-source-mapping.ts';
import { createRuntime } from '../../local/runtime.ts';
import { openStores } from '../../local/stores.ts';
import { createSystemClock } from '../../shared/adapters/system/clock.ts';
import { createSystemIds } from '../../shared/adapters/system/ids.ts';
import { type AdvanceDeps, advanceClock } from '../../shared/app/clock/advance-clock.ts';
import { setClock } from '../../shared/app/clock/tenant-clock.ts';
import { drawFence } from '../../shared/app/fences/issue-fences.ts';
import type { Result } from '../../shared/kernel/result.ts';

const PEPPER = 'a pepper of at least thirty-two characters';
const MAPPING = { batchSize: 2_000, windowMs: 100, pollMs: 25 } as const;

/** Answers the value; a benchmark goes on with nothing less. */
export function must<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** What ran of `runDue`, and how long. */
interface Run {
  readonly tenant: string;
  readonly dueAtMs: number;
  readonly tookMs: number;
}

/** The parts of `npm start` that count and bill, on stores in a folder that goes with them. */
export async function startBillingProcess() {
  const folder = await newFolder();
  const clock = createSystemClock();
  const ids = createSystemIds();
  const stores = await openStores({ folder, clock });
  const { items, stream } = stores;
  const failures: unknown[] = [];
  const onError = (where: unknown, error: unknown) => void failures.push({ where, error });
  const draw = drawFence({ items, stream, clock, delayMs: 0 });
  const billing = await createBilling({ stores, clock, drawFence: draw, onError });
  const runs: Run[] = [];
  const runDue = timedRuns(billing.runDue, runs);
  const logger = createLogger({ service: 'bench', level: 'ERROR' });
  const common = { stores, clock, ids, logger, pepper: PEPPER, publicMetrics: true };
  const runtime = createRuntime({ ...common, isReady: () => true, runDue });
  const checkpoints = createCheckpoints({ items });
  const { consume: invoke } = runtime;
  const mapping = createEventSourceMapping({
    ...{ stream, checkpoints, clock, invoke, settings: MAPPING, onError },
  });
  await mapping.start();
  const time = { items, clock, drawFence: draw };
  const advance = advanceClock({ ...time, runDue });
  return {
    ...{ folder, stores, runtime, runs, setClock: setClock(time) },
    config: { items, clock, ids, pepper: PEPPER },
    /** What failed and was tried again: nothing should. */
    failures,
    /** Until the clock stands there: one call gives up after half a minute. */
    advance: async (tenant: string, toMs: number) => {
      while (must(await advance({ tenant: { key: tenant, mode: 'test' }, toMs })).status === 'advancing');
    },
    stop: async () => {
      await billing.stop();
      await mapping.stop();
      await stores.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function timedRuns(runDue: AdvanceDeps['runDue'], runs: Run[]): AdvanceDeps['runDue'] {
  return async (input) => {
    const { tenant, dueAtMs } = input;
    const startedMs = performance.now();
    await runDue(input);
    runs.push({ tenant, dueAtMs, tookMs: performance.now() - startedMs });
  };
}

/** On the disk that data folders are on by default: a temporary folder may be in memory. */
async function newFolder(): Promise<string> {
  await mkdir('.data', { recursive: true });
  return await mkdtemp(path.join('.data', 'bench-'));
}

export type BillingProcess = Awaited<ReturnType<typeof startBillingProcess>>;
