import { err, type Result } from '../../kernel/result.ts';
import { type Alongside, type ConfigurationDeps, commit, isRefusals, retryRaces } from '../commit.ts';
import type { PlanRecord } from '../records/plan.ts';
import type { TenantRecord } from '../records/tenant.ts';
import { tenantNowMs } from '../tenants/read-tenant.ts';
import { replacePlan } from './plan-operations.ts';
import { readPlan } from './read-plan.ts';

interface ArchivePlanInput {
  readonly tenant: Pick<TenantRecord, 'key' | 'mode'>;
  readonly key: string;
  readonly alongside?: Alongside<PlanRecord>;
}

/** Its subscriptions go on. Archiving again changes nothing. Error `plan.not_found`. */
export function archivePlan(
  deps: ConfigurationDeps,
): (input: ArchivePlanInput) => Promise<Result<PlanRecord>> {
  return async ({ tenant, key, alongside }) => {
    const nowMs = await tenantNowMs(deps, tenant);
    const { items } = deps;
    return retryRaces(deps, async () => {
      const read = await readPlan({ items, tenant: tenant.key, key });
      if (!read.ok) return read;
      const current = read.value;
      const isArchived = current.archivedAtMs !== null;
      const outcome = isArchived ? current : { ...current, etag: current.etag + 1, archivedAtMs: nowMs };
      const operations = isArchived ? [] : [replacePlan(tenant.key, outcome, current.etag)];
      const written = await commit({ items, operations, outcome, alongside });
      if (written.ok) return written;
      return isRefusals(written.error) ? 'raced' : err(written.error);
    });
  };
}
