import { createBillingMetrics } from '../functions/_kit/billing-metrics.ts';
import { createLimitMetrics } from '../functions/_kit/limit-metrics.ts';
import { createHttpMetrics, createMetricsRegistry } from '../functions/_kit/metrics.ts';
import { createPathMetrics } from '../functions/_kit/path-metrics.ts';
import { createPricingMetrics } from '../functions/_kit/pricing-metrics.ts';
import type { Clock } from '../shared/ports/clock.ts';

/** Everything that this process measures, in one registry. */
export function createMetrics(deps: { readonly clock: Pick<Clock, 'nowMs'> }) {
  const registry = createMetricsRegistry();
  return {
    registry,
    http: createHttpMetrics(registry),
    path: createPathMetrics({ registry, clock: deps.clock }),
    billing: createBillingMetrics(registry),
    pricing: createPricingMetrics({ registry, clock: deps.clock }),
    limits: createLimitMetrics(registry),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
