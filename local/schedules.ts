import type { Clock } from '../shared/ports/clock.ts';

export interface ScheduledTask {
  readonly name: string;
  readonly everyMs: number;
  readonly run: () => Promise<unknown>;
}

/** Runs each task again and again until stopped; a task never overlaps itself, and a failure does not end it. */
export function startSchedules(deps: {
  readonly clock: Clock;
  readonly tasks: readonly ScheduledTask[];
  readonly onError: (task: string, error: unknown) => void;
}): { stop(): Promise<void> } {
  const stopping = Promise.withResolvers<void>();
  let stopped = false;
  const loops = deps.tasks.map(async (task) => {
    while (!stopped) {
      try {
        await task.run();
      } catch (thrown) {
        deps.onError(task.name, thrown);
      }
      await Promise.race([deps.clock.sleep(task.everyMs), stopping.promise]);
    }
  });
  return {
    stop: async () => {
      stopped = true;
      stopping.resolve();
      await Promise.all(loops);
    },
  };
}
