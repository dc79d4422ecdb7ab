import { INDEXES, TABLES } from '../../contracts/names.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { ItemStore, TransactionOperation } from '../../ports/item-store.ts';
import {
  ATTRIBUTIONS_OWNER,
  type PendingAttribution,
  pendingAttributionFromItem,
  pendingAttributionToItem,
} from '../records/pending-attribution.ts';
import { newJob, putJob } from './job-operations.ts';

/** Notes names that became a customer's, in the transaction that makes them so. */
export function noteReferences(pending: PendingAttribution): TransactionOperation {
  return { op: 'put', table: TABLES.main, item: pendingAttributionToItem(pending) };
}

type Noted = ReturnType<typeof pendingAttributionFromItem>;

/** Makes one job of all the names that became somebody's in a tenant, so that many new customers are looked for at once. */
export function startAttributions(deps: {
  readonly items: ItemStore;
  readonly clock: Clock;
  readonly ids: IdSource;
}): () => Promise<void> {
  return async () => {
    const page = await deps.items.query({
      table: TABLES.main,
      index: INDEXES.byOwner,
      pk: ATTRIBUTIONS_OWNER,
      limit: LIMITS.queryItems,
    });
    const byTenant = Map.groupBy(page.items.map(pendingAttributionFromItem), ({ tenant }) => tenant);
    for (const [tenant, pending] of byTenant) {
      const taken = takeFirst(pending);
      const references = [...new Set(taken.flatMap((noted) => noted.references))];
      const revision = Math.max(...taken.map((noted) => noted.revision));
      const subject = { kind: 'attribution', references } as const;
      const job = newJob(deps.ids, { tenant, subject, revision, nowMs: deps.clock.nowMs() });
      // Where it fails, another run was faster.
      await deps.items.transact([putJob(job), ...taken.map(remove)]);
    }
  };
}

/** As many as one job and one transaction hold. */
function takeFirst(pending: readonly Noted[]): readonly Noted[] {
  let references = 0;
  const taken = pending.slice(0, LIMITS.transactionItems - 1).filter((noted, index) => {
    references += noted.references.length;
    return index === 0 || references <= LIMITS.jobReferences;
  });
  return taken;
}

function remove({ key }: Noted): TransactionOperation {
  return { op: 'delete', table: TABLES.main, key, condition: { kind: 'item_present' } };
}
