import type { Charge } from '../../domain/rating/charge.ts';
import { appError } from '../../kernel/errors.ts';
import { err, type Result } from '../../kernel/result.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { commit, isRefusals } from '../commit.ts';
import type { PlanVersionRecord } from '../records/plan-version.ts';
import {
  checkCharges,
  PLAN_ARCHIVED,
  type PlanVersionName,
  replaceVersion,
  VERSION_PUBLISHED,
} from './plan-operations.ts';
import { readPlan, readPlanVersion } from './read-plan.ts';

interface PutPlanVersionInput extends PlanVersionName {
  readonly tenant: string;
  readonly ifMatch: number;
  readonly charges: readonly Charge[];
}

/**
 * Replaces the charges of a draft. Errors `plan.not_found`, `plan.archived`, `plan.version_not_found`,
 * `plan.version_published`, `request.precondition_failed`, and those of the charges.
 */
export function putPlanVersion(deps: {
  readonly items: ItemStore;
}): (input: PutPlanVersionInput) => Promise<Result<PlanVersionRecord>> {
  return async (input) => {
    const { items } = deps;
    const { tenant } = input;
    const plan = await readPlan({ items, tenant, key: input.plan });
    if (!plan.ok) return plan;
    const current = await readPlanVersion({ items, ...input });
    if (!current.ok) return current;
    if (current.value.status === 'published') return err(VERSION_PUBLISHED);
    if (plan.value.archivedAtMs !== null) return err(PLAN_ARCHIVED);
    if (current.value.etag !== input.ifMatch) return err(appError('request.precondition_failed'));
    const checked = checkCharges({ charges: input.charges, currency: plan.value.currency });
    if (!checked.ok) return checked;
    const next = { ...current.value, charges: input.charges, etag: input.ifMatch + 1 };
    const written = await commit({
      items,
      operations: [replaceVersion(tenant, next, input.ifMatch)],
      outcome: next,
      alongside: undefined,
    });
    if (written.ok) return written;
    return err(isRefusals(written.error) ? appError('request.precondition_failed') : written.error);
  };
}
