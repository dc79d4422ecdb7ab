import { TABLES } from '../../contracts/names.ts';
import { appError } from '../../kernel/errors.ts';
import { err, type Result } from '../../kernel/result.ts';
import type { TransactionOperation } from '../../ports/item-store.ts';
import { readRevision } from '../catalogue/read-revision.ts';
import { type Alongside, type ConfigurationDeps, commit, isRefusals, retryRaces } from '../commit.ts';
import { noteReferences } from '../jobs/attributions.ts';
import { raiseRevision } from '../records/catalogue-revision.ts';
import { type CustomerRecord, customerToItem } from '../records/customer.ts';
import type { TenantRecord } from '../records/tenant.ts';
import { tenantNowMs } from '../tenants/read-tenant.ts';
import { referencesOf, takenError, takeReference } from './customer-operations.ts';

interface CreateCustomerInput {
  readonly tenant: Pick<TenantRecord, 'key' | 'mode'>;
  readonly key: string;
  readonly name: string;
  readonly currency: string;
  /** IANA; UTC when absent. */
  readonly timeZone?: string;
  readonly subjects?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly alongside?: Alongside<CustomerRecord>;
}

/** Errors `customer.exists`, `customer.subject_taken` naming the field. */
export function createCustomer(
  deps: ConfigurationDeps,
): (input: CreateCustomerInput) => Promise<Result<CustomerRecord>> {
  return async (input) => {
    const nowMs = await tenantNowMs(deps, input.tenant);
    return retryRaces(deps, async () => {
      const read = await readRevision(deps.items, input.tenant.key);
      const customer = newCustomer(input, { nowMs, revision: read + 1 });
      const references = referencesOf(customer);
      const operations = planCreation(input.tenant.key, customer, read);
      const { items } = deps;
      const created = await commit({ items, operations, outcome: customer, alongside: input.alongside });
      if (created.ok) return created;
      if (!isRefusals(created.error)) return err(created.error);
      if (created.error[0] !== null) return err(appError('customer.exists'));
      const taken = takenError({ refusals: created.error, offset: 1, taken: references, customer });
      return taken === null ? 'raced' : err(taken);
    });
  };
}

function newCustomer(
  input: CreateCustomerInput,
  at: { readonly nowMs: number; readonly revision: number },
): CustomerRecord {
  return {
    key: input.key,
    name: input.name,
    currency: input.currency,
    timeZone: input.timeZone ?? 'UTC',
    subjects: [...(input.subjects ?? [])],
    metadata: { ...input.metadata },
    revision: at.revision,
    etag: 1,
    createdAtMs: at.nowMs,
    archivedAtMs: null,
  };
}

/** The customer, its names, the revision; `takenError` relies on this order. */
function planCreation(
  tenant: string,
  customer: CustomerRecord,
  read: number,
): readonly TransactionOperation[] {
  return [
    {
      op: 'put',
      table: TABLES.main,
      item: customerToItem(tenant, customer),
      condition: { kind: 'item_absent' },
    },
    ...referencesOf(customer).map((reference) => takeReference(tenant, customer, reference)),
    raiseRevision({ tenant, read }),
    noteReferences({ tenant, revision: read + 1, references: referencesOf(customer) }),
  ];
}
