import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../ports/clock.ts';

/** Node's timers run at once when asked for more, 24.8 days. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** The machine's wall time. */
export function createSystemClock(): Clock {
  return {
    nowMs: () => Date.now(),
    sleep: async (ms, signal) => {
      try {
        let leftMs = ms;
        do {
          await pause(Math.min(leftMs, TIMER_MAX_MS), undefined, signal === undefined ? {} : { signal });
          leftMs -= TIMER_MAX_MS;
        } while (leftMs > 0);
      } catch (thrown) {
        if (signal?.aborted !== true) throw thrown;
      }
    },
  };
}
