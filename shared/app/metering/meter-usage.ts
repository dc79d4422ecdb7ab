import { defined } from '../../kernel/assert.ts';
import type { Result } from '../../kernel/result.ts';
import type { AnalyticsReader } from '../../ports/analytics.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { completeThrough } from '../fences/watermark.ts';
import { readMeter } from '../meters/read-meter.ts';
import { readTenant } from '../tenants/read-tenant.ts';
import { queryUsage, type UsageAnswer } from './query-usage.ts';
import { readRollupState } from './rollup-state.ts';
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
    rollupState: (range) => readRollupState(deps.items, range),
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
