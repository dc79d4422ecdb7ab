import { defined } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { readTenant } from './read-tenant.ts';

/**
 * Whether a tenant chose `packed-by-time`. The choice never changes, so what was read once stays right: a process asks once
 * for each of its latest tenants.
 */
export function createPackedByTime(deps: {
  readonly items: ItemStore;
}): (tenant: string) => Promise<boolean> {
  const known = new Map<string, boolean>();
  return async (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const { claims } = defined(await readTenant(deps.items, key), `tenant ${key}`);
    const isPacked = claims === 'packed-by-time';
    known.set(key, isPacked);
    if (known.size > LIMITS.claimsChoicesKept) {
      known.delete(defined(known.keys().next().value, 'the first tenant'));
    }
    return isPacked;
  };
}
