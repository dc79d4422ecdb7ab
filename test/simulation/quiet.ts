import { listDue } from '../../shared/app/due/list-due.ts';
import { listOpenChunks } from '../../shared/app/fences/pass-fences.ts';
import { laneStates } from '../../shared/app/fences/tenant-lanes.ts';
import { OPEN_JOBS_OWNER } from '../../shared/app/records/job.ts';
import { parkedPartition } from '../../shared/app/records/parked-part.ts';
import { ATTRIBUTIONS_OWNER } from '../../shared/app/records/pending-attribution.ts';
import { INDEXES, TABLES } from '../../shared/contracts/names.ts';
import type { Stage } from './actors/actor.ts';

/**
 * Whether nothing is under way: no chunk is open, nothing is parked, no job runs, and a fence that was drawn since has passed.
 * What belongs to `besides` and all jobs may wait, where a tenant is named.
 */
export async function isQuiet(
  { world, tenants }: Stage,
  sinceMs: number,
  besides?: { readonly key: string },
): Promise<boolean> {
  const { items } = world.stores;
  if ((await listOpenChunks(items)).length > 0) return false;
  for (const pk of besides === undefined ? [OPEN_JOBS_OWNER, ATTRIBUTIONS_OWNER] : []) {
    const open = await items.query({ table: TABLES.main, index: INDEXES.byOwner, pk, limit: 1 });
    if (open.items.length > 0) return false;
  }
  for (const { key } of tenants) {
    const lanes = await laneStates(items, key);
    if (lanes.some(({ passedTimeMs }) => passedTimeMs < sinceMs)) return false;
    const parked = await items.query({ table: TABLES.main, pk: parkedPartition(key), limit: 1 });
    if (key !== besides?.key && parked.items.length > 0) return false;
  }
  return true;
}

/** Whether nothing is left to do of what is due by now in real time. */
export async function isNothingDue({ world, tenants }: Stage): Promise<boolean> {
  const { items } = world.stores;
  const untilMs = world.scheduler.nowMs();
  for (const { key: tenant } of tenants.filter(({ mode }) => mode === 'live')) {
    if ((await listDue(items, { tenant, untilMs, limit: 1 })).records.length > 0) return false;
  }
  return true;
}
