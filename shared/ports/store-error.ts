/**
 * A store could not answer. `outcome` tells what is known of a write: 'unknown' (it may have happened), 'refused'
 * (the store saw it and will never take it as it is) or 'not_done' (it certainly did not happen; try again).
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly outcome: 'unknown' | 'refused' | 'not_done';
  readonly reason: 'throttled' | 'disk_full' | 'unreachable' | 'timeout' | 'rejected' | 'other';

  constructor(input: {
    message: string;
    outcome: StoreError['outcome'];
    reason: StoreError['reason'];
    cause?: unknown;
  }) {
    super(input.message, { cause: input.cause });
    this.outcome = input.outcome;
    this.reason = input.reason;
  }
}
