import { ulidTimeMs, uuidTimeMs } from '../../kernel/ids.ts';
import { LIMITS } from '../../kernel/limits.ts';

/**
 * The time that an id carries: of a UUIDv7 or a ULID, in either case, whose time lies in [2020, 2100), epoch ms; null for
 * any other id. What its maker says, never a clock: it names a place to look for the id, and how long the id can come again.
 */
export function idTimeMs(id: string): number | null {
  const timeMs = uuidTimeMs(id) ?? ulidTimeMs(id);
  if (timeMs === null || timeMs < LIMITS.idTimeEarliestMs || timeMs >= LIMITS.idTimeEndMs) return null;
  return timeMs;
}

/** Whether the id carries a time so far back that nobody remembers any more whether it came before. `nowMs`: wall time. */
export function isIdTooOld(id: string, nowMs: number): boolean {
  const timeMs = idTimeMs(id);
  return timeMs !== null && timeMs < nowMs - LIMITS.claimHorizonMs;
}
