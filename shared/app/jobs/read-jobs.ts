import { TABLES } from '../../contracts/names.ts';
import { appError } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import type { Page, PageRequest } from '../page.ts';
import { isOpenJob, type JobRecord, jobFromItem, jobKey, jobsPartition } from '../records/job.ts';
import { moveJob } from './job-operations.ts';

interface JobName {
  readonly tenant: string;
  readonly id: string;
}

/** Error `job.not_found`. */
export async function readJob(items: ItemStore, { tenant, id }: JobName): Promise<Result<JobRecord>> {
  const item = await items.get({ table: TABLES.main, key: jobKey(tenant, id) });
  return item === undefined ? err(appError('job.not_found')) : ok(jobFromItem(item));
}

/** Newest first. */
export function listJobs(deps: {
  readonly items: ItemStore;
}): (request: PageRequest & { readonly tenant: string }) => Promise<Page<JobRecord>> {
  return async ({ tenant, ...request }) => {
    const query = { table: TABLES.main, pk: jobsPartition(tenant), descending: true, ...request };
    const page = await deps.items.query(query);
    return { records: page.items.map(jobFromItem), ...(page.next === undefined ? {} : { next: page.next }) };
  };
}

/** Ends a job where it is: what its pages did stays. Errors `job.not_found`, `job.ended`, `job.not_cancelable`. */
export function cancelJob(deps: {
  readonly items: ItemStore;
  readonly clock: Clock;
}): (name: JobName) => Promise<Result<JobRecord>> {
  return async (name) => {
    for (;;) {
      const found = await readJob(deps.items, name);
      if (!found.ok) return found;
      const job = found.value;
      if (job.state === 'canceled') return ok(job);
      if (!isOpenJob(job)) return err(appError('job.ended'));
      // Its days are answered from the rows until it is done: it could only be begun again.
      if (job.subject.kind === 'rebuild') return err(appError('job.not_cancelable'));
      const ended = { state: 'canceled', chunk: null, endedAtMs: deps.clock.nowMs() } as const;
      const next = await moveJob(deps.items, job, ended);
      if (next !== null) return ok(next);
    }
  };
}
