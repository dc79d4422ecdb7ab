import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../ports/clock.ts';

/** The machine's wall time. */
export function createSystemClock(): Clock {
  return {
    nowMs: () => Date.now(),
    sleep: async (ms) => {
      await pause(ms);
    },
  };
}
