import { defined } from '../../kernel/assert.ts';
import { hasParkedRows, readWatermark } from '../fences/watermark.ts';
import { readTenant } from '../tenants/read-tenant.ts';
import type { PricingDeps } from './pricing-deps.ts';

/** As of when amounts are made. */
export interface PricingMoment {
  readonly tenant: string;
  /** Has passed, and everything ahead of it is counted. */
  readonly fence: number;
  /** The tenant's present. */
  readonly nowMs: number;
  /** Wall time, read before subscriptions and plans are. */
  readonly pricedAtMs: number;
}

/** The last fence of which everything is counted; null before the first one has passed, and while rows are parked. */
export async function readCountedFence({ items }: PricingDeps, tenant: string): Promise<number | null> {
  const watermark = await readWatermark(items, tenant);
  return watermark === null || (await hasParkedRows(items, tenant)) ? null : watermark.fence;
}

export async function momentOf(
  { items, clock }: PricingDeps,
  tenant: string,
  fence: number,
): Promise<PricingMoment> {
  const { clockMs } = defined(await readTenant(items, tenant), `tenant ${tenant}`);
  const pricedAtMs = clock.nowMs();
  return { tenant, fence, nowMs: clockMs ?? pricedAtMs, pricedAtMs };
}
