import { assert } from '../shared/kernel/assert.ts';
import type { Clock } from '../shared/ports/clock.ts';

export interface ScheduledTask {
  readonly name: string;
  /** From the end of a run to the start of the next, ms. */
  readonly everyMs: number;
  readonly run: () => Promise<unknown>;
}

/**
 * Runs each task at once and again and again; a task never overlaps itself, and a failure does not end it. `stop`
 * resolves when the runs under way have ended.
 */
export function startSchedules(deps: {
  readonly clock: Clock;
  readonly tasks: readonly ScheduledTask[];
  readonly onError: (task: string, error: unknown) => void;
}): { stop(): Promise<void> } {
  for (const { name, everyMs } of deps.tasks) assert(everyMs > 0, `the task ${name} pauses`);
  const stopping = new AbortController();
  const loops = deps.tasks.map(async (task) => {
    while (!stopping.signal.aborted) {
      try {
        await task.run();
      } catch (thrown) {
        deps.onError(task.name, thrown);
      }
      await deps.clock.sleep(task.everyMs, stopping.signal);
    }
  });
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}
