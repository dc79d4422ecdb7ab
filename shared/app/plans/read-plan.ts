import { TABLES } from '../../contracts/names.ts';
import type { PublishedVersion } from '../../domain/catalog/version-at.ts';
import { defined } from '../../kernel/assert.ts';
import { appError } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import type { Page, PageRequest } from '../page.ts';
import { type PlanRecord, planFromItem, planKey, plansPartition } from '../records/plan.ts';
import { type PlanVersionRecord, planVersionFromItem, planVersionKey } from '../records/plan-version.ts';

/** Error `plan.not_found`. */
export async function readPlan(input: {
  readonly items: ItemStore;
  readonly tenant: string;
  readonly key: string;
}): Promise<Result<PlanRecord>> {
  const item = await input.items.get({ table: TABLES.main, key: planKey(input.tenant, input.key) });
  return item === undefined ? err(appError('plan.not_found')) : ok(planFromItem(item));
}

/** By key. */
export function listPlans(deps: {
  readonly items: ItemStore;
}): (request: PageRequest & { readonly tenant: string }) => Promise<Page<PlanRecord>> {
  return async ({ tenant, ...request }) => {
    const page = await deps.items.query({ table: TABLES.main, pk: plansPartition(tenant), ...request });
    return {
      records: page.items.map(planFromItem),
      ...(page.next === undefined ? {} : { next: page.next }),
    };
  };
}

/** Errors `plan.not_found`, `plan.version_not_found`. */
export async function readPlanVersion(input: {
  readonly items: ItemStore;
  readonly tenant: string;
  readonly plan: string;
  readonly version: number;
}): Promise<Result<PlanVersionRecord>> {
  const item = await input.items.get({ table: TABLES.main, key: planVersionKey(input) });
  if (item !== undefined) return ok(planVersionFromItem(item));
  const plan = await readPlan({ ...input, key: input.plan });
  return plan.ok ? err(appError('plan.version_not_found')) : plan;
}

/** Ascending, as `versionAt` and `segmentsOf` take them; none before the first publish. */
export function publishedVersions(plan: Pick<PlanRecord, 'versions'>): readonly PublishedVersion[] {
  return plan.versions
    .filter(({ status }) => status === 'published')
    .map(({ version, effectiveFromMs, apply }) => ({
      version,
      effectiveFromMs: defined(effectiveFromMs, 'when a published version takes effect'),
      apply: defined(apply, 'how a published version is taken up'),
    }));
}
