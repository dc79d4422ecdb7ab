import { loadMachines } from '../../local/state-machines/load-machines.ts';
import type { TaskFunction } from '../../local/state-machines/run-execution.ts';
import { createStateMachineRunner, type StateMachineRunner } from '../../local/state-machines/runner.ts';
import { createMemoryItems } from '../../shared/adapters/memory/items/memory-items.ts';
import type { VirtualClock } from '../../shared/adapters/memory/virtual-clock.ts';
import { createVirtualClock } from '../../shared/adapters/memory/virtual-clock.ts';
import type { ItemStore } from '../../shared/ports/item-store.ts';
import { createInvoicingWorld } from './invoicing-world.ts';

const MACHINES = await loadMachines(new URL('../../lib/state-machines/', import.meta.url));
export const INPUT = { v: 1, tenant: 'acme', dueAt: '2026-12-01T00:00:00.000Z' };

/** The n-th call that the process makes, of a Task or of the store, at its beginning or once it is done. */
export interface Kill {
  readonly call: number;
  readonly when: 'before' | 'after';
}

export interface RunnerProcess {
  readonly runner: StateMachineRunner;
  calls(): number;
  killed(): boolean;
  readonly errors: unknown[];
}

/** A runner that may be killed: from then on nothing that it called ever answers, as if it had seen SIGKILL. */
export function createRunnerProcess(deps: {
  readonly items: ItemStore;
  readonly clock: VirtualClock;
  readonly run: TaskFunction;
  readonly kill?: Kill;
}): RunnerProcess {
  let calls = 0;
  let killed = false;
  const errors: unknown[] = [];

  async function mortal<T>(operation: () => Promise<T>): Promise<T> {
    calls += 1;
    const fatal = deps.kill?.call === calls ? deps.kill.when : undefined;
    if (fatal === 'before') killed = true;
    if (killed) return await new Promise<never>(() => undefined);
    const [answer] = await Promise.allSettled([operation()]);
    if (fatal === 'after') killed = true;
    if (killed) return await new Promise<never>(() => undefined);
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  }
  const { items } = deps;
  const runner = createStateMachineRunner({
    clock: deps.clock,
    items: {
      ...items,
      get: (input) => mortal(() => items.get(input)),
      query: (input) => mortal(() => items.query(input)),
      transact: (operations) => mortal(() => items.transact(operations)),
    },
    machines: MACHINES,
    tasks: { RunInvoiceStep: (input) => mortal(() => deps.run(input)) },
    retryPauseMs: 0,
    onError: (_where, error) => errors.push(error),
  });
  return { runner, calls: () => calls, killed: () => killed, errors };
}

/** Lets time pass until the promise has settled, or `until` holds. */
export async function passTime(
  clock: VirtualClock,
  promise: Promise<unknown>,
  until: () => boolean = () => false,
): Promise<void> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  promise.then(settle, settle);
  for (let seconds = 0; seconds < 2_000; seconds += 1) {
    if (settled || until()) return;
    await clock.advance(1_000);
  }
  throw new Error('nothing came of it in 2,000 seconds');
}

export const START_MS = Date.UTC(2026, 11, 1);
export const DRAFT = { machine: 'draft-invoices', name: 'one' };
export const FINALIZE = { machine: 'finalize-invoices', name: 'one' };

export function setUp(settings: Partial<Parameters<typeof createInvoicingWorld>[0]> = {}) {
  const world = createInvoicingWorld({ subscriptions: 5, passedAtCheck: 1, ...settings });
  const clock = createVirtualClock({ startMs: START_MS });
  const items = createMemoryItems();
  const process = createRunnerProcess({ items, clock, run: world.run });
  const runToEnd = async (execution: typeof DRAFT) => {
    await process.runner.start({ ...execution, input: INPUT });
    await passTime(clock, process.runner.idle());
    return await process.runner.get(execution);
  };
  return { world, clock, items, process, runner: process.runner, runToEnd };
}

/** A runner of the draft machine over functions of the test's own. */
export function runnerOf(run: TaskFunction, items = createMemoryItems()) {
  const clock = createVirtualClock({ startMs: START_MS });
  const errors: unknown[] = [];
  const runner = createStateMachineRunner({
    clock,
    items,
    machines: MACHINES,
    tasks: { RunInvoiceStep: run },
    retryPauseMs: 0,
    onError: (_where, error) => errors.push(error),
  });
  return { runner, errors, clock };
}

export const stepOf = (payload: unknown) => (payload as { readonly step: string }).step;
