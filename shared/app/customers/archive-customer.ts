import { err, type Result } from '../../kernel/result.ts';
import type { TransactionOperation } from '../../ports/item-store.ts';
import { readRevision } from '../catalogue/read-revision.ts';
import { type Alongside, type ConfigurationDeps, commit, isRefusals, retryRaces } from '../commit.ts';
import { raiseRevision } from '../records/catalogue-revision.ts';
import type { CustomerRecord } from '../records/customer.ts';
import type { TenantRecord } from '../records/tenant.ts';
import { tenantNowMs } from '../tenants/read-tenant.ts';
import { archiveReference, referencesOf, replaceCustomer } from './customer-operations.ts';
import { readCustomer } from './read-customer.ts';

interface ArchiveCustomerInput {
  readonly tenant: Pick<TenantRecord, 'key' | 'mode'>;
  readonly key: string;
  readonly alongside?: Alongside<CustomerRecord>;
}

/** Archiving again changes nothing. Its names stay taken. Error `customer.not_found`. */
export function archiveCustomer(
  deps: ConfigurationDeps,
): (input: ArchiveCustomerInput) => Promise<Result<CustomerRecord>> {
  return async (input) => {
    const nowMs = await tenantNowMs(deps, input.tenant);
    const { items } = deps;
    return retryRaces(deps, async () => {
      const tenant = input.tenant.key;
      const current = await readCustomer({ items, tenant, key: input.key });
      if (!current.ok) return current;
      const read = await readRevision(items, tenant);
      const plan = planArchive({ tenant, current: current.value, read, nowMs });
      const written = await commit({ items, ...plan, alongside: input.alongside });
      if (written.ok) return written;
      return isRefusals(written.error) ? 'raced' : err(written.error);
    });
  };
}

function planArchive(input: {
  readonly tenant: string;
  readonly current: CustomerRecord;
  readonly read: number;
  readonly nowMs: number;
}): { readonly outcome: CustomerRecord; readonly operations: readonly TransactionOperation[] } {
  const { tenant, current, read } = input;
  if (current.archivedAtMs !== null) return { outcome: current, operations: [] };
  const outcome = { ...current, etag: current.etag + 1, revision: read + 1, archivedAtMs: input.nowMs };
  return {
    outcome,
    operations: [
      replaceCustomer(tenant, outcome, current.etag),
      ...referencesOf(outcome).map((reference) => archiveReference(tenant, outcome, reference)),
      raiseRevision({ tenant, read }),
    ],
  };
}
