import { TABLES } from '../../contracts/names.ts';
import { appError } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { type Alongside, type ConfigurationDeps, commit, isRefusals } from '../commit.ts';
import { changedLimits, NO_LIMITS, type RateLimits } from '../records/rate-limits.ts';
import { type TenantRecord, tenantToItem } from '../records/tenant.ts';

interface CreateTenantInput {
  readonly key: string;
  readonly name: string;
  readonly mode: 'live' | 'test';
  /** `exact` unless it says otherwise. */
  readonly claims?: TenantRecord['claims'];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly limits?: Partial<RateLimits>;
  readonly alongside?: Alongside<TenantRecord>;
}

/** Error `tenant.exists`. */
export function createTenant(
  deps: ConfigurationDeps,
): (input: CreateTenantInput) => Promise<Result<TenantRecord>> {
  return async (input) => {
    const tenant: TenantRecord = {
      key: input.key,
      name: input.name,
      mode: input.mode,
      claims: input.claims ?? 'exact',
      metadata: { ...input.metadata },
      limits: changedLimits(NO_LIMITS, input.limits),
      etag: 1,
      createdAtMs: deps.clock.nowMs(),
      archivedAtMs: null,
      clockMs: null,
      clockFence: null,
      advancingToMs: null,
      inUse: false,
    };
    const created = await commit({
      items: deps.items,
      operations: [
        { op: 'put', table: TABLES.main, item: tenantToItem(tenant), condition: { kind: 'item_absent' } },
      ],
      outcome: tenant,
      alongside: input.alongside,
    });
    if (created.ok) return ok(created.value);
    return err(isRefusals(created.error) ? appError('tenant.exists') : created.error);
  };
}
