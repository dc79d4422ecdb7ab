import { TABLES } from '../../contracts/names.ts';
import { allLanes, type Lane, lanesOfTenant } from '../../domain/events/lane.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { queryAll } from '../query-all.ts';
import { type LaneState, laneFromItem, laneKey } from '../records/lane.ts';
import {
  FENCED_PARTITION,
  type SubLanesRecord,
  subLanesFromItem,
  subLanesKey,
} from '../records/sub-lanes.ts';

/** Strongly consistent. */
export async function readSubLanes(items: ItemStore, tenant: string): Promise<SubLanesRecord> {
  return subLanesFromItem(tenant, await items.get({ table: TABLES.main, key: subLanesKey(tenant) }));
}

/** Every lane that an envelope may lie in. */
export async function fencedLanes(items: ItemStore): Promise<readonly Lane[]> {
  const raised = await queryAll(items, { table: TABLES.main, pk: FENCED_PARTITION });
  return [...allLanes(), ...raised.map(({ sk }) => sk)];
}

/** Where a fence of the tenant goes: also into sub-lanes that are to be in force. */
export async function lanesToFence(items: ItemStore, tenant: string): Promise<readonly Lane[]> {
  const { count, pending } = await readSubLanes(items, tenant);
  return lanesOfTenant(tenant, pending ?? count);
}

/**
 * The states of all lanes that hold what the tenant was told is accepted. Sub-lanes are counted after the states were read:
 * whoever used one before a fence passed in the others, used it while it was in force.
 */
export async function laneStates(items: ItemStore, tenant: string): Promise<readonly LaneState[]> {
  let { count } = await readSubLanes(items, tenant);
  for (;;) {
    const states = await readStates(items, lanesOfTenant(tenant, count));
    const after = await readSubLanes(items, tenant);
    if (after.count === count) return states;
    count = after.count;
  }
}

export async function readStates(items: ItemStore, lanes: readonly Lane[]): Promise<readonly LaneState[]> {
  return await Promise.all(
    lanes.map(async (lane) => laneFromItem(await items.get({ table: TABLES.main, key: laneKey(lane) }))),
  );
}
