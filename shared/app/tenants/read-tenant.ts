import { TABLES } from '../../contracts/names.ts';
import { defined } from '../../kernel/assert.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { type TenantRecord, tenantFromItem, tenantKey } from '../records/tenant.ts';

/** The tenant as it is now, strongly consistent. */
export async function readTenant(items: ItemStore, key: string): Promise<TenantRecord | undefined> {
  const item = await items.get({ table: TABLES.main, key: tenantKey(key) });
  return item === undefined ? undefined : tenantFromItem(item);
}

/** The tenant's present, epoch ms: where its test clock stands, else real time. */
export async function tenantNowMs(
  deps: { readonly items: ItemStore; readonly clock: Clock },
  tenant: Pick<TenantRecord, 'key' | 'mode'>,
): Promise<number> {
  if (tenant.mode === 'live') return deps.clock.nowMs();
  const current = defined(await readTenant(deps.items, tenant.key), 'the tenant of the caller');
  return current.clockMs ?? deps.clock.nowMs();
}
