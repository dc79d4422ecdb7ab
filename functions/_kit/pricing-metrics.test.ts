import { expect, test } from 'vitest';
import type { PricingRun } from '../../shared/app/pricing/price-usage.ts';
import { decimal } from '../../shared/kernel/decimal.ts';
import { createMetricsRegistry } from './metrics.ts';
import { createPricingMetrics } from './pricing-metrics.ts';

function createWorld() {
  const registry = createMetricsRegistry();
  const time = { nowMs: 0 };
  const metrics = createPricingMetrics({ registry, clock: { nowMs: () => time.nowMs } });
  const run = (atMs: number, changes: Record<string, string>, fields: Partial<PricingRun> = {}) => {
    time.nowMs = atMs;
    const amounts = Object.entries(changes).map(([currency, amount]) => [currency, decimal(amount)] as const);
    metrics.priced({ rows: 0, unpriced: 0, failures: 0, changes: new Map(amounts), ...fields });
  };
  const value = async (line: string) => {
    const found = (await registry.metrics()).split('\n').find((text) => text.startsWith(`${line} `));
    return found === undefined ? null : Number(found.slice(line.length + 1));
  };
  const revenue = (currency: string) => value(`countinghouse_revenue_per_second{currency="${currency}"}`);
  return { run, value, revenue };
}

test('revenue per second is what amounts changed by, over the time since the run before, by currency', async () => {
  const { run, revenue } = createWorld();
  expect(await revenue('USD')).toBeNull();
  run(10_000, { USD: '25.5', KWD: '0.004' });
  expect([await revenue('USD'), await revenue('KWD')]).toEqual([2.55, 0.0004]);
  run(15_000, { USD: '-1' });
  expect([await revenue('USD'), await revenue('KWD')]).toEqual([-0.2, 0]);
  run(25_000, {});
  expect([await revenue('USD'), await revenue('KWD')]).toEqual([0, 0]);
});

test('two runs at one instant do not divide by zero', async () => {
  const { run, revenue } = createWorld();
  run(0, { USD: '2' });
  expect(await revenue('USD')).toBe(2_000);
});

test('amounts written, charges that could not be priced, and tenants that failed are counted', async () => {
  const { run, value } = createWorld();
  run(1, {}, { rows: 3, unpriced: 1, failures: 2 });
  run(2, {}, { rows: 4 });
  expect(await value('countinghouse_charges_priced_total')).toBe(7);
  expect(await value('countinghouse_charges_unpriced_total')).toBe(1);
  expect(await value('countinghouse_pricing_failures_total')).toBe(2);
});
