import { assert } from './assert.ts';
import { isInstant } from './time.ts';

/** A half-open stretch of time: `startMs` belongs to it, `endMs` does not. Epoch ms, never empty. */
export interface Period {
  readonly startMs: number;
  readonly endMs: number;
}

/** Throws unless both are instants and the end is later than the start. */
export function period(startMs: number, endMs: number): Period {
  assert(isInstant(startMs) && isInstant(endMs), 'a period has instants as its ends');
  assert(startMs < endMs, 'a period ends after it starts');
  return { startMs, endMs };
}

export function containsInstant(whole: Period, instantMs: number): boolean {
  return whole.startMs <= instantMs && instantMs < whole.endMs;
}

/** Periods that only touch do not overlap. */
export function overlaps(left: Period, right: Period): boolean {
  return left.startMs < right.endMs && right.startMs < left.endMs;
}

/** What both have in common, null where they do not overlap. */
export function intersect(left: Period, right: Period): Period | null {
  if (!overlaps(left, right)) return null;
  return period(Math.max(left.startMs, right.startMs), Math.min(left.endMs, right.endMs));
}
