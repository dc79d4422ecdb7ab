import { INDEXES, TABLES } from '../../contracts/names.ts';
import { utcDayOf } from '../../domain/metering/generations.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { formatInstant } from '../../kernel/time.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import type { ConfigurationDeps } from '../commit.ts';
import { hasParkedRows } from '../fences/watermark.ts';
import { readGenerations } from '../generations/generation-store.ts';
import { queryAll } from '../query-all.ts';
import {
  DIRTY_HOURS_OWNER,
  type DirtyHour,
  dirtyHourFromItem,
  dirtyPartition,
} from '../records/dirty-hour.ts';
import type { GenerationRecord } from '../records/generation.ts';
import { openRebuildKey } from '../records/open-rebuild.ts';
import { readTenant } from '../tenants/read-tenant.ts';
import { beginRebuild, isOver } from './rebuild-meter.ts';

const DAY_MS = 86_400_000;

interface MeterDays {
  readonly tenant: string;
  readonly meter: string;
  readonly days: readonly number[];
}

/**
 * Begins rebuilds of days with dirty hours that are over, the oldest first, one of a meter at a time and some of them a call.
 * Answers how many.
 */
export function startRebuilds(deps: ConfigurationDeps): () => Promise<number> {
  const begin = beginRebuild(deps);
  return async () => {
    const tenants = new Map<string, Promise<number | null>>();
    let begun = 0;
    for (const marked of (await markedMeters(deps.items)).values()) {
      if (begun >= LIMITS.rebuildsPerRun) return begun;
      const { tenant } = marked;
      const present = tenants.get(tenant) ?? presentOf(deps, tenant);
      tenants.set(tenant, present);
      const days = await daysToRebuild(deps, marked, await present);
      if (days.length === 0) continue;
      // Where it fails, somebody else has begun one, or the next call does.
      if ((await begin({ ...marked, days })).ok) begun += 1;
    }
    return begun;
  };
}

/** By meter, those with the earliest dirty hours first. The index may lag: it only shows whom to ask. */
async function markedMeters(items: ItemStore): Promise<ReadonlyMap<string, MeterDays>> {
  const query = { table: TABLES.main, index: INDEXES.byOwner, pk: DIRTY_HOURS_OWNER };
  const marked = (await queryAll(items, query, LIMITS.dirtyHoursPerRun)).map(dirtyHourFromItem);
  const meters = new Map<string, MeterDays & { readonly days: number[] }>();
  for (const { tenant, meter, hourMs } of marked) {
    const key = JSON.stringify([tenant, meter]);
    const known = meters.get(key) ?? { tenant, meter, days: [] };
    const dayMs = utcDayOf(hourMs);
    if (known.days.at(-1) !== dayMs) known.days.push(dayMs);
    meters.set(key, known);
  }
  return meters;
}

/** The tenant's present; null where nothing can be rebuilt: rows that a store refuses would hold the job up. */
async function presentOf(deps: ConfigurationDeps, tenant: string): Promise<number | null> {
  const record = await readTenant(deps.items, tenant);
  if (record === undefined || (await hasParkedRows(deps.items, tenant))) return null;
  return record.clockMs ?? deps.clock.nowMs();
}

async function daysToRebuild(
  deps: ConfigurationDeps,
  { tenant, meter, days }: MeterDays,
  presentMs: number | null,
): Promise<readonly number[]> {
  const over = days.filter((dayMs) => presentMs !== null && isOver(dayMs, presentMs));
  const [firstMs] = over;
  if (firstMs === undefined) return [];
  const { items } = deps;
  const open = await items.get({ table: TABLES.main, key: openRebuildKey(tenant, meter) });
  if (open !== undefined) return [];
  const near = over.filter((dayMs) => dayMs < firstMs + LIMITS.rebuildDaysMax * DAY_MS);
  const generations = await readGenerations(items, { tenant, meter, days: near });
  const nowMs = deps.clock.nowMs();
  const rested = near.filter((dayMs) => hasRested(generations.get(dayMs) ?? null, nowMs));
  const marked = await markedDays(items, { tenant, meter, days: near });
  return rested.filter((dayMs) => marked.has(dayMs));
}

/** A day that becomes dirty again and again is rebuilt ever more seldom: each time all of it is counted once more. */
function hasRested(generation: GenerationRecord | null, nowMs: number): boolean {
  if (generation === null || generation.flippedAtMs === null) return true;
  const restMs = Math.min(LIMITS.rebuildRestMaxMs, LIMITS.rebuildRestMs * generation.current);
  return generation.flippedAtMs + restMs <= nowMs;
}

async function markedDays(
  items: ItemStore,
  { tenant, meter, days }: MeterDays,
): Promise<ReadonlySet<number>> {
  const marked = await queryAll(items, {
    table: TABLES.main,
    pk: dirtyPartition(tenant, meter),
    sk: { from: formatInstant(Math.min(...days)), to: formatInstant(Math.max(...days) + DAY_MS - 1) },
  });
  return new Set(marked.map((item): DirtyHour['hourMs'] => utcDayOf(dirtyHourFromItem(item).hourMs)));
}
