import { Counter, Histogram, type OpenMetricsContentType, Registry } from 'prom-client';

export type MetricsRegistry = Registry<OpenMetricsContentType>;

/** A registry that writes OpenMetrics. Label values are names of ours, never what a client sent. */
export function createMetricsRegistry(): MetricsRegistry {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}

export interface HttpMetrics {
  observe(request: {
    readonly operation: string;
    readonly status: number;
    readonly durationMs: number;
  }): void;
  /** A request met a store that could not answer. */
  outage(reason: string): void;
}

const BUCKETS_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

export function createHttpMetrics(registry: MetricsRegistry): HttpMetrics {
  const labelNames = ['operation', 'status'] as const;
  const registers = [registry];
  const requests = new Counter({
    name: 'countinghouse_http_requests',
    help: 'HTTP requests answered.',
    labelNames,
    registers,
  });
  const seconds = new Histogram({
    name: 'countinghouse_http_request_seconds',
    help: 'Time from event to answer.',
    labelNames: ['operation'] as const,
    buckets: BUCKETS_SECONDS,
    registers,
  });
  const outages = new Counter({
    name: 'countinghouse_store_outages',
    help: 'Times a request met a store that could not answer, by why.',
    labelNames: ['reason'] as const,
    registers,
  });
  return {
    outage: (reason) => outages.inc({ reason }),
    observe: ({ operation, status, durationMs }) => {
      requests.inc({ operation, status: String(status) });
      seconds.observe({ operation }, durationMs / 1000);
    },
  };
}
