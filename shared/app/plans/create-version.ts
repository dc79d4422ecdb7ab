import type { Charge } from '../../domain/rating/charge.ts';
import { appError } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { type Alongside, type ConfigurationDeps, commit, isRefusals, retryRaces } from '../commit.ts';
import { fieldIssuesError } from '../field-issues.ts';
import type { PlanRecord } from '../records/plan.ts';
import type { PlanVersionRecord } from '../records/plan-version.ts';
import type { TenantRecord } from '../records/tenant.ts';
import { tenantNowMs } from '../tenants/read-tenant.ts';
import { addVersion, checkCharges, headOf, newDraft, PLAN_ARCHIVED, replacePlan } from './plan-operations.ts';
import { readPlan, readPlanVersion } from './read-plan.ts';

interface CreatePlanVersionInput {
  readonly tenant: Pick<TenantRecord, 'key' | 'mode'>;
  readonly plan: string;
  /** Those of the newest version when absent. */
  readonly charges?: readonly Charge[];
  readonly alongside?: Alongside<PlanVersionRecord>;
}

/**
 * A new draft. Errors `plan.not_found`, `plan.archived`, `plan.draft_exists`, `plan.version_limit_reached`, those of
 * the charges, and `request.missing_field` where there is no version to take charges from.
 */
export function createPlanVersion(
  deps: ConfigurationDeps,
): (input: CreatePlanVersionInput) => Promise<Result<PlanVersionRecord>> {
  return async (input) => {
    const nowMs = await tenantNowMs(deps, input.tenant);
    const { items } = deps;
    const tenant = input.tenant.key;
    return retryRaces(deps, async () => {
      const read = await readPlan({ items, tenant, key: input.plan });
      if (!read.ok) return read;
      const plan = read.value;
      const room = checkRoom(plan);
      if (!room.ok) return room;
      const charges =
        input.charges === undefined ? await newestCharges(items, tenant, plan) : ok(input.charges);
      if (!charges.ok) return charges;
      const checked = checkCharges({ charges: charges.value, currency: plan.currency });
      if (!checked.ok) return checked;
      const version = plan.lastVersion + 1;
      const draft = newDraft({ plan: plan.key, version, charges: charges.value, nowMs });
      const versions = [...plan.versions, headOf(draft)];
      const next = { ...plan, versions, lastVersion: version, etag: plan.etag + 1 };
      const operations = [replacePlan(tenant, next, plan.etag), addVersion(tenant, draft)];
      const written = await commit({ items, operations, outcome: draft, alongside: input.alongside });
      if (written.ok) return written;
      return isRefusals(written.error) ? 'raced' : err(written.error);
    });
  };
}

function checkRoom(plan: PlanRecord): Result<void> {
  if (plan.archivedAtMs !== null) return err(PLAN_ARCHIVED);
  const draft = plan.versions.find(({ status }) => status === 'draft');
  if (draft !== undefined) {
    return err(
      appError('plan.draft_exists', `Version ${draft.version} is a draft: publish or delete it first.`),
    );
  }
  if (plan.versions.length < LIMITS.versionsPerPlan) return ok(undefined);
  return err(appError('plan.version_limit_reached', `A plan may have ${LIMITS.versionsPerPlan} versions.`));
}

async function newestCharges(
  items: ItemStore,
  tenant: string,
  plan: PlanRecord,
): Promise<Result<readonly Charge[]>> {
  const newest = plan.versions.at(-1);
  if (newest === undefined) {
    const message = 'are required: the plan has no version to take them from';
    return err(fieldIssuesError([{ path: 'charges', code: 'request.missing_field', message }]));
  }
  const found = await readPlanVersion({ items, tenant, plan: plan.key, version: newest.version });
  return found.ok ? ok(found.value.charges) : found;
}
