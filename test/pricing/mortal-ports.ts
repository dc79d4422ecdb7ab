import { StoreError } from '../../shared/ports/store-error.ts';
import type { Ports } from './pricing-world.ts';

type Call = () => Promise<unknown>;

/** The ports of one process, each call handed to `around`. */
function aroundCalls(ports: Ports, around: (call: Call, name: string) => Promise<unknown>): Ports {
  const wrap = <T extends object>(port: T): T =>
    new Proxy(port, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (...input: readonly unknown[]) =>
          around(async () => await method.apply(target, input), String(name));
      },
    });
  return { items: wrap(ports.items), analytics: wrap(ports.analytics) };
}

/** A process that is killed before or after its n-th call: from then on nothing that it does has any effect. */
export function killedAt(
  ports: Ports,
  kill: { readonly call: number; readonly when: 'before' | 'after' },
): Ports {
  let calls = 0;
  return aroundCalls(ports, async (call) => {
    calls += 1;
    if (calls < kill.call) return await call();
    if (calls === kill.call && kill.when === 'after') await call();
    throw new StoreError({ message: 'the process was killed', outcome: 'unknown', reason: 'other' });
  });
}

/** A process that stands still before its n-th call until it is let go: others run meanwhile. */
export function stalledAt(ports: Ports, at: number): { readonly ports: Ports; letGo(): void } {
  const gate = Promise.withResolvers<void>();
  let calls = 0;
  const slow = aroundCalls(ports, async (call) => {
    calls += 1;
    if (calls >= at) await gate.promise;
    return await call();
  });
  return { ports: slow, letGo: gate.resolve };
}

/** A process whose calls are told of. */
export function watched(ports: Ports, onCall: (name: string) => void): Ports {
  return aroundCalls(ports, async (call, name) => {
    onCall(name);
    return await call();
  });
}
