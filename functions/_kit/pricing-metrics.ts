import { Counter, Gauge } from 'prom-client';
import type { PricingRun } from '../../shared/app/pricing/price-usage.ts';
import type { MetricsRegistry } from './metrics.ts';

/** What pricing tells of itself. */
export interface PricingMetrics {
  priced(run: PricingRun): void;
}

/** Amounts are numbers here and nowhere else: they are looked at, not added up. */
export function createPricingMetrics(deps: {
  readonly registry: MetricsRegistry;
  readonly clock: { nowMs(): number };
}): PricingMetrics {
  const { clock } = deps;
  const registers = [deps.registry];
  const revenue = new Gauge({
    name: 'countinghouse_revenue_per_second',
    help: 'By how much priced amounts changed in the last run of pricing, divided by the seconds since the run before.',
    labelNames: ['currency'] as const,
    registers,
  });
  const rows = new Counter({
    name: 'countinghouse_charges_priced',
    help: 'Amounts of charges written, also where they did not change.',
    registers,
  });
  const unpriced = new Counter({
    name: 'countinghouse_charges_unpriced',
    help: 'Times a charge could not be priced; there should be none.',
    registers,
  });
  const failures = new Counter({
    name: 'countinghouse_pricing_failures',
    help: 'Times the usage of a tenant could not be priced; it is tried again.',
    registers,
  });
  const seen = new Set<string>();
  let lastMs = clock.nowMs();
  return {
    priced: (run) => {
      const nowMs = clock.nowMs();
      const seconds = Math.max(nowMs - lastMs, 1) / 1000;
      lastMs = nowMs;
      for (const currency of run.changes.keys()) seen.add(currency);
      for (const currency of seen) {
        revenue.set({ currency }, Number(run.changes.get(currency) ?? 0) / seconds);
      }
      rows.inc(run.rows);
      unpriced.inc(run.unpriced);
      failures.inc(run.failures);
    },
  };
}
