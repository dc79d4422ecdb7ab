import { TABLES } from '../../contracts/names.ts';
import { allLanes, type Lane } from '../../domain/events/lane.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { FENCE_PREFIX, fenceFromItem, laneFromItem, laneKey } from '../records/lane.ts';

/**
 * How far the present is ahead of the instant through which every lane is complete, ms. 0 before the first fence, and in lanes
 * that no fence has reached.
 */
export async function fenceLagMs(items: ItemStore, nowMs: number): Promise<number> {
  const throughMs = await Promise.all([...allLanes()].map((lane) => completeThroughMs(items, lane)));
  const known = throughMs.filter((timeMs) => timeMs !== null);
  return known.length === 0 ? 0 : Math.max(0, nowMs - Math.min(...known));
}

async function completeThroughMs(items: ItemStore, lane: Lane): Promise<number | null> {
  const key = laneKey(lane);
  const { passedNumber, passedTimeMs } = laneFromItem(await items.get({ table: TABLES.main, key }));
  if (passedNumber > 0) return passedTimeMs;
  // Fences stay until they have passed: the first one says since when the lane waits.
  const query = { table: TABLES.main, pk: key.pk, sk: { prefix: FENCE_PREFIX }, limit: 1 };
  const [first] = (await items.query(query)).items;
  return first === undefined ? null : fenceFromItem(first).timeMs;
}
