import { TABLES } from '../../contracts/names.ts';
import type { Lane } from '../../domain/events/lane.ts';
import { compareSequence } from '../../ports/event-stream.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import {
  FENCE_PREFIX,
  type FenceMark,
  fenceFromItem,
  fenceKey,
  fenceToItem,
  laneFromItem,
  laneKey,
  NO_FENCE,
} from '../records/lane.ts';

/**
 * Writes down where a fence lies in its lane, before anything behind it is staged. A fence that arrives after one
 * with a greater number separates nothing and is left out.
 */
export async function recordFence(
  items: ItemStore,
  fence: FenceMark & { readonly lane: Lane; readonly position: string },
): Promise<void> {
  const key = laneKey(fence.lane);
  const state = laneFromItem(await items.get({ table: TABLES.main, key }));
  if (fence.number <= state.lastNumber) return;
  const { number, timeMs } = fence;
  // First the place, then the pointer to it: a reader that sees the pointer finds the place.
  await items.put({ table: TABLES.main, item: fenceToItem(fence.lane, fence.position, { number, timeMs }) });
  await items.update({
    table: TABLES.main,
    key,
    changes: { set: { lastNumber: number, lastTimeMs: timeMs, lastPosition: fence.position } },
    condition: lower('lastNumber', number),
  });
}

/** Everything in the lane before this fence is staged (or was before). */
export async function markLaneStaged(items: ItemStore, lane: Lane, fence: FenceMark): Promise<void> {
  await items.update({
    table: TABLES.main,
    key: laneKey(lane),
    changes: { set: { stagedNumber: fence.number, stagedTimeMs: fence.timeMs } },
    condition: lower('stagedNumber', fence.number),
  });
}

/**
 * The fence that a position lies behind: the greatest number at a lower position. Fences below the last passed one
 * are forgotten; only envelopes that were handled before lie there, and they own nothing any more.
 */
export async function fenceBefore(items: ItemStore, lane: Lane, position: string): Promise<FenceMark> {
  const state = laneFromItem(await items.get({ table: TABLES.main, key: laneKey(lane) }));
  if (state.lastPosition === '') return NO_FENCE;
  if (compareSequence(state.lastPosition, position) < 0) {
    return { number: state.lastNumber, timeMs: state.lastTimeMs };
  }
  const page = await items.query({
    table: TABLES.main,
    pk: laneKey(lane).pk,
    // A fence never shares its position with an envelope, so that the inclusive end is exclusive here.
    sk: { from: FENCE_PREFIX, to: fenceKey(lane, position).sk },
    descending: true,
    limit: 1,
  });
  const [item] = page.items;
  return item === undefined ? NO_FENCE : fenceFromItem(item);
}

function lower(name: string, value: number) {
  return {
    kind: 'any',
    of: [
      { kind: 'attribute_absent', name },
      { kind: 'less', name, value },
    ],
  } as const;
}
