import { AsyncLocalStorage } from 'node:async_hooks';
import { loadMachines } from '../../local/state-machines/load-machines.ts';
import { createStateMachineRunner, type StateMachineRunner } from '../../local/state-machines/runner.ts';
import type { VirtualClock } from '../../shared/adapters/memory/virtual-clock.ts';
import { invoiceSteps } from '../../shared/app/invoicing/invoice-steps.ts';
import type { InvoicingDeps } from '../../shared/app/invoicing/invoicing-deps.ts';
import type { JsonValue } from '../../shared/kernel/canonical-json.ts';
import type { Analytics } from '../../shared/ports/analytics.ts';
import type { ItemStore } from '../../shared/ports/item-store.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';

export const MACHINES = await loadMachines(new URL('../../lib/state-machines/', import.meta.url));

/** What outlives a process. */
export interface OutlivingStores {
  readonly items: ItemStore;
  readonly objects: ObjectStore;
  readonly analytics: Analytics;
  readonly clock: VirtualClock;
}

/** The n-th call of all, at its beginning or when it is done and not yet answered. */
export interface Death {
  readonly call: number;
  readonly when: 'before' | 'after';
}

/** Every call of a function, a store or the clock that processes made, by the state that made it. */
export interface Calls {
  readonly made: { readonly state: string; readonly port: string }[];
}

export interface MortalProcess {
  readonly runner: StateMachineRunner;
  isGone(): boolean;
  /** Of a process that was only stopped for a while: what it called is done, or answered, now. */
  wake(): void;
}

/** `<machine>/<state>` of the Task that is under way, in all that it calls. */
const underWay = new AsyncLocalStorage<string>();

/**
 * A runner of the real machines with the real steps. At the given call it is gone: what it called is never done, or never
 * answered, and nothing it calls after that is, as if it had seen SIGKILL, until somebody wakes it.
 */
export function createMortalProcess(input: {
  readonly stores: OutlivingStores;
  readonly calls: Calls;
  /** What is called outside of a Task is of the machine's Wait, or of the runner itself. */
  readonly machine: string;
  readonly death?: Death;
  /** Before each call. */
  readonly pause?: () => Promise<void>;
  readonly drawFence: (items: ItemStore, tenant: string) => Promise<number>;
  readonly onAnswer: (step: JsonValue, answer: JsonValue) => Promise<void>;
}): MortalProcess {
  const { stores, machine } = input;
  const life = createLife(input);
  const { items, objects, analytics, clock } = mortalPorts(stores, life.mortal, machine);
  const deps: InvoicingDeps = {
    ...{ items, objects, analytics, clock },
    drawFence: ({ tenant }) => input.drawFence(items, tenant),
    onQuarantined: () => undefined,
  };
  const step = invoiceSteps(deps);
  const runner = createStateMachineRunner({
    ...{ items, clock },
    machines: MACHINES,
    tasks: {
      RunInvoiceStep: async (payload) => {
        const state = `${machine}/${(payload as { readonly step: string }).step}`;
        const answer = await underWay.run(state, () => life.mortal('invoke', () => step(payload)));
        await input.onAnswer(payload, answer);
        return answer;
      },
    },
    retryPauseMs: 0,
    onError: () => undefined,
  });
  return { runner, isGone: life.isGone, wake: life.wake };
}

type Mortal = <T>(port: string, operation: () => Promise<T>, state?: string) => Promise<T>;

function createLife(input: Parameters<typeof createMortalProcess>[0]) {
  const { calls, machine, death } = input;
  const gate = Promise.withResolvers<void>();
  let isGone = false;
  const mortal: Mortal = async (port, operation, state = `${machine}/(runner)`) => {
    await input.pause?.();
    if (!isGone) calls.made.push({ state: underWay.getStore() ?? state, port });
    const fatal = !isGone && death?.call === calls.made.length ? death.when : undefined;
    if (fatal === 'before') isGone = true;
    if (isGone) await gate.promise;
    const [answer] = await Promise.allSettled([operation()]);
    if (fatal === 'after') isGone = true;
    if (isGone) await gate.promise;
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  };
  const wake = () => {
    isGone = false;
    gate.resolve();
  };
  return { mortal, isGone: () => isGone, wake };
}

function mortalPorts(stores: OutlivingStores, mortal: Mortal, machine: string) {
  const { clock } = stores;
  return {
    items: mortalMethods('items', stores.items, mortal),
    objects: mortalMethods('objects', stores.objects, mortal),
    analytics: mortalMethods('analytics', stores.analytics, mortal),
    clock: {
      nowMs: clock.nowMs,
      sleep: (ms: number, signal?: AbortSignal) =>
        mortal('clock.sleep', () => clock.sleep(ms, signal), `${machine}/WaitForFence`),
    },
  };
}

function mortalMethods<P extends object>(name: string, port: P, mortal: Mortal): P {
  return new Proxy(port, {
    get: (target, method) => {
      const operation: unknown = Reflect.get(target, method);
      if (typeof operation !== 'function') return operation;
      return (...input: unknown[]) =>
        mortal(`${name}.${String(method)}`, () => Reflect.apply(operation, target, input));
    },
  });
}
