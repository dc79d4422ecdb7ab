import type { Clock } from '../../ports/clock.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { StoreError } from '../../ports/store-error.ts';
import { createRecentCache } from '../auth/recent-cache.ts';
import { readSubLanes } from '../fences/tenant-lanes.ts';

const TENANTS_MAX = 10_000;
const TTL_MS = 2_000;

/**
 * How many sub-lanes a tenant's producers use, remembered for two seconds. To use fewer than there are is always right, so
 * that a store that cannot answer stops nothing.
 */
export function createSubLaneCounts(deps: {
  readonly items: ItemStore;
  readonly clock: Clock;
}): (tenant: string) => Promise<number> {
  const recent = createRecentCache<number>({ clock: deps.clock, entriesMax: TENANTS_MAX, ttlMs: TTL_MS });
  return async (tenant) => {
    const known = recent.get(tenant);
    if (known !== undefined) return known;
    const sinceMs = deps.clock.nowMs();
    try {
      const { count } = await readSubLanes(deps.items, tenant);
      recent.set(tenant, count, sinceMs);
      return count;
    } catch (thrown) {
      if (!(thrown instanceof StoreError)) throw thrown;
      return 1;
    }
  };
}
