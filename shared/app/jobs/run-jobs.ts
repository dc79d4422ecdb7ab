import { INDEXES, TABLES } from '../../contracts/names.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { StoreError } from '../../ports/store-error.ts';
import { isOpenJob, type JobRecord, jobFromItem, jobKey, OPEN_JOBS_OWNER } from '../records/job.ts';
import { advanceJob, type JobDeps } from './advance-job.ts';

export interface RunJobsDeps extends JobDeps {
  readonly onFailure: (job: string, error: unknown) => void;
}

/**
 * Takes every open job on: begins those whose fence has passed, and sends page after page of those that run, for as long as
 * the time of one call allows. A call that ends anywhere is gone on with by the next. Answers how many are open still.
 */
export function runJobs(deps: RunJobsDeps): () => Promise<{ readonly open: number }> {
  return async () => {
    const deadlineMs = deps.clock.nowMs() + LIMITS.jobsRunMs;
    const open = await listOpen(deps);
    let left = 0;
    for (const { tenant, id } of open) {
      if (!(await runOne(deps, { tenant, id, deadlineMs }))) left += 1;
    }
    return { open: left };
  };
}

async function listOpen(deps: JobDeps): Promise<readonly JobRecord[]> {
  const page = await deps.items.query({
    table: TABLES.main,
    index: INDEXES.byOwner,
    pk: OPEN_JOBS_OWNER,
    limit: LIMITS.jobsPerRun,
  });
  return page.items.map(jobFromItem);
}

/** Whether the job has ended. One that fails must not keep the others from going on. */
async function runOne(
  deps: RunJobsDeps,
  input: { readonly tenant: string; readonly id: string; readonly deadlineMs: number },
): Promise<boolean> {
  const key = jobKey(input.tenant, input.id);
  try {
    for (;;) {
      // The index may lag: what it shows is only whom to ask.
      const item = await deps.items.get({ table: TABLES.main, key });
      const job = item === undefined ? undefined : jobFromItem(item);
      if (job === undefined || !isOpenJob(job)) return true;
      const hasMoved = await advanceJob(deps, job, input.deadlineMs);
      if (!hasMoved || deps.clock.nowMs() >= input.deadlineMs) return false;
    }
  } catch (thrown) {
    if (!(thrown instanceof StoreError)) throw thrown;
    deps.onFailure(input.id, thrown);
    return false;
  }
}
