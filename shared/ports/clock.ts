/** Wall time. It rules claims, retention, tokens and fences; a tenant's own clock rules the rest. */
export interface Clock {
  /** Epoch milliseconds, UTC, integer. */
  nowMs(): number;
  sleep(ms: number): Promise<void>;
}
