import type { AnalyticsWriter } from '../../ports/analytics.ts';
import type { Clock } from '../../ports/clock.ts';
import { StoreError } from '../../ports/store-error.ts';

const FAILURES_TO_OPEN = 3;
const OPEN_MS = 10_000;

/**
 * Spares a consumer the waiting while analytics is down: after three outages in a row every call fails at once, known
 * not to have been done, for ten seconds; then one call tries again. Refused rows are no outage.
 */
export function withBreaker(deps: {
  readonly writer: AnalyticsWriter;
  readonly clock: Clock;
}): AnalyticsWriter & { readonly isDown: () => boolean } {
  let failures = 0;
  let closedFromMs = 0;

  async function guard<T>(call: () => Promise<T>): Promise<T> {
    if (deps.clock.nowMs() < closedFromMs) {
      const message = 'analytics was down a moment ago';
      throw new StoreError({ message, outcome: 'not_done', reason: 'unreachable' });
    }
    try {
      const value = await call();
      failures = 0;
      return value;
    } catch (thrown) {
      failures = isOutage(thrown) ? failures + 1 : 0;
      if (failures >= FAILURES_TO_OPEN) closedFromMs = deps.clock.nowMs() + OPEN_MS;
      throw thrown;
    }
  }

  const { writer } = deps;
  return {
    /** From the outage that opened it until a call succeeds. */
    isDown: () => failures >= FAILURES_TO_OPEN,
    insert: (part) => guard(() => writer.insert(part)),
    hasEnded: (tokenPrefix) => guard(() => writer.hasEnded(tokenPrefix)),
    partContents: (address) => guard(() => writer.partContents(address)),
    removePart: (address) => guard(() => writer.removePart(address)),
    putPriced: (rows) => guard(() => writer.putPriced(rows)),
    // A fold that takes too long is no outage, and holds nobody's rows up.
    fold: (input) => writer.fold(input),
  };
}

function isOutage(thrown: unknown): boolean {
  return thrown instanceof StoreError && (thrown.reason === 'unreachable' || thrown.reason === 'timeout');
}
