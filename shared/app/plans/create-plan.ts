import { TABLES } from '../../contracts/names.ts';
import type { Charge } from '../../domain/rating/charge.ts';
import { appError } from '../../kernel/errors.ts';
import { err, type Result } from '../../kernel/result.ts';
import { type Alongside, type ConfigurationDeps, commit, isRefusals } from '../commit.ts';
import { type PlanRecord, planToItem } from '../records/plan.ts';
import type { TenantRecord } from '../records/tenant.ts';
import { tenantNowMs } from '../tenants/read-tenant.ts';
import { addVersion, checkCharges, headOf, newDraft } from './plan-operations.ts';

interface CreatePlanInput extends Pick<PlanRecord, 'key' | 'name' | 'currency' | 'cadence'> {
  readonly tenant: Pick<TenantRecord, 'key' | 'mode'>;
  /** `forbid` when absent. */
  readonly overlap?: PlanRecord['overlap'];
  readonly charges: readonly Charge[];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly alongside?: Alongside<PlanRecord>;
}

/** The plan with version 1 as a draft. Errors `plan.exists`, `plan.too_large`, and those of the charges. */
export function createPlan(deps: ConfigurationDeps): (input: CreatePlanInput) => Promise<Result<PlanRecord>> {
  return async (input) => {
    const checked = checkCharges(input);
    if (!checked.ok) return checked;
    const nowMs = await tenantNowMs(deps, input.tenant);
    const draft = newDraft({ plan: input.key, version: 1, charges: input.charges, nowMs });
    const plan: PlanRecord = {
      key: input.key,
      name: input.name,
      currency: input.currency,
      cadence: input.cadence,
      overlap: input.overlap ?? 'forbid',
      metadata: { ...input.metadata },
      versions: [headOf(draft)],
      lastVersion: 1,
      etag: 1,
      createdAtMs: nowMs,
      archivedAtMs: null,
    };
    const tenant = input.tenant.key;
    const condition = { kind: 'item_absent' } as const;
    const created = await commit({
      items: deps.items,
      operations: [
        { op: 'put', table: TABLES.main, item: planToItem(tenant, plan), condition },
        addVersion(tenant, draft),
      ],
      outcome: plan,
      alongside: input.alongside,
    });
    if (created.ok) return created;
    return err(isRefusals(created.error) ? appError('plan.exists') : created.error);
  };
}
