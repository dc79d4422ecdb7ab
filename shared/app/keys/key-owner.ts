import { grants } from '../../contracts/http/scopes.ts';
import { appError } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import type { AuthContext } from '../auth/auth-context.ts';
import type { TenantRecord } from '../records/tenant.ts';
import { readTenant } from '../tenants/read-tenant.ts';

/**
 * Whose keys a caller means: those of its own tenant when it names none, of any tenant (or of the operator: null)
 * when it is the operator. Somebody else's tenant is `tenant.not_found`, as if it did not exist.
 */
export async function keyOwner(input: {
  readonly items: ItemStore;
  readonly caller: AuthContext;
  readonly tenant: string | null | undefined;
}): Promise<Result<TenantRecord | null>> {
  const { caller, tenant } = input;
  const own = caller.tenant;
  if (tenant === undefined || tenant === (own?.key ?? null)) return ok(own);
  if (!grants(caller.scopes, 'operator')) return err(appError('tenant.not_found'));
  if (tenant === null) return ok(null);
  const found = await readTenant(input.items, tenant);
  return found === undefined ? err(appError('tenant.not_found')) : ok(found);
}

/** Whether the caller may see and revoke the keys of this owner. */
export function maySeeKeysOf(caller: AuthContext, tenant: string | null): boolean {
  return grants(caller.scopes, 'operator') || (tenant !== null && tenant === caller.tenant?.key);
}
