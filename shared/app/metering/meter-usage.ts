import { TABLES } from '../../contracts/names.ts';
import { defined } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { Result } from '../../kernel/result.ts';
import { formatInstant } from '../../kernel/time.ts';
import type { AnalyticsReader } from '../../ports/analytics.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { completeThrough } from '../fences/watermark.ts';
import { readMeter } from '../meters/read-meter.ts';
import { dirtyHourFromItem, dirtyPartition } from '../records/dirty-hour.ts';
import { readTenant } from '../tenants/read-tenant.ts';
import { queryUsage, type UsageAnswer } from './query-usage.ts';
import type { UsageInput } from './usage-question.ts';

interface MeterUsageDeps {
  readonly items: ItemStore;
  readonly analytics: Pick<AnalyticsReader, 'usage' | 'usageGroups'>;
}

export type MeterUsageInput = Omit<UsageInput, 'meter'> & {
  /** The meter's key; archived meters keep their usage. */
  readonly meter: string;
};

/** Usage of one of the tenant's meters, as far as it is counted. Errors `meter.not_found` and those of `queryUsage`. */
export function queryMeterUsage(
  deps: MeterUsageDeps,
): (input: MeterUsageInput) => Promise<Result<UsageAnswer>> {
  const query = queryUsage({
    reader: deps.analytics,
    dirtyHours: (range) => readDirtyHours(deps.items, range),
    completeThrough: async (tenant) => {
      const record = defined(await readTenant(deps.items, tenant), `tenant ${tenant}`);
      return await completeThrough(deps.items, record);
    },
  });
  return async (input) => {
    const meter = await readMeter({ items: deps.items, tenant: input.tenant, key: input.meter });
    if (!meter.ok) return meter;
    const { key, definition } = meter.value;
    const { aggregation, groupBy } = definition;
    return await query({ ...input, meter: { key, aggregation, groupBy: Object.keys(groupBy) } });
  };
}

async function readDirtyHours(
  items: ItemStore,
  range: { readonly tenant: string; readonly meter: string; readonly fromMs: number; readonly toMs: number },
): Promise<readonly number[]> {
  const found: number[] = [];
  let next: string | undefined;
  do {
    const page = await items.query({
      table: TABLES.main,
      pk: dirtyPartition(range.tenant, range.meter),
      sk: { from: formatInstant(range.fromMs), to: formatInstant(range.toMs - 1) },
      limit: LIMITS.queryItems,
      ...(next === undefined ? {} : { startAfter: next }),
    });
    found.push(...page.items.map(dirtyHourFromItem));
    next = page.next;
  } while (next !== undefined);
  return found;
}
