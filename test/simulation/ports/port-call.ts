import { StoreError } from '../../../shared/ports/store-error.ts';
import type { Injector } from '../faults/injector.ts';
import type { FaultKind, PortName } from '../faults/kinds.ts';
import type { SimulatedProcess } from '../processes/process.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Trace } from '../trace.ts';

export interface PortDeps {
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly injector: Injector;
  readonly random: Random;
  /** How long a delayed call may take to arrive, ms. */
  readonly delayMaxMs: Readonly<Partial<Record<PortName, number>>>;
}

export interface PortCall<T> {
  readonly port: PortName;
  readonly method: string;
  /** What can go wrong with this method. */
  readonly faults: readonly FaultKind[];
  /** How much more often it is struck than other methods of the port; 1 when absent. */
  readonly weight?: number;
  /** What the twin does, at one instant. */
  readonly effect: () => Promise<T>;
  /** What it does instead where a fault is of its own kind. */
  readonly variants?: Partial<Readonly<Record<FaultKind, () => Promise<T>>>>;
}

export type CallPort = <T>(process: SimulatedProcess, call: PortCall<T>) => Promise<T>;

const DELAY_MAX_MS = 45_000;
/** How long calls usually take to arrive, ms. */
const LATENCY_MS: Readonly<Partial<Record<PortName, readonly [min: number, max: number]>>> = {
  items: [1, 4],
  objects: [3, 15],
  stream_put: [3, 15],
  stream_read: [1, 5],
  clock: [0, 1],
};
const LATENCY_OF_OTHERS_MS = [2, 25] as const;

/**
 * Every call of a port goes through here and waits for the scheduler: it arrives later, is struck by a fault or not,
 * has its effect at one instant, and is answered then or later again. Whoever dies meanwhile is never answered.
 */
export function createPortCalls(deps: PortDeps): CallPort {
  const { scheduler, injector } = deps;
  const pending = new Map<PortName, Set<object>>();
  const enter = (port: PortName): object => {
    const ticket = {};
    const tickets = pending.get(port) ?? new Set();
    pending.set(port, tickets.add(ticket));
    return ticket;
  };
  const leave = (port: PortName, ticket: object) => {
    const tickets = pending.get(port) ?? new Set();
    const [oldest] = tickets;
    tickets.delete(ticket);
    if (oldest !== ticket) injector.count(port, 'reorder');
  };
  return <T>(process: SimulatedProcess, call: PortCall<T>) =>
    new Promise<T>((resolve, reject) => {
      if (!process.isAlive()) return;
      const { port } = call;
      const fault = injector.choose(port, call.faults, call.weight);
      const ticket = enter(port);
      scheduler.after(arrivalMs(deps, port, fault), () => {
        leave(port, ticket);
        arrive(deps, { process, call, fault, resolve, reject });
      });
    });
}

function arrivalMs({ random, delayMaxMs }: PortDeps, port: PortName, fault: FaultKind | null): number {
  const [min, max] = LATENCY_MS[port] ?? LATENCY_OF_OTHERS_MS;
  const most = delayMaxMs[port] ?? DELAY_MAX_MS;
  return random.int(min, max) + (fault === 'delay' ? random.int(Math.min(100, most), most) : 0);
}

interface Arrived<T> {
  readonly process: SimulatedProcess;
  readonly call: PortCall<T>;
  readonly fault: FaultKind | null;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

function arrive<T>(deps: PortDeps, arrived: Arrived<T>): void {
  const { process, call, fault } = arrived;
  const { random } = deps;
  if (!process.isAlive()) {
    // Sent by somebody who is dead by now: on its way it may have been lost or not.
    const isLost = random.chance(0.5);
    note(deps, arrived, isLost ? 'lost' : 'of_the_dead');
    if (!isLost) call.effect().catch(() => undefined);
    return;
  }
  note(deps, arrived, fault ?? 'ok');
  if (fault === 'crash_before') {
    process.kill();
    if (random.chance(0.5)) call.effect().catch(() => undefined);
    return;
  }
  answer(deps, arrived, perform(deps, call, fault));
}

function perform<T>(
  { random }: PortDeps,
  { effect, variants }: PortCall<T>,
  fault: FaultKind | null,
): Promise<T> {
  const variant = fault === null ? undefined : variants?.[fault];
  if (variant !== undefined) return variant();
  if (fault === 'throttled') return Promise.reject(failure('not_done', 'throttled'));
  if (fault === 'error_before') {
    return Promise.reject(failure(random.chance(0.5) ? 'not_done' : 'unknown', 'unreachable'));
  }
  return fault === 'duplicate' ? effect().then(effect, effect) : effect();
}

function answer<T>(deps: PortDeps, { process, fault, resolve, reject }: Arrived<T>, done: Promise<T>): void {
  const { scheduler, random } = deps;
  const respond = (act: () => void) => {
    if (fault === 'crash_after') return process.kill();
    const isLate = random.chance(0.1);
    if (!isLate) return act();
    scheduler.after(random.int(1, 30), () => {
      if (process.isAlive()) act();
    });
  };
  done.then(
    (value) =>
      respond(() => {
        if (fault === 'error_after') reject(failure('unknown', 'timeout'));
        else resolve(value);
      }),
    (error: unknown) => respond(() => reject(error)),
  );
}

function note<T>({ trace, scheduler }: PortDeps, { process, call }: Arrived<T>, fault: string): void {
  const { port, method } = call;
  trace.add({ timeMs: scheduler.nowMs(), actor: process.name, port, method, fault });
}

function failure(outcome: StoreError['outcome'], reason: StoreError['reason']): StoreError {
  return new StoreError({ message: `simulated: ${outcome}, ${reason}`, outcome, reason });
}
