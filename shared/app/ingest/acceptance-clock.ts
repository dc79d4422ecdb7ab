import { TABLES } from '../../contracts/names.ts';
import { assert, defined } from '../../kernel/assert.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { tenantFromItem, tenantKey } from '../records/tenant.ts';

const ATTEMPTS = 3;

/**
 * The present by which a tenant's events are accepted. A test tenant's clock can be set only until it has events,
 * so the first acceptance marks the tenant as in use, on the condition that the clock still stands where the events
 * were checked against it.
 */
export interface AcceptanceClock {
  /** Runs `check` with the tenant's present; once more if the clock was set meanwhile. */
  accept<T>(
    tenant: { readonly key: string; readonly mode: 'live' | 'test' },
    check: (nowMs: number) => { readonly value: T; readonly accepts: boolean },
  ): Promise<T>;
}

export function createAcceptanceClock(deps: {
  readonly items: ItemStore;
  readonly clock: Clock;
}): AcceptanceClock {
  return {
    accept: async (tenant, check) => {
      if (tenant.mode === 'live') return check(deps.clock.nowMs()).value;
      const key = tenantKey(tenant.key);
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const item = await deps.items.get({ table: TABLES.main, key });
        const { clockMs, inUse } = tenantFromItem(defined(item, `tenant ${tenant.key}`));
        const { value, accepts } = check(clockMs ?? deps.clock.nowMs());
        if (inUse || !accepts) return value;
        const marked = await deps.items.update({
          table: TABLES.main,
          key,
          changes: { set: { inUse: true } },
          condition:
            clockMs === null
              ? { kind: 'attribute_absent', name: 'clockMs' }
              : { kind: 'equal', name: 'clockMs', value: clockMs },
        });
        if (marked.ok) return value;
      }
      assert(false, `the clock of ${tenant.key} was set ${ATTEMPTS} times during one request`);
    },
  };
}
