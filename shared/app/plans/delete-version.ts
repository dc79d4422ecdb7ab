import { err, type Result } from '../../kernel/result.ts';
import { type ConfigurationDeps, commit, isRefusals, retryRaces } from '../commit.ts';
import type { PlanVersionRecord } from '../records/plan-version.ts';
import { type PlanVersionName, removeVersion, replacePlan, VERSION_PUBLISHED } from './plan-operations.ts';
import { readPlan, readPlanVersion } from './read-plan.ts';

interface DeletePlanVersionInput extends PlanVersionName {
  readonly tenant: string;
}

/** Errors `plan.not_found`, `plan.version_not_found`, `plan.version_published`. */
export function deletePlanVersion(
  deps: ConfigurationDeps,
): (input: DeletePlanVersionInput) => Promise<Result<PlanVersionRecord>> {
  return (input) =>
    retryRaces(deps, async () => {
      const { items } = deps;
      const { tenant } = input;
      const plan = await readPlan({ items, tenant, key: input.plan });
      if (!plan.ok) return plan;
      const draft = await readPlanVersion({ items, ...input });
      if (!draft.ok) return draft;
      if (draft.value.status === 'published') return err(VERSION_PUBLISHED);
      const versions = plan.value.versions.filter(({ version }) => version !== input.version);
      const next = { ...plan.value, versions, etag: plan.value.etag + 1 };
      const written = await commit({
        items,
        operations: [replacePlan(tenant, next, plan.value.etag), removeVersion(tenant, draft.value)],
        outcome: draft.value,
        alongside: undefined,
      });
      if (written.ok) return written;
      return isRefusals(written.error) ? 'raced' : err(written.error);
    });
}
