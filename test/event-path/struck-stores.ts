import type { Stores } from '../../local/stores.ts';
import { StoreError } from '../../shared/ports/store-error.ts';

/**
 * What becomes of one call of a process: it fails before anything happened, its answer is lost, the process is gone before or
 * after it, or something else happens just before it.
 */
export const STRIKES = ['fails', 'loses_answer', 'killed_before', 'killed_after', 'interrupted'] as const;

export interface Strike {
  /** The n-th of all calls, from 1. */
  readonly call: number;
  readonly how: (typeof STRIKES)[number];
  /** What happens when it is interrupted. */
  readonly meanwhile?: () => Promise<void>;
}

const never = new Promise<never>(() => undefined);

/** The stores as one process sees them, with every call counted. */
export function createStruckStores(stores: Stores, strike: Strike | null) {
  const killed = Promise.withResolvers<'killed'>();
  const state = { calls: 0, isGone: false };
  const call = async <T>(operation: () => Promise<T>): Promise<T> => {
    if (state.isGone) return await never;
    state.calls += 1;
    if (strike === null || state.calls !== strike.call) return await operation();
    const { how } = strike;
    if (how === 'interrupted') await strike.meanwhile?.();
    if (how === 'fails') throw new StoreError({ message: 'struck', outcome: 'unknown', reason: 'other' });
    if (how === 'killed_before') return await end();
    const answer = await operation();
    if (how === 'killed_after') return await end();
    if (how === 'loses_answer') {
      throw new StoreError({ message: 'the answer is lost', outcome: 'unknown', reason: 'timeout' });
    }
    return answer;
  };
  const end = async () => {
    state.isGone = true;
    killed.resolve('killed');
    return await never;
  };
  const { items, objects, stream, analytics } = stores;
  const seen = {
    items: through(items, call),
    objects: through(objects, call),
    stream: through(stream, call),
    analytics: through(analytics, call),
  };
  return { stores: seen, killed: killed.promise, calls: () => state.calls };
}

type Call = <T>(operation: () => Promise<T>) => Promise<T>;

function through<P extends object>(port: P, call: Call): P {
  return new Proxy(port, {
    get: (target, method) => {
      const operation: unknown = Reflect.get(target, method);
      if (typeof operation !== 'function') return operation;
      return (...input: unknown[]) => call(async () => await Reflect.apply(operation, target, input));
    },
  });
}
