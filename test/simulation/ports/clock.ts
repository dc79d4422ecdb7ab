import type { Clock } from '../../../shared/ports/clock.ts';
import type { SimulatedProcess } from '../processes/process.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { CallPort } from './port-call.ts';

/** Nobody wakes at once: loops that only look whether something has happened must not be most of a run. */
const SLEEP_MIN_MS = [100, 400] as const;

/** A process' own clock, wrong by its skew. A pause may last longer than asked for, and the clock may be set in it. */
export function simulateClock(deps: {
  readonly call: CallPort;
  readonly process: SimulatedProcess;
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** Clocks are within this of the true time, ms. */
  readonly skewMaxMs: number;
}): Clock {
  const { call, process, scheduler, random, skewMaxMs } = deps;
  const setClock = async () => process.setSkewMs(random.int(-skewMaxMs, skewMaxMs));
  return {
    nowMs: () => scheduler.nowMs() + process.skewMs(),
    sleep: async (ms, signal) => {
      if (signal?.aborted === true) return;
      const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
      signal?.addEventListener('abort', () => abort(), { once: true });
      const slept = async () => {
        await new Promise<void>((resolve) => {
          scheduler.after(Math.max(ms, random.int(...SLEEP_MIN_MS)), () => {
            if (process.isAlive()) resolve();
          });
        });
        await call(process, {
          port: 'clock',
          method: 'sleep',
          faults: skewMaxMs > 0 ? ['delay', 'skew', 'crash_before'] : ['delay', 'crash_before'],
          effect: async () => undefined,
          variants: { skew: setClock },
        });
      };
      await Promise.race([slept(), aborted]);
    },
  };
}
