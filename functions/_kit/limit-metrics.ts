import { Counter } from 'prom-client';
import type { RefusalReason } from '../../shared/app/limits/rate-limiter.ts';
import type { MetricsRegistry } from './metrics.ts';

/** What limits tell of themselves. Whom they refuse is in no label: tenants are too many. */
export interface LimitMetrics {
  refused(refusal: {
    readonly resource: 'events' | 'requests';
    readonly reason: RefusalReason;
    readonly count: number;
  }): void;
  /** A bucket could not be reached. */
  outage(): void;
}

export function createLimitMetrics(registry: MetricsRegistry): LimitMetrics {
  const registers = [registry];
  const requests = new Counter({
    name: 'countinghouse_limit_requests_refused',
    help: 'Requests that a limit refused, by what they asked for and whose limit it was.',
    labelNames: ['resource', 'reason'] as const,
    registers,
  });
  const events = new Counter({
    name: 'countinghouse_limit_events_refused',
    help: 'Events of requests that a limit refused.',
    labelNames: ['reason'] as const,
    registers,
  });
  const outages = new Counter({
    name: 'countinghouse_limit_outages',
    help: 'Times that what is left of a limit could not be read or written.',
    registers,
  });
  return {
    refused: ({ resource, reason, count }) => {
      requests.inc({ resource, reason });
      if (resource === 'events') events.inc({ reason }, count);
    },
    outage: () => outages.inc(),
  };
}
