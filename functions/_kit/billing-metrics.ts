import { Counter, Gauge } from 'prom-client';
import type { MetricsRegistry } from './metrics.ts';

/** What the making of invoices tells of itself. */
export interface BillingMetrics {
  quarantined(): void;
  unbilled(lines: number): void;
  /** `pagesFailed`: of a run that went on without them. */
  executionEnded(ended: {
    readonly machine: string;
    readonly status: string;
    readonly pagesFailed: number;
  }): void;
  dueRunFailed(): void;
  oldestDue(ageMs: number): void;
}

export function createBillingMetrics(registry: MetricsRegistry): BillingMetrics {
  const registers = [registry];
  const counters = createCounters(registry);
  const unbilled = new Gauge({
    name: 'countinghouse_invoice_lines_unbilled',
    help: 'Invoice lines that could not be made and are on no invoice yet; there should be none.',
    registers,
  });
  const oldestDue = new Gauge({
    name: 'countinghouse_due_oldest_seconds',
    help: 'How long the oldest thing that is due has been so, of tenants in real time; 0 where nothing is.',
    registers,
  });
  return {
    quarantined: () => counters.quarantined.inc(),
    unbilled: (lines) => unbilled.set(lines),
    executionEnded: ({ machine, status, pagesFailed }) => {
      counters.executions.inc({ machine, status });
      counters.pagesFailed.inc(pagesFailed);
    },
    dueRunFailed: () => counters.dueRunsFailed.inc(),
    oldestDue: (ageMs) => oldestDue.set(ageMs / 1000),
  };
}

function createCounters(registry: MetricsRegistry) {
  const registers = [registry];
  return {
    quarantined: new Counter({
      name: 'countinghouse_invoice_lines_quarantined',
      help: 'Times an invoice line could not be made: when drafted, when final, and at each later closing.',
      registers,
    }),
    executions: new Counter({
      name: 'countinghouse_executions_ended',
      help: 'Executions of state machines that ended, by how.',
      labelNames: ['machine', 'status'] as const,
      registers,
    }),
    pagesFailed: new Counter({
      name: 'countinghouse_invoice_pages_failed',
      help: 'Pages of up to 100 invoices that a run gave up; what they have stays due.',
      registers,
    }),
    dueRunsFailed: new Counter({
      name: 'countinghouse_due_runs_failed',
      help: 'Times what is due of a tenant could not be done; it stays due.',
      registers,
    }),
  };
}
