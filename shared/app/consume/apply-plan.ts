import type { ChunkPlan } from '../../domain/metering/chunk-plan.ts';
import type { UsageRow } from '../../domain/metering/rows.ts';
import { monthPartition } from '../../kernel/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { touchPeriods } from '../invoicing/touch-periods.ts';
import { markHoursDirty } from './mark-dirty.ts';

/**
 * What a plan changes besides the tables, before any of its rows are there; done again, it changes nothing. Rollups cannot
 * take rows back, so hours that lose one are answered from the rows. What changes events that were counted before may be of
 * any time: closed periods are counted again once the fence behind the rows has passed.
 */
export async function applyPlan(
  deps: { readonly items: ItemStore; readonly clock: Clock },
  plan: ChunkPlan,
): Promise<void> {
  const { usage } = plan.rows;
  await markHoursDirty(
    deps.items,
    usage.filter(({ sign }) => sign < 0),
  );
  if (!plan.anyTime) return;
  const touch = touchPeriods(deps);
  for (const rows of Map.groupBy(usage, touchedTogether).values()) await touch(rangeOf(rows));
}

/** By month, so that two rows of different years do not touch the time between them. */
function touchedTogether({ tenant, customer, meter, timeMs }: UsageRow): string {
  return JSON.stringify([tenant, customer, meter, monthPartition(timeMs)]);
}

function rangeOf(rows: readonly UsageRow[]): Parameters<ReturnType<typeof touchPeriods>>[0] {
  const [first] = rows;
  const times = rows.map(({ timeMs }) => timeMs);
  return {
    tenant: first?.tenant ?? '',
    customer: first?.customer ?? '',
    meter: first?.meter ?? '',
    fromMs: Math.min(...times),
    toMs: Math.max(...times) + 1,
    belowFence: Math.max(...rows.map(({ fence }) => fence)) + 1,
  };
}
