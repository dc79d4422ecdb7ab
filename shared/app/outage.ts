import type { ErrorCode } from '../kernel/errors.ts';
import { StoreError } from '../ports/store-error.ts';

/** What a client and the log are told when a store could not answer. The outcome of a write may be unknown. */
export interface Outage {
  readonly code: ErrorCode;
  readonly outcome: StoreError['outcome'];
  readonly reason: StoreError['reason'];
}

/** Null for anything thrown that is no outage. */
export function outageOf(thrown: unknown): Outage | null {
  if (!(thrown instanceof StoreError)) return null;
  const { outcome, reason } = thrown;
  return { code: reason === 'disk_full' ? 'storage.full' : 'service.unavailable', outcome, reason };
}
