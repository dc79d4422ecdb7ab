import { INDEXES, TABLES } from '../../contracts/names.ts';
import { lanesOfTenant } from '../../domain/events/lane.ts';
import { appError } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { Condition, ItemStore } from '../../ports/item-store.ts';
import {
  fencedLaneToItem,
  RAISING_OWNER,
  type SubLanesRecord,
  subLanesToItem,
} from '../records/sub-lanes.ts';
import { readTenant } from '../tenants/read-tenant.ts';
import { laneStates, readStates, readSubLanes } from './tenant-lanes.ts';

const ATTEMPTS = 16;

/**
 * Asks for more sub-lanes of a large tenant; they are in force once a fence has passed in each, and never fewer again. The
 * same number again changes nothing. Errors `tenant.not_found`, `tenant.sub_lanes_lowered`.
 */
export function requestSubLanes(deps: {
  readonly items: ItemStore;
}): (input: { readonly tenant: string; readonly count: number }) => Promise<Result<SubLanesRecord>> {
  return async ({ tenant, count }) => {
    const { items } = deps;
    if ((await readTenant(items, tenant)) === undefined) return err(appError('tenant.not_found'));
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const read = await readSubLanes(items, tenant);
      const asked = read.pending ?? read.count;
      if (count < asked) return err(appError('tenant.sub_lanes_lowered'));
      if (count === asked) return ok(read);
      // The lanes before the wish: from here on every fence goes into them, whatever becomes of it.
      for (const lane of lanesOfTenant(tenant, count).slice(1)) {
        await items.put({ table: TABLES.main, item: fencedLaneToItem(lane) });
      }
      const next = { ...read, pending: count };
      if (await replace(items, read, next)) return ok(next);
    }
    return err(appError('service.unavailable'));
  };
}

/** Puts sub-lanes in force in which as much has passed as in the lanes before; answers how many tenants wait for that. */
export async function raiseSubLanes(items: ItemStore): Promise<number> {
  const page = await items.query({
    table: TABLES.main,
    index: INDEXES.byOwner,
    pk: RAISING_OWNER,
    limit: LIMITS.jobsPerRun,
  });
  let waiting = 0;
  for (const { ownerSk } of page.items) {
    if (!(await raise(items, String(ownerSk)))) waiting += 1;
  }
  return waiting;
}

/** Not before: or a tenant's watermark would go back. */
async function raise(items: ItemStore, tenant: string): Promise<boolean> {
  const read = await readSubLanes(items, tenant);
  if (read.pending === null) return true;
  const before = await laneStates(items, tenant);
  const after = await readStates(items, lanesOfTenant(tenant, read.pending));
  const lowest = (states: typeof before) => Math.min(...states.map(({ passedNumber }) => passedNumber));
  const isFenced = after.every(({ passedNumber }) => passedNumber > 0);
  if (!isFenced || lowest(after) < lowest(before)) return false;
  return await replace(items, read, { tenant, count: read.pending, pending: null });
}

async function replace(items: ItemStore, read: SubLanesRecord, next: SubLanesRecord): Promise<boolean> {
  const isNew = read.count === 1 && read.pending === null;
  const isAsRead: Condition = {
    kind: 'all',
    of: [
      { kind: 'equal', name: 'count', value: read.count },
      read.pending === null
        ? { kind: 'attribute_absent', name: 'pending' }
        : { kind: 'equal', name: 'pending', value: read.pending },
    ],
  };
  const condition: Condition = isNew ? { kind: 'any', of: [{ kind: 'item_absent' }, isAsRead] } : isAsRead;
  return (await items.put({ table: TABLES.main, item: subLanesToItem(next), condition })).ok;
}
