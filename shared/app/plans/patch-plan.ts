import { TABLES } from '../../contracts/names.ts';
import { appError, type FieldIssue } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { fieldIssuesError } from '../field-issues.ts';
import { type PlanRecord, planToItem } from '../records/plan.ts';
import { PLAN_ARCHIVED } from './plan-operations.ts';
import { publishedVersions, readPlan } from './read-plan.ts';

type Changes = Partial<Pick<PlanRecord, 'name' | 'metadata' | 'currency' | 'cadence'>>;

interface PatchPlanInput {
  readonly tenant: string;
  readonly key: string;
  readonly ifMatch: number;
  readonly changes: Changes;
}

/**
 * Errors `plan.not_found`, `plan.archived`, `request.precondition_failed`, and once a version is published
 * `plan.currency_fixed`, `plan.cadence_fixed`. Whether a draft suits the new currency is seen when it is published.
 */
export function patchPlan(deps: {
  readonly items: ItemStore;
}): (input: PatchPlanInput) => Promise<Result<PlanRecord>> {
  return async ({ tenant, key, ifMatch, changes }) => {
    const current = await readPlan({ items: deps.items, tenant, key });
    if (!current.ok) return current;
    if (current.value.etag !== ifMatch) return err(appError('request.precondition_failed'));
    if (current.value.archivedAtMs !== null) return err(PLAN_ARCHIVED);
    const issues = changesOfWhatIsFixed(current.value, changes);
    if (issues.length > 0) return err(fieldIssuesError(issues));
    const next: PlanRecord = { ...current.value, ...changes, etag: ifMatch + 1 };
    const written = await deps.items.put({
      table: TABLES.main,
      item: planToItem(tenant, next),
      condition: { kind: 'equal', name: 'etag', value: ifMatch },
    });
    return written.ok ? ok(next) : err(appError('request.precondition_failed'));
  };
}

function changesOfWhatIsFixed(plan: PlanRecord, changes: Changes): readonly FieldIssue[] {
  if (publishedVersions(plan).length === 0) return [];
  return (['currency', 'cadence'] as const).flatMap((path) => {
    const changed = changes[path];
    if (changed === undefined || changed === plan[path]) return [];
    const message = `is ${plan[path]} for ever: a version of the plan is published`;
    return [{ path, code: `plan.${path}_fixed` as const, message }];
  });
}
