import { TABLES } from '../../contracts/names.ts';
import { defined } from '../../kernel/assert.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ItemStore, TransactionOperation } from '../../ports/item-store.ts';
import { type TenantRecord, tenantKey } from '../records/tenant.ts';
import { readTenant } from './read-tenant.ts';

/**
 * The tenant's present, and the operations that mark a test tenant as in use: they fail when its clock was set
 * meanwhile, so that what is written under this present never meets another one.
 */
export async function presentInUse(
  deps: { readonly items: ItemStore; readonly clock: Clock },
  tenant: Pick<TenantRecord, 'key' | 'mode'>,
): Promise<{ readonly nowMs: number; readonly operations: readonly TransactionOperation[] }> {
  if (tenant.mode === 'live') return { nowMs: deps.clock.nowMs(), operations: [] };
  const current = defined(await readTenant(deps.items, tenant.key), 'the tenant of the caller');
  const { clockMs, inUse } = current;
  const nowMs = clockMs ?? deps.clock.nowMs();
  if (inUse) return { nowMs, operations: [] };
  const mark: TransactionOperation = {
    op: 'update',
    table: TABLES.main,
    key: tenantKey(tenant.key),
    changes: { set: { inUse: true } },
    condition:
      clockMs === null
        ? { kind: 'attribute_absent', name: 'clockMs' }
        : { kind: 'equal', name: 'clockMs', value: clockMs },
  };
  return { nowMs, operations: [mark] };
}
