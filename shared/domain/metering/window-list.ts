import { assert, defined } from '../../kernel/assert.ts';
import type { UsageWindows } from './usage-read.ts';

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The windows of a range in order, without all of them being held. */
export interface WindowList {
  readonly count: number;
  at(index: number): Range;
  /** The first window that starts at the instant or later; `count` where there is none. */
  indexAtOrAfter(startMs: number): number;
  /** Windows [first, end) as the windows of a range of their own. */
  slice(first: number, end: number): Range & { readonly windows: UsageWindows };
}

export function windowList(windows: UsageWindows, range: Range): WindowList {
  switch (windows.kind) {
    case 'single':
      return boundaryList([range.fromMs, range.toMs]);
    case 'boundaries':
      return boundaryList(windows.boundariesMs);
    case 'sliding':
      return slidingList(windows, range);
  }
}

function boundaryList(boundariesMs: readonly number[]): WindowList {
  const boundary = (index: number) => defined(boundariesMs[index], 'the boundary of a window');
  const count = boundariesMs.length - 1;
  return {
    count,
    at: (index) => ({ fromMs: boundary(index), toMs: boundary(index + 1) }),
    indexAtOrAfter: (startMs) => {
      const index = boundariesMs.findIndex((boundaryMs) => boundaryMs >= startMs);
      return index < 0 ? count : Math.min(index, count);
    },
    slice: (first, end) => {
      assert(first < end && end <= count, 'a slice of windows is not empty');
      const kept = boundariesMs.slice(first, end + 1);
      const windows: UsageWindows = { kind: 'boundaries', boundariesMs: kept };
      return { windows, fromMs: boundary(first), toMs: boundary(end) };
    },
  };
}

function slidingList(
  windows: Extract<UsageWindows, { kind: 'sliding' }>,
  { fromMs, toMs }: Range,
): WindowList {
  const { lengthMs, stepMs } = windows;
  const count = Math.max(0, Math.floor((toMs - fromMs - lengthMs) / stepMs) + 1);
  const at = (index: number) => ({
    fromMs: fromMs + index * stepMs,
    toMs: fromMs + index * stepMs + lengthMs,
  });
  return {
    count,
    at,
    indexAtOrAfter: (startMs) => Math.min(count, Math.max(0, Math.ceil((startMs - fromMs) / stepMs))),
    slice: (first, end) => {
      assert(first < end && end <= count, 'a slice of windows is not empty');
      return { windows, fromMs: at(first).fromMs, toMs: at(end - 1).toMs };
    },
  };
}
