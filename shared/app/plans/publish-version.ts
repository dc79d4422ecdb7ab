import { TABLES } from '../../contracts/names.ts';
import { checkCurrenciesKept, checkMeters } from '../../domain/catalog/check-version.ts';
import type { Charge } from '../../domain/rating/charge.ts';
import { assert } from '../../kernel/assert.ts';
import type { FieldIssue } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { formatInstant } from '../../kernel/time.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { type Alongside, type ConfigurationDeps, commit, isRefusals, retryRaces } from '../commit.ts';
import { fieldIssuesError } from '../field-issues.ts';
import { repricePlan } from '../pricing/repricing-operations.ts';
import { meterFromItem, meterKey } from '../records/meter.ts';
import type { PlanRecord, VersionHead } from '../records/plan.ts';
import type { PlanVersionRecord } from '../records/plan-version.ts';
import type { TenantRecord } from '../records/tenant.ts';
import { tenantNowMs } from '../tenants/read-tenant.ts';
import {
  checkCharges,
  headOf,
  PLAN_ARCHIVED,
  type PlanVersionName,
  replacePlan,
  replaceVersion,
  VERSION_PUBLISHED,
} from './plan-operations.ts';
import { publishedVersions, readPlan, readPlanVersion } from './read-plan.ts';

interface PublishPlanVersionInput extends PlanVersionName {
  readonly tenant: Pick<TenantRecord, 'key' | 'mode'>;
  /** The tenant's present when absent. */
  readonly effectiveFromMs?: number;
  /** `next_period` when absent. */
  readonly apply?: NonNullable<VersionHead['apply']>;
  readonly reason?: string;
  readonly alongside?: Alongside<PlanVersionRecord>;
}

interface Read {
  readonly items: ItemStore;
  readonly tenant: string;
  readonly plan: PlanRecord;
  readonly draft: PlanVersionRecord;
  readonly nowMs: number;
}

/**
 * From then on the version never changes; of several publishes one wins. Errors `plan.not_found`,
 * `plan.version_not_found`, `plan.version_published`, `plan.archived`, `plan.effective_from_invalid`,
 * `plan.unknown_meter`, `plan.unknown_dimension`, `plan.currency_dropped`, and those of the charges.
 */
export function publishPlanVersion(
  deps: ConfigurationDeps,
): (input: PublishPlanVersionInput) => Promise<Result<PlanVersionRecord>> {
  return async (input) => {
    const nowMs = await tenantNowMs(deps, input.tenant);
    const { items } = deps;
    const tenant = input.tenant.key;
    return retryRaces(deps, async () => {
      const plan = await readPlan({ items, tenant, key: input.plan });
      if (!plan.ok) return plan;
      const draft = await readPlanVersion({ ...input, items, tenant });
      if (!draft.ok) return draft;
      const read = { items, tenant, plan: plan.value, draft: draft.value, nowMs };
      const checked = await checkDraft(read);
      if (!checked.ok) return checked;
      const effectiveFromMs = effectiveFrom({ plan: plan.value, asked: input.effectiveFromMs, nowMs });
      if (!effectiveFromMs.ok) return effectiveFromMs;
      const published: PlanVersionRecord = {
        ...draft.value,
        status: 'published',
        effectiveFromMs: effectiveFromMs.value,
        apply: input.apply ?? 'next_period',
        reason: input.reason ?? null,
        publishedAtMs: nowMs,
        etag: draft.value.etag + 1,
      };
      const operations = planPublish(read, published);
      const written = await commit({ items, operations, outcome: published, alongside: input.alongside });
      if (written.ok) return written;
      return isRefusals(written.error) ? 'raced' : err(written.error);
    });
  };
}

function planPublish({ tenant, plan, draft, nowMs }: Read, published: PlanVersionRecord) {
  const versions = plan.versions.map((head) =>
    head.version === published.version ? headOf(published) : head,
  );
  const next = { ...plan, versions, etag: plan.etag + 1 };
  return [
    replacePlan(tenant, next, plan.etag),
    replaceVersion(tenant, published, draft.etag),
    // Before the first version nobody could subscribe.
    ...(publishedVersions(plan).length === 0 ? [] : [repricePlan(tenant, next, nowMs)]),
  ];
}

/** All that must hold of a draft beside the instant; its charges again, for the currency may have changed. */
async function checkDraft({ items, tenant, plan, draft }: Read): Promise<Result<void>> {
  if (draft.status === 'published') return err(VERSION_PUBLISHED);
  if (plan.archivedAtMs !== null) return err(PLAN_ARCHIVED);
  const { currency } = plan;
  const checked = checkCharges({ charges: draft.charges, currency });
  if (!checked.ok) return checked;
  const issues = [...checkMeters(draft.charges, await metersOf(items, tenant, draft.charges))];
  const newest = publishedVersions(plan).at(-1);
  if (newest !== undefined) {
    const before = await readPlanVersion({ items, tenant, plan: plan.key, version: newest.version });
    if (!before.ok) return before;
    issues.push(...checkCurrenciesKept({ ...before.value, currency }, { ...draft, currency }));
  }
  return issues.length === 0 ? ok(undefined) : err(fieldIssuesError(issues));
}

async function metersOf(items: ItemStore, tenant: string, charges: readonly Charge[]) {
  const keys = [...new Set(charges.flatMap(({ meter }) => meter ?? []))];
  assert(keys.length <= LIMITS.batchGetKeys, 'the meters of a version fit one read');
  if (keys.length === 0) return [];
  const found = await items.getMany({ table: TABLES.main, keys: keys.map((key) => meterKey(tenant, key)) });
  return found.map(meterFromItem).map((meter) => ({
    key: meter.key,
    isArchived: meter.archivedRevision !== null,
    dimensions: Object.keys(meter.definition.groupBy),
  }));
}

/** Never before the newest published version, and before the present for the first one only: what is billed stays. */
function effectiveFrom(input: {
  readonly plan: PlanRecord;
  readonly asked: number | undefined;
  readonly nowMs: number;
}): Result<number> {
  const newest = publishedVersions(input.plan).at(-1);
  const effectiveFromMs = input.asked ?? input.nowMs;
  if (newest === undefined) return ok(effectiveFromMs);
  const earliestMs = Math.max(newest.effectiveFromMs, input.nowMs);
  if (effectiveFromMs >= earliestMs) return ok(effectiveFromMs);
  const why =
    earliestMs === input.nowMs
      ? 'only the first version takes effect in the past'
      : `version ${newest.version} takes effect then`;
  const message = `must not be before ${formatInstant(earliestMs)}: ${why}`;
  const issue: FieldIssue = { path: 'effectiveFrom', code: 'plan.effective_from_invalid', message };
  return err(fieldIssuesError([issue]));
}
