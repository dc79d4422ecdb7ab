import { assert } from '../../shared/kernel/assert.ts';
import type { Random } from './random.ts';

/** Time and order of everything that happens: nothing goes on by itself. */
export interface Scheduler {
  /** Epoch ms of the virtual wall clock. */
  nowMs(): number;
  /** Does something at an instant, or now where it lies behind. What has the same instant happens in random order. */
  at(timeMs: number, act: () => void): ScheduledAct;
  after(ms: number, act: () => void): ScheduledAct;
  /** For actors: a pause that no process can lose. */
  pause(ms: number): Promise<void>;
  /** Lets things happen until `isDone`; answers false when nothing is left or time is over. */
  run(input: { readonly isDone: () => boolean; readonly untilMs: number }): Promise<boolean>;
  /** Moves the clock forward without anything happening in between: what was due then is late. */
  jump(ms: number): void;
}

export interface ScheduledAct {
  cancel(): void;
}

interface Entry {
  readonly timeMs: number;
  readonly order: number;
  readonly act: () => void;
  isCanceled: boolean;
}

// Kept before anybody replaces it: one turn lets all promises that can settle do so.
const realTurn = setImmediate;
const turn = () => new Promise<void>((resolve) => realTurn(resolve));

export function createScheduler(input: { readonly startMs: number; readonly random: Random }): Scheduler {
  const { random } = input;
  const heap: Entry[] = [];
  let nowMs = input.startMs;
  const at = (timeMs: number, act: () => void) => {
    assert(Number.isFinite(timeMs), 'things happen at an instant');
    const entry: Entry = {
      timeMs: Math.max(nowMs, Math.ceil(timeMs)),
      order: random.next(),
      act,
      isCanceled: false,
    };
    push(heap, entry);
    return {
      cancel: () => {
        entry.isCanceled = true;
      },
    };
  };
  return {
    nowMs: () => nowMs,
    at,
    after: (ms, act) => at(nowMs + ms, act),
    pause: (ms) => new Promise((resolve) => at(nowMs + ms, () => resolve())),
    run: async ({ isDone, untilMs }) => {
      await turn();
      while (!isDone()) {
        const entry = pop(heap);
        if (entry === undefined) return false;
        if (entry.isCanceled) continue;
        if (entry.timeMs > untilMs) {
          push(heap, entry);
          nowMs = Math.max(nowMs, untilMs);
          return false;
        }
        nowMs = Math.max(nowMs, entry.timeMs);
        entry.act();
        await turn();
      }
      return true;
    },
    jump: (ms) => {
      nowMs += ms;
    },
  };
}

function isBefore(left: Entry, right: Entry): boolean {
  return left.timeMs < right.timeMs || (left.timeMs === right.timeMs && left.order < right.order);
}

function push(heap: Entry[], entry: Entry): void {
  let index = heap.push(entry) - 1;
  while (index > 0) {
    const parentIndex = (index - 1) >>> 1;
    const parent = heap[parentIndex] as Entry;
    if (!isBefore(entry, parent)) break;
    heap[index] = parent;
    index = parentIndex;
  }
  heap[index] = entry;
}

function pop(heap: Entry[]): Entry | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= heap.length) break;
    const right = heap[child + 1];
    if (right !== undefined && isBefore(right, heap[child] as Entry)) child += 1;
    const smallest = heap[child] as Entry;
    if (!isBefore(smallest, last)) break;
    heap[index] = smallest;
    index = child;
  }
  heap[index] = last;
  return first;
}
