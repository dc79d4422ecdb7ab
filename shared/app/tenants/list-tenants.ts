import { INDEXES, TABLES } from '../../contracts/names.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import type { Page, PageRequest } from '../page.ts';
import { TENANTS_OWNER, type TenantRecord, tenantFromItem } from '../records/tenant.ts';

/** By key. The index may lag: a tenant can be missing for a moment after its creation. */
export function listTenants(deps: {
  readonly items: ItemStore;
}): (request: PageRequest) => Promise<Page<TenantRecord>> {
  return async (request) => {
    const page = await deps.items.query({
      table: TABLES.main,
      index: INDEXES.byOwner,
      pk: TENANTS_OWNER,
      ...request,
    });
    return {
      records: page.items.map(tenantFromItem),
      ...(page.next === undefined ? {} : { next: page.next }),
    };
  };
}
