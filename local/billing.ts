import { createHandler as createInvoiceStep } from '../functions/run-invoice-step/handler.ts';
import type { AdvanceDeps } from '../shared/app/clock/advance-clock.ts';
import { listDue, listDueOfAllTenants } from '../shared/app/due/list-due.ts';
import { readTenant } from '../shared/app/tenants/read-tenant.ts';
import { assert } from '../shared/kernel/assert.ts';
import { sha256Hex } from '../shared/kernel/hash.ts';
import { LIMITS } from '../shared/kernel/limits.ts';
import { formatInstant } from '../shared/kernel/time.ts';
import type { Clock } from '../shared/ports/clock.ts';
import { loadMachines } from './state-machines/load-machines.ts';
import { createStateMachineRunner, type StateMachineRunner } from './state-machines/runner.ts';
import type { Stores } from './stores.ts';

const MACHINES = new URL('../lib/state-machines/', import.meta.url);
const POLL_MS = 20;
const NAME_LENGTH = 40;

export interface Billing {
  readonly runDue: AdvanceDeps['runDue'];
  /** Does what is due of every tenant that lives in real time. */
  runAllDue(): Promise<void>;
  /** Goes on with what a crash interrupted. */
  resume(): Promise<void>;
  stop(): Promise<void>;
}

interface BillingDeps {
  readonly stores: Stores;
  readonly clock: Clock;
  readonly drawFence: AdvanceDeps['drawFence'];
  readonly onError: (where: unknown, error: unknown) => void;
}

/** The invoicing machines of this process, and when they run. */
export async function createBilling(deps: BillingDeps): Promise<Billing> {
  const { stores, clock, drawFence, onError } = deps;
  const { items, objects, analytics } = stores;
  const onQuarantined: Parameters<typeof createInvoiceStep>[0]['onQuarantined'] = (line) =>
    onError(line, new Error(`a line of ${line.charge} could not be made: ${line.reason}`));
  const step = createInvoiceStep({ items, objects, analytics, clock, drawFence, onQuarantined });
  const runner = createStateMachineRunner({
    items,
    clock,
    machines: await loadMachines(MACHINES),
    tasks: { RunInvoiceStep: step },
    onError,
  });
  const runDue: Billing['runDue'] = async (input) => {
    const due = await listDue(items, {
      tenant: input.tenant,
      untilMs: input.dueAtMs,
      limit: LIMITS.queryItems,
    });
    const isFinal = ({ kind }: { readonly kind: string }) => kind === 'grace_end';
    // Drafts first: what they make due lies a day ahead.
    if (!due.records.every(isFinal)) await runMachine({ runner, clock, machine: 'draft-invoices' }, input);
    if (due.records.some(isFinal)) await runMachine({ runner, clock, machine: 'finalize-invoices' }, input);
  };
  return {
    runDue,
    runAllDue: () => runAllDue(deps, runDue),
    resume: runner.resume,
    stop: runner.stop,
  };
}

async function runMachine(
  deps: { readonly runner: StateMachineRunner; readonly clock: Clock; readonly machine: string },
  input: Parameters<Billing['runDue']>[0],
): Promise<void> {
  const { runner, clock, machine } = deps;
  const { tenant, dueAtMs, fence } = input;
  const name = sha256Hex(JSON.stringify([tenant, dueAtMs, fence])).slice(0, NAME_LENGTH);
  const dueAt = formatInstant(dueAtMs);
  const started = await runner.start({ machine, name, input: { v: 1, tenant, dueAt } });
  assert(started.ok, `${machine} could not be started`);
  let { status } = started.value;
  while (status === 'running') {
    await clock.sleep(POLL_MS);
    status = (await runner.get({ machine, name }))?.status ?? 'failed';
  }
  assert(status === 'succeeded', `${machine} failed for ${tenant} at ${dueAt}`);
}

/** One tenant that fails must not keep the others from their invoices. */
async function runAllDue(deps: BillingDeps, runDue: Billing['runDue']): Promise<void> {
  const nowMs = deps.clock.nowMs();
  const { items } = deps.stores;
  const due = await listDueOfAllTenants(items, { untilMs: nowMs, limit: LIMITS.queryItems });
  for (const key of new Set(due.records.map(({ tenant }) => tenant))) {
    const tenant = await readTenant(items, key);
    if (tenant === undefined || tenant.clockMs !== null) continue;
    try {
      await runDue({ tenant: key, dueAtMs: nowMs, fence: nowMs });
    } catch (thrown) {
      deps.onError(key, thrown);
    }
  }
}
