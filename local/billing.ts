import { z } from 'zod';
import type { BillingMetrics } from '../functions/_kit/billing-metrics.ts';
import { createHandler as createInvoiceStep } from '../functions/run-invoice-step/handler.ts';
import type { AdvanceDeps } from '../shared/app/clock/advance-clock.ts';
import { listDue, listDueOfAllTenants } from '../shared/app/due/list-due.ts';
import { hasParkedRows, readWatermark } from '../shared/app/fences/watermark.ts';
import { countQuarantinedLines } from '../shared/app/invoicing/list-quarantined-lines.ts';
import { readTenant } from '../shared/app/tenants/read-tenant.ts';
import { assert } from '../shared/kernel/assert.ts';
import { sha256Hex } from '../shared/kernel/hash.ts';
import { LIMITS } from '../shared/kernel/limits.ts';
import { formatInstant } from '../shared/kernel/time.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { ItemStore } from '../shared/ports/item-store.ts';
import { loadMachines } from './state-machines/load-machines.ts';
import { createStateMachineRunner, type StateMachineRunner } from './state-machines/runner.ts';
import type { Stores } from './stores.ts';

const MACHINES = new URL('../lib/state-machines/', import.meta.url);
const POLL_MS = 20;
const FENCE_MOMENT_MS = 500;
const NAME_LENGTH = 40;

export interface Billing {
  readonly runDue: AdvanceDeps['runDue'];
  /** Does what is due of every tenant that lives in real time, as far as all its events are counted. */
  runAllDue(): Promise<void>;
  /** Goes on with what a crash interrupted. */
  resume(): Promise<void>;
  /** Nothing is begun any more, and nobody waits for what was; it goes on with `resume` in the next process. */
  stop(): Promise<void>;
}

interface BillingDeps {
  readonly stores: Pick<Stores, 'items' | 'objects' | 'analytics'>;
  readonly clock: Clock;
  readonly drawFence: AdvanceDeps['drawFence'];
  readonly onError: (where: unknown, error: unknown) => void;
  readonly metrics?: BillingMetrics;
  /** Those of `lib/state-machines` when absent. */
  readonly machines?: Machines;
}

type Machines = Awaited<ReturnType<typeof loadMachines>>;

/** The invoicing machines of this process, and when they run. */
export async function createBilling(deps: BillingDeps): Promise<Billing> {
  const { stores, clock, drawFence, onError } = deps;
  const { items, objects, analytics } = stores;
  const onQuarantined: Parameters<typeof createInvoiceStep>[0]['onQuarantined'] = (line) => {
    deps.metrics?.quarantined();
    onError(line, new Error(`a line of ${line.charge} could not be made: ${line.reason}`));
  };
  const halt = new AbortController();
  const drawPassing = waitingForFence({ items, clock, drawFence, halt: halt.signal });
  const step = createInvoiceStep({
    ...{ items, objects, analytics, clock, drawFence: drawPassing, onQuarantined },
  });
  const runner = createStateMachineRunner({
    items,
    clock,
    machines: deps.machines ?? (await loadMachines(MACHINES)),
    tasks: { RunInvoiceStep: step },
    onError,
    onEnded: ({ machine, status, output }) =>
      deps.metrics?.executionEnded({ machine, status, pagesFailed: pagesFailed(output) }),
  });
  const run = { runner, clock, halt: halt.signal };
  const runDue: Billing['runDue'] = async (input) => {
    const due = await listDue(items, {
      tenant: input.tenant,
      untilMs: input.dueAtMs,
      limit: LIMITS.queryItems,
    });
    const isFinal = ({ kind }: { readonly kind: string }) => kind === 'grace_end';
    // What one page does not show may be of either kind.
    const isMore = due.next !== undefined;
    // Drafts first: what they make due lies a day ahead.
    if (isMore || !due.records.every(isFinal)) await runMachine({ ...run, machine: 'draft-invoices' }, input);
    if (isMore || due.records.some(isFinal))
      await runMachine({ ...run, machine: 'finalize-invoices' }, input);
  };
  return {
    runDue,
    runAllDue: () => runAllDue(deps, runDue, halt.signal),
    resume: runner.resume,
    stop: async () => {
      halt.abort();
      await runner.stop();
    },
  };
}

/**
 * Draws a fence and gives it a moment to pass: here that takes less than the whole second after which a machine looks again. What
 * takes longer, the machine waits for.
 */
