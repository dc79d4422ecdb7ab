import { createMemoryItems } from '../../shared/adapters/memory/items/memory-items.ts';
import { createRateLimiter, type RefusalReason } from '../../shared/app/limits/rate-limiter.ts';
import { NO_LIMITS, type RateLimits } from '../../shared/app/records/rate-limits.ts';
import type { TenantRecord } from '../../shared/app/records/tenant.ts';
import type { RateLimit } from '../../shared/domain/limits/token-bucket.ts';
import type { ItemStore } from '../../shared/ports/item-store.ts';
import { StoreError } from '../../shared/ports/store-error.ts';

export const START_MS = Date.UTC(2026, 10, 24, 12);

/** Processes with clocks of their own over one store, in virtual time. */
export function createRateWorld() {
  const memory = createMemoryItems();
  const time = { nowMs: START_MS };
  const store = { isDown: false };
  const reached = async <T>(work: () => Promise<T>): Promise<T> => {
    if (store.isDown) throw new StoreError({ message: 'down', outcome: 'unknown', reason: 'unreachable' });
    return await work();
  };
  const startProcess = (aheadMs = 0) => {
    const calls = { writes: 0, reads: 0 };
    const refusals: RefusalReason[] = [];
    let outages = 0;
    const items: ItemStore = {
      ...memory,
      get: (input) => {
        calls.reads += 1;
        return reached(() => memory.get(input));
      },
      put: (input) => {
        calls.writes += 1;
        return reached(() => memory.put(input));
      },
    };
    const take = createRateLimiter({
      items,
      clock: { nowMs: () => time.nowMs + aheadMs, sleep: async () => undefined },
      onRefused: ({ reason }) => void refusals.push(reason),
      onOutage: () => {
        outages += 1;
      },
    });
    return { take, calls, refusals, outages: () => outages };
  };
  return { memory, time, store, startProcess };
}

export type Process = ReturnType<ReturnType<typeof createRateWorld>['startProcess']>;

/** Somebody whose tenant, and whose key, may send so many events. */
export function callerWith(input: {
  readonly tenant?: RateLimit | null;
  readonly key?: RateLimit | null;
  readonly keyId?: string;
}) {
  const limits: RateLimits = { events: input.tenant ?? null, requests: null };
  return {
    keyId: input.keyId ?? 'key_1',
    tenant: { key: 'acme', limits } as TenantRecord,
    limits: { ...NO_LIMITS, events: input.key ?? null },
  };
}
