/** Wall time. It rules claims, retention, tokens and fences; a tenant's own clock rules the rest. */
export interface Clock {
  /** Epoch milliseconds, UTC, integer. */
  nowMs(): number;
  /** Resolves after that time, or as soon as `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
