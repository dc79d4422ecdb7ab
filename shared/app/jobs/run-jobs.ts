import { INDEXES, TABLES } from '../../contracts/names.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { StoreError } from '../../ports/store-error.ts';
import { isOpenJob, jobFromItem, jobKey, OPEN_JOBS_OWNER } from '../records/job.ts';
import { advanceJob, type JobDeps } from './advance-job.ts';

export interface RunJobsDeps extends JobDeps {
  readonly onFailure: (job: string, error: unknown) => void;
}

/**
 * Takes every open job on: begins those whose fence has passed, and goes on with those that run, each for its share of the time
 * that one call has. A call that ends anywhere is gone on with by the next. Answers how many are open still.
 */
export function runJobs(deps: RunJobsDeps): () => Promise<{ readonly open: number }> {
  return async () => {
    const deadlineMs = deps.clock.nowMs() + LIMITS.jobsRunMs;
    let left = 0;
    let startAfter: string | undefined;
    do {
      const page = await listOpen(deps, startAfter);
      for (const [index, { tenant, id }] of page.jobs.entries()) {
        const nowMs = deps.clock.nowMs();
        // So that no tenant's job waits for a long one of another.
        const shareMs = Math.max(0, deadlineMs - nowMs) / (page.jobs.length - index);
        if (!(await runOne(deps, { tenant, id, deadlineMs: nowMs + shareMs }))) left += 1;
      }
      startAfter = page.next;
    } while (startAfter !== undefined && deps.clock.nowMs() < deadlineMs);
    return { open: left };
  };
}

async function listOpen(deps: JobDeps, startAfter: string | undefined) {
  const page = await deps.items.query({
    table: TABLES.main,
    index: INDEXES.byOwner,
    pk: OPEN_JOBS_OWNER,
    limit: LIMITS.jobsPerRun,
    ...(startAfter === undefined ? {} : { startAfter }),
  });
  return { jobs: page.items.map(jobFromItem), next: page.next };
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
