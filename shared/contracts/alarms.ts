const MINUTE_MS = 60_000;

/** When somebody must look: a measured value that is never right for long. */
interface Alarm {
  readonly name: string;
  /** As it is scraped. */
  readonly metric: string;
  /** Which of its series; all together where there are more. */
  readonly labels?: Readonly<Record<string, string>>;
  /** `level`: the least value within the time. `increase`: by how much it rose within it. */
  readonly statistic: 'level' | 'increase';
  readonly above: number;
  readonly withinMs: number;
  /** The section of `lib/RUNBOOK.md` that says what to do, as its address. */
  readonly runbook: string;
}

/** Every condition that wakes somebody, wherever countinghouse runs. */
export const ALARMS: readonly Alarm[] = [
  {
    name: 'chunks-open',
    metric: 'countinghouse_chunk_oldest_open_seconds',
    ...{ statistic: 'level', above: 300, withinMs: 5 * MINUTE_MS },
    runbook: 'chunks-stay-open',
  },
  {
    name: 'parts-parked',
    metric: 'countinghouse_parts_parked',
    ...{ statistic: 'level', above: 0, withinMs: 2 * MINUTE_MS },
    runbook: 'parts-are-parked',
  },
  {
    name: 'fence-lag',
    metric: 'countinghouse_fence_lag_seconds',
    ...{ statistic: 'level', above: 180, withinMs: 5 * MINUTE_MS },
    runbook: 'fences-do-not-pass',
  },
  {
    name: 'analytics-down',
    metric: 'countinghouse_analytics_down',
    ...{ statistic: 'level', above: 0, withinMs: 5 * MINUTE_MS },
    runbook: 'analytics-is-down',
  },
  {
    name: 'ingest-unavailable',
    metric: 'countinghouse_http_requests_total',
    labels: { operation: 'ingestEvents', status: '503' },
    ...{ statistic: 'increase', above: 0, withinMs: 5 * MINUTE_MS },
    runbook: 'events-are-not-taken',
  },
  {
    name: 'limits-unknown',
    metric: 'countinghouse_limit_outages_total',
    ...{ statistic: 'increase', above: 10, withinMs: 5 * MINUTE_MS },
    runbook: 'limits-cannot-be-read',
  },
  {
    name: 'disk-full',
    metric: 'countinghouse_store_outages_total',
    labels: { reason: 'disk_full' },
    ...{ statistic: 'increase', above: 0, withinMs: 5 * MINUTE_MS },
    runbook: 'events-are-not-taken',
  },
  {
    name: 'lines-quarantined',
    metric: 'countinghouse_invoice_lines_unbilled',
    ...{ statistic: 'level', above: 0, withinMs: MINUTE_MS },
    runbook: 'invoice-lines-are-quarantined',
  },
  {
    name: 'lines-fail',
    metric: 'countinghouse_invoice_lines_quarantined_total',
    ...{ statistic: 'increase', above: 0, withinMs: 5 * MINUTE_MS },
    runbook: 'invoice-lines-are-quarantined',
  },
  {
    name: 'charges-unpriced',
    metric: 'countinghouse_charges_unpriced_total',
    ...{ statistic: 'increase', above: 0, withinMs: 5 * MINUTE_MS },
    runbook: 'charges-are-not-priced',
  },
  {
    name: 'pricing-fails',
    metric: 'countinghouse_pricing_failures_total',
    ...{ statistic: 'increase', above: 2, withinMs: 15 * MINUTE_MS },
    runbook: 'charges-are-not-priced',
  },
  {
    name: 'due-late',
    metric: 'countinghouse_due_oldest_seconds',
    ...{ statistic: 'level', above: 3_600, withinMs: 5 * MINUTE_MS },
    runbook: 'invoices-are-late',
  },
  {
    name: 'due-runs-fail',
    metric: 'countinghouse_due_runs_failed_total',
    ...{ statistic: 'increase', above: 2, withinMs: 15 * MINUTE_MS },
    runbook: 'invoices-are-late',
  },
  {
    name: 'executions-fail',
    metric: 'countinghouse_executions_ended_total',
    labels: { status: 'failed' },
    ...{ statistic: 'increase', above: 0, withinMs: 15 * MINUTE_MS },
    runbook: 'invoices-are-late',
  },
  {
    name: 'invoice-pages-given-up',
    metric: 'countinghouse_invoice_pages_failed_total',
    ...{ statistic: 'increase', above: 0, withinMs: 15 * MINUTE_MS },
    runbook: 'invoices-are-late',
  },
  {
    name: 'tasks-fail',
    metric: 'countinghouse_tasks_failed_total',
    ...{ statistic: 'increase', above: 2, withinMs: 15 * MINUTE_MS },
    runbook: 'scheduled-tasks-fail',
  },
];
