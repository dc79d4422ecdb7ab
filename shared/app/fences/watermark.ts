import { TABLES } from '../../contracts/names.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { queryAll } from '../query-all.ts';
import { parkedFromItem, parkedPartition } from '../records/parked-part.ts';
import { laneStates } from './tenant-lanes.ts';

/** How far a tenant's usage is complete: the number of the last fence passed in all its lanes, and its instant. */
export interface Watermark {
  readonly fence: number;
  readonly timeMs: number;
}

/** Null before the first fence has passed. Parked rows of the tenant hold it back. */
export async function readWatermark(items: ItemStore, tenant: string): Promise<Watermark | null> {
  const states = await laneStates(items, tenant);
  const fence = Math.min(...states.map((state) => state.passedNumber));
  if (fence === 0) return null;
  const timeMs = Math.min(...states.map((state) => state.passedTimeMs));
  const parked = await queryAll(items, { table: TABLES.main, pk: parkedPartition(tenant) });
  const heldBack = parked.map((item) => parkedFromItem(item).watermarkMs);
  return { fence, timeMs: Math.min(timeMs, ...heldBack) };
}

/** Whether a store refuses rows of the tenant: then what is counted is not all, whichever fence has passed. */
export async function hasParkedRows(items: ItemStore, tenant: string): Promise<boolean> {
  const parked = await items.query({ table: TABLES.main, pk: parkedPartition(tenant), limit: 1 });
  return parked.items.length > 0;
}

/**
 * What answers call `completeThrough`, epoch ms: the watermark, or for a test tenant whose clock stands still that clock,
 * once a fence drawn after it was set has passed and no rows are parked: where they lie on that clock nobody knows.
 */
export async function completeThrough(
  items: ItemStore,
  tenant: { readonly key: string; readonly clockMs: number | null; readonly clockFence: number | null },
): Promise<number | null> {
  const watermark = await readWatermark(items, tenant.key);
  if (watermark === null || tenant.clockMs === null) return watermark?.timeMs ?? null;
  if (tenant.clockFence === null || watermark.fence < tenant.clockFence) return null;
  return (await hasParkedRows(items, tenant.key)) ? null : tenant.clockMs;
}
