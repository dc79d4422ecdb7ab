import { z } from 'zod';
import type { Lane } from '../../domain/events/lane.ts';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs } from './item-format.ts';

/** A fence as it lies in one lane: its number and the instant t before which everything acknowledged lies ahead of it. */
export const fenceMarkSchema = z.object({ number: z.int().nonnegative(), timeMs: epochMs });
export type FenceMark = Readonly<z.output<typeof fenceMarkSchema>>;

/** Before the first fence: what lies there belongs to every snapshot. */
export const NO_FENCE: FenceMark = { number: 0, timeMs: 0 };

export function laneKey(lane: Lane): ItemKey {
  return { pk: `lane#${lane}`, sk: 'state' };
}

const laneItem = z.object({
  /** The latest fence recorded, and its position in the stream ('' before the first). */
  lastNumber: z.int().default(0),
  lastTimeMs: epochMs.default(0),
  lastPosition: z.string().default(''),
  /** The latest fence up to which everything in the lane is staged. */
  stagedNumber: z.int().default(0),
  stagedTimeMs: epochMs.default(0),
  /** The latest fence that has passed: final. */
  passedNumber: z.int().default(0),
  passedTimeMs: epochMs.default(0),
});
export type LaneState = Readonly<z.output<typeof laneItem>>;

export function laneFromItem(item: Item | undefined): LaneState {
  return laneItem.parse(item ?? {});
}

/** Where a fence lies; sort keys order as positions do, which are decimal numbers of different lengths. */
export function fenceKey(lane: Lane, position: string): ItemKey {
  return { pk: `lane#${lane}`, sk: `${FENCE_PREFIX}${String(position.length).padStart(3, '0')}:${position}` };
}
export const FENCE_PREFIX = 'fence#';

export function fenceToItem(lane: Lane, position: string, fence: FenceMark): Item {
  return { ...fenceKey(lane, position), ...fence };
}

export function fenceFromItem(item: Item): FenceMark {
  return fenceMarkSchema.parse(item);
}