function waitingForFence(deps: {
  readonly items: ItemStore;
  readonly clock: Clock;
  readonly drawFence: BillingDeps['drawFence'];
  readonly halt: AbortSignal;
}): BillingDeps['drawFence'] {
  const { items, clock, drawFence, halt } = deps;
  return async ({ tenant }) => {
    const number = await drawFence({ tenant });
    for (let waitedMs = 0; waitedMs < FENCE_MOMENT_MS && !halt.aborted; waitedMs += POLL_MS) {
      const watermark = await readWatermark(items, tenant);
      if (watermark !== null && watermark.fence >= number) break;
      await clock.sleep(POLL_MS, halt);
    }
    return number;
  };
}

async function runMachine(
  deps: {
    readonly runner: StateMachineRunner;
    readonly clock: Clock;
    readonly halt: AbortSignal;
    readonly machine: string;
  },
  input: Parameters<Billing['runDue']>[0],
): Promise<void> {
  const { runner, clock, halt, machine } = deps;
  const { tenant, dueAtMs, fence } = input;
  const name = sha256Hex(JSON.stringify([tenant, dueAtMs, fence])).slice(0, NAME_LENGTH);
  const dueAt = formatInstant(dueAtMs);
  const started = await runner.start({ machine, name, input: { v: 1, tenant, dueAt } });
  // What is not done stays due, and an execution that was begun goes on in the next process.
  if (halt.aborted) return;
  assert(started.ok, `${machine} could not be started`);
  let { status } = started.value;
  while (status === 'running') {
    await clock.sleep(POLL_MS, halt);
    if (halt.aborted) return;
    status = (await runner.get({ machine, name }))?.status ?? 'failed';
  }
  assert(status === 'succeeded', `${machine} failed for ${tenant} at ${dueAt}`);
}

/** One tenant that fails, or has to wait, must not keep the others from their invoices. */
async function runAllDue(deps: BillingDeps, runDue: Billing['runDue'], halt: AbortSignal): Promise<void> {
  const { metrics } = deps;
  const { items } = deps.stores;
  const nowMs = deps.clock.nowMs();
  const underWay = new Set<Promise<void>>();
  let oldestDueMs = nowMs;
  for await (const tenant of dueTenants(items, nowMs)) {
    if (halt.aborted) break;
    if (underWay.size >= LIMITS.executionsInFlight) await Promise.race(underWay);
    const work = runTenant(items, runDue, { tenant, nowMs })
      .catch((thrown: unknown) => {
        metrics?.dueRunFailed();
        deps.onError(tenant, thrown);
      })
      .then(async () => {
        oldestDueMs = Math.min(oldestDueMs, await leftDueMs(items, { tenant, nowMs }));
      })
      .catch((thrown: unknown) => deps.onError(tenant, thrown))
      .finally(() => underWay.delete(work));
    underWay.add(work);
  }
  await Promise.all(underWay);
  metrics?.oldestDue(nowMs - oldestDueMs);
  metrics?.unbilled(await countQuarantinedLines(items));
}

/** When the first of what is still due was; now where nothing is, or the tenant's clock stands. */
async function leftDueMs(
  items: ItemStore,
  { tenant, nowMs }: { readonly tenant: string; readonly nowMs: number },
): Promise<number> {
  const record = await readTenant(items, tenant);
  if (record === undefined || record.clockMs !== null) return nowMs;
  const [first] = (await listDue(items, { tenant, untilMs: nowMs, limit: 1 })).records;
  return first?.dueAtMs ?? nowMs;
}

const reportSchema = z.object({ failed: z.array(z.unknown()) });

/** Of what an invoicing machine answers. */
function pagesFailed(output: unknown): number {
  return reportSchema.safeParse(output).data?.failed.length ?? 0;
}

/** Each once. */
async function* dueTenants(items: ItemStore, nowMs: number): AsyncGenerator<string> {
  const seen = new Set<string>();
  let startAfter: string | undefined;
  do {
    const page = await listDueOfAllTenants(items, {
      untilMs: nowMs,
      limit: LIMITS.queryItems,
      ...(startAfter === undefined ? {} : { startAfter }),
    });
    for (const { tenant } of page.records) {
      if (seen.has(tenant)) continue;
      seen.add(tenant);
      yield tenant;
    }
    startAfter = page.next;
  } while (startAfter !== undefined);
}

/** What is due by the instant through which all events are counted: the machines need not wait for a fence. */
async function runTenant(
  items: ItemStore,
  runDue: Billing['runDue'],
  { tenant, nowMs }: { readonly tenant: string; readonly nowMs: number },
): Promise<void> {
  const record = await readTenant(items, tenant);
  if (record === undefined || record.clockMs !== null) return;
  const watermark = await readWatermark(items, tenant);
  // Nothing becomes final over rows that a store refuses.
  if (watermark === null || (await hasParkedRows(items, tenant))) return;
  await runDue({ tenant, dueAtMs: Math.min(nowMs, watermark.timeMs), fence: nowMs });
}
