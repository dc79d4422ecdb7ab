import { appError } from '../../kernel/errors.ts';
import { err, type Result } from '../../kernel/result.ts';
import type { TransactionOperation } from '../../ports/item-store.ts';
import { readRevision } from '../catalogue/read-revision.ts';
import { type ConfigurationDeps, commit, isRefusals, retryRaces } from '../commit.ts';
import { noteReferences } from '../jobs/attributions.ts';
import { raiseRevision } from '../records/catalogue-revision.ts';
import type { CustomerRecord } from '../records/customer.ts';
import {
  referencesOf,
  releaseReference,
  replaceCustomer,
  takenError,
  takeReference,
} from './customer-operations.ts';
import { readCustomer } from './read-customer.ts';

interface PatchCustomerInput {
  readonly tenant: string;
  readonly key: string;
  readonly ifMatch: number;
  readonly changes: Partial<
    Pick<CustomerRecord, 'name' | 'currency' | 'timeZone' | 'metadata'> & {
      readonly subjects: readonly string[];
    }
  >;
}

interface PatchPlan {
  readonly outcome: CustomerRecord;
  /** Names that were not the customer's before. */
  readonly added: readonly string[];
  readonly operations: readonly TransactionOperation[];
}

/**
 * Errors `customer.not_found`, `customer.archived`, `request.precondition_failed`, `customer.subject_taken`. Only
 * a change of subjects raises the catalogue revision: nothing else changes how an event is counted.
 */
export function patchCustomer(
  deps: ConfigurationDeps,
): (input: PatchCustomerInput) => Promise<Result<CustomerRecord>> {
  return (input) =>
    retryRaces(deps, async () => {
      const { items } = deps;
      const current = await readCustomer({ items, tenant: input.tenant, key: input.key });
      if (!current.ok) return current;
      if (current.value.etag !== input.ifMatch) return err(appError('request.precondition_failed'));
      if (current.value.archivedAtMs !== null) return err(appError('customer.archived'));
      const plan = planPatch(input, current.value, await readRevision(items, input.tenant));
      const written = await commit({ items, ...plan, alongside: undefined });
      if (written.ok) return written;
      if (!isRefusals(written.error)) return err(written.error);
      // Somebody changed the customer since it was read: the names that stood in the way may be its own.
      if (written.error[0] !== null) return 'raced';
      const taken = takenError({
        refusals: written.error,
        offset: 1,
        taken: plan.added,
        customer: plan.outcome,
      });
      return taken === null ? 'raced' : err(taken);
    });
}

function planPatch(input: PatchCustomerInput, current: CustomerRecord, read: number): PatchPlan {
  const { tenant } = input;
  const changed = { ...current, ...input.changes, etag: current.etag + 1 };
  const next: CustomerRecord = {
    ...changed,
    subjects: [...changed.subjects],
    metadata: { ...changed.metadata },
  };
  const before = referencesOf(current);
  const after = referencesOf(next);
  const added = after.filter((reference) => !before.includes(reference));
  const removed = before.filter((reference) => !after.includes(reference));
  if (added.length === 0 && removed.length === 0) {
    return { outcome: next, added, operations: [replaceCustomer(tenant, next, current.etag)] };
  }
  const outcome = { ...next, revision: read + 1 };
  return {
    outcome,
    added,
    operations: [
      replaceCustomer(tenant, outcome, current.etag),
      ...added.map((reference) => takeReference(tenant, outcome, reference)),
      ...removed.map((reference) => releaseReference(tenant, outcome, reference)),
      raiseRevision({ tenant, read }),
      ...(added.length === 0 ? [] : [noteReferences({ tenant, revision: read + 1, references: added })]),
    ],
  };
}
