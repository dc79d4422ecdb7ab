import { setImmediate as nextTurn } from 'node:timers/promises';
import { assert } from '../../kernel/assert.ts';
import { isInstant } from '../../kernel/time.ts';
import type { Clock } from '../../ports/clock.ts';

/** Time that passes only when it is told to. */
export interface VirtualClock extends Clock {
  /**
   * Lets `ms` pass. Whoever sleeps wakes at its own moment, in order, and what it does then (until it sleeps again
   * or waits for something outside of memory) is done before time goes on.
   */
  advance(ms: number): Promise<void>;
}

interface Sleeper {
  readonly wakeAtMs: number;
  readonly wake: () => void;
}

export function createVirtualClock(input: { readonly startMs: number }): VirtualClock {
  assert(isInstant(input.startMs), 'a clock starts at an instant');
  const sleepers = new Set<Sleeper>();
  let nowMs = input.startMs;

  function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        sleepers.delete(sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { wakeAtMs: nowMs + ms, wake };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', wake);
    });
  }

  return {
    nowMs: () => nowMs,
    sleep: async (ms, signal) => {
      assert(Number.isFinite(ms), 'a pause is a number of milliseconds');
      if (signal?.aborted === true) return;
      // A turn of the event loop, so that a loop of empty pauses lets others work.
      if (ms <= 0) await nextTurn();
      else await sleep(Math.ceil(ms), signal);
    },
    advance: async (ms) => {
      assert(Number.isInteger(ms) && ms >= 0, 'time passes in whole milliseconds, forwards');
      const untilMs = nowMs + ms;
      await nextTurn();
      for (;;) {
        const next = firstOf(sleepers);
        if (next === undefined || next.wakeAtMs > untilMs) break;
        nowMs = next.wakeAtMs;
        next.wake();
        await nextTurn();
      }
      nowMs = untilMs;
    },
  };
}

/** Of those that wake at the same moment, the one that went to sleep first. */
function firstOf(sleepers: Iterable<Sleeper>): Sleeper | undefined {
  let first: Sleeper | undefined;
  for (const sleeper of sleepers) {
    if (first === undefined || sleeper.wakeAtMs < first.wakeAtMs) first = sleeper;
  }
  return first;
}
