import type { Scheduler } from './scheduler.ts';

/**
 * Puts the timers of libraries under the scheduler: the runner of state machines ends its Tasks and pauses between
 * tries by them. Answers how to give them back.
 */
export function takeTimers(scheduler: Scheduler): () => void {
  const { setTimeout: realSet, clearTimeout: realClear } = globalThis;
  const set = (act: (...values: unknown[]) => void, ms = 0, ...values: unknown[]) =>
    scheduler.after(Math.max(1, ms), () => act(...values));
  const clear = (timer: { cancel?: () => void } | undefined) => timer?.cancel?.();
  Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
  return () => {
    Object.assign(globalThis, { setTimeout: realSet, clearTimeout: realClear });
  };
}
