import { TABLES } from '../../contracts/names.ts';
import { appError } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { changedLimits, type RateLimits } from '../records/rate-limits.ts';
import { type TenantRecord, tenantFromItem, tenantKey } from '../records/tenant.ts';
import { readTenant } from './read-tenant.ts';

interface PatchTenantInput {
  readonly key: string;
  readonly ifMatch: number;
  readonly name?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Those that are left out stay; null: the usual one. */
  readonly limits?: Partial<RateLimits>;
}

/** Changes single attributes, for ingest may set `inUse` meanwhile. `tenant.not_found`, `request.precondition_failed`. */
export function patchTenant(deps: {
  readonly items: ItemStore;
}): (input: PatchTenantInput) => Promise<Result<TenantRecord>> {
  return async ({ key, ifMatch, name, metadata, limits }) => {
    const tenant = await readTenant(deps.items, key);
    if (tenant === undefined) return err(appError('tenant.not_found'));
    const updated = await deps.items.update({
      table: TABLES.main,
      key: tenantKey(key),
      changes: {
        set: {
          etag: ifMatch + 1,
          ...(name === undefined ? {} : { name }),
          ...(metadata === undefined ? {} : { metadata }),
          ...(limits === undefined ? {} : { limits: changedLimits(tenant.limits, limits) }),
        },
      },
      condition: { kind: 'equal', name: 'etag', value: ifMatch },
    });
    return updated.ok ? ok(tenantFromItem(updated.value)) : err(appError('request.precondition_failed'));
  };
}
