import { INDEXES, TABLES } from '../../contracts/names.ts';
import { ok, type Result } from '../../kernel/result.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import type { AuthContext } from '../auth/auth-context.ts';
import type { Page, PageRequest } from '../page.ts';
import { type ApiKeyRecord, apiKeyFromItem, keysOwner } from '../records/api-key.ts';
import { keyOwner } from './key-owner.ts';

interface ListKeysInput extends PageRequest {
  readonly caller: AuthContext;
  readonly tenant?: string;
}

/** By id, which is by age. The index may lag. Error `tenant.not_found`, also for tenants of others. */
export function listKeys(deps: {
  readonly items: ItemStore;
}): (input: ListKeysInput) => Promise<Result<Page<ApiKeyRecord>>> {
  return async ({ caller, tenant, ...request }) => {
    const owner = await keyOwner({ items: deps.items, caller, tenant });
    if (!owner.ok) return owner;
    const page = await deps.items.query({
      table: TABLES.main,
      index: INDEXES.byOwner,
      pk: keysOwner(owner.value?.key ?? null),
      ...request,
    });
    return ok({
      records: page.items.map(apiKeyFromItem),
      ...(page.next === undefined ? {} : { next: page.next }),
    });
  };
}
