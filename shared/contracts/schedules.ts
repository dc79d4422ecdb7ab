/** What runs again and again: EventBridge Scheduler on AWS, ticks of the embedded server. Intervals in ms. */
export const SCHEDULES = {
  issueFences: { everyMs: 10_000 },
  runJobs: { everyMs: 10_000 },
  /** As often as fences: each one that passes may bring something to price. */
  priceUsage: { everyMs: 10_000 },
  runDue: { everyMs: 60_000 },
  sweepChunks: { everyMs: 60_000 },
  trimStores: { everyMs: 3_600_000 },
} as const;
