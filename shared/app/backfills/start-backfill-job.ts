import { TABLES } from '../../contracts/names.ts';
import { defined } from '../../kernel/assert.ts';
import { appError } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, type Result } from '../../kernel/result.ts';
import type { TransactionOperation } from '../../ports/item-store.ts';
import { audit } from '../audit/audit.ts';
import { readRevision } from '../catalogue/read-revision.ts';
import { type Alongside, type ConfigurationDeps, commit } from '../commit.ts';
import { newJob, putJob } from '../jobs/job-operations.ts';
import { readJob } from '../jobs/read-jobs.ts';
import { type BackfillRecord, backfillToItem } from '../records/backfill.ts';
import { isOpenJob, type JobRecord, type JobSubject } from '../records/job.ts';
import { isAsRead } from './add-events.ts';
import { readBackfill } from './read-backfills.ts';

interface StartInput {
  readonly tenant: string;
  readonly keyId: string;
  readonly id: string;
  readonly alongside?: Alongside<JobRecord>;
}

/** Begins to count what was collected. Errors `backfill.not_found`, `backfill.not_collecting`, `backfill.empty`. */
export function applyBackfill(deps: ConfigurationDeps): (input: StartInput) => Promise<Result<JobRecord>> {
  return (input) =>
    start(deps, input, async (backfill) => {
      if (backfill.state !== 'collecting') return 'backfill.not_collecting';
      return backfill.batches === 0 ? 'backfill.empty' : { kind: 'backfill_apply', state: 'applied' };
    });
}

/**
 * Begins to take back what it counted, and nothing else. Errors `backfill.not_found`, `backfill.not_applied` (also while the
 * job that counts it is under way).
 */
export function revertBackfill(deps: ConfigurationDeps): (input: StartInput) => Promise<Result<JobRecord>> {
  return (input) =>
    start(deps, input, async (backfill) => {
      if (backfill.state !== 'applied' || backfill.applyJob === null) return 'backfill.not_applied';
      const job = await readJob(deps.items, { tenant: input.tenant, id: backfill.applyJob });
      if (!job.ok || isOpenJob(job.value)) return 'backfill.not_applied';
      return { kind: 'backfill_revert', state: 'reverted' };
    });
}

type Decided =
  | 'backfill.not_collecting'
  | 'backfill.not_applied'
  | 'backfill.empty'
  | { readonly kind: 'backfill_apply' | 'backfill_revert'; readonly state: BackfillRecord['state'] };

async function start(
  deps: ConfigurationDeps,
  { tenant, keyId, id, alongside }: StartInput,
  decide: (backfill: BackfillRecord) => Promise<Decided>,
): Promise<Result<JobRecord>> {
  for (let attempt = 1; attempt <= LIMITS.catalogueAttempts; attempt += 1) {
    const found = await readBackfill(deps.items, { tenant, id });
    if (!found.ok) return found;
    const backfill = found.value;
    const decided = await decide(backfill);
    if (typeof decided === 'string') return err(appError(decided));
    const { kind, state } = decided;
    const revision = await readRevision(deps.items, tenant);
    const named = { backfill: id, batches: backfill.batches };
    const subject: JobSubject =
      kind === 'backfill_apply'
        ? { kind, ...named }
        : { kind, ...named, applyJob: defined(backfill.applyJob, 'the job that counted a backfill') };
    const job = newJob(deps.ids, { tenant, subject, revision, nowMs: deps.clock.nowMs() });
    const names = kind === 'backfill_apply' ? { applyJob: job.id } : { revertJob: job.id };
    const item = backfillToItem(tenant, { ...backfill, ...names, state });
    const operations: readonly TransactionOperation[] = [
      { op: 'put', table: TABLES.main, item, condition: isAsRead(backfill) },
      putJob(job),
      audit(deps, tenant, {
        ...{ keyId, action: kind.replace('_', '.'), target: `backfill/${id}`, reason: backfill.reason },
        ...{ before: { state: backfill.state }, after: { state, job: job.id, events: backfill.events } },
      }),
    ];
    const written = await commit({ items: deps.items, operations, outcome: job, alongside });
    if (written.ok) return written;
    if ('code' in written.error) return err(written.error);
  }
  return err(appError('service.unavailable'));
}
