import type { PageHeader } from '../../contracts/envelope.ts';
import { TABLES } from '../../contracts/names.ts';
import { laneOfTenant } from '../../domain/events/lane.ts';
import type { AnalyticsReader } from '../../ports/analytics.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EventStream } from '../../ports/event-stream.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { StoreError } from '../../ports/store-error.ts';
import { type PageLine, putPageOnce } from '../consume/page-file.ts';
import { lastFenceNumber } from '../fences/issue-fences.ts';
import { readWatermark } from '../fences/watermark.ts';
import { chunkFromItem, chunkKey } from '../records/chunk.ts';
import type { JobRecord } from '../records/job.ts';
import { parkedPartition } from '../records/parked-part.ts';
import { encodeHeader } from '../stream/envelope-codec.ts';
import { advanceRebuild, type RebuildDeps } from './advance-rebuild.ts';
import { moveJob } from './job-operations.ts';
import { nextLines } from './job-subjects.ts';
import { pageChunk, pageKey } from './page-names.ts';

export interface JobDeps {
  readonly items: ItemStore;
  readonly objects: ObjectStore;
  readonly stream: EventStream;
  readonly analytics: Pick<AnalyticsReader, 'jobEvents' | 'standingEvents'> & RebuildDeps['analytics'];
  readonly clock: Clock;
}

const POLL_MS = 100;

/** One step of a job. False where it has to wait: for a fence, for what a store refuses, or for a chunk beyond the deadline. */
export async function advanceJob(deps: JobDeps, job: JobRecord, deadlineMs: number): Promise<boolean> {
  if (job.fence === null) {
    // A number drawn from now on: everything planned without the job's reason lies before it.
    const fence = (await lastFenceNumber(deps.items)) + 1;
    return (await moveJob(deps.items, job, { fence })) !== null;
  }
  if (job.state === 'waiting') {
    if (!(await isComplete(deps, job.tenant, job.fence))) return false;
    return (await moveJob(deps.items, job, { state: 'running' })) !== null;
  }
  if (job.subject.kind === 'rebuild') return await advanceRebuild(deps, job, deadlineMs);
  if (job.chunk !== null && !(await isPageDone(deps, job, job.chunk, deadlineMs))) return false;
  return await nextPage(deps, job);
}

/** Whether all that lies before the fence is in the tables; what a store refuses is not. */
async function isComplete(deps: JobDeps, tenant: string, fence: number): Promise<boolean> {
  const watermark = await readWatermark(deps.items, tenant);
  if (watermark === null || watermark.fence < fence) return false;
  const parked = await deps.items.query({ table: TABLES.main, pk: parkedPartition(tenant), limit: 1 });
  return parked.items.length === 0;
}

/** A page that was noted and is nowhere was never sent, or is on its way: sent again it is the same chunk. */
async function isPageDone(
  deps: JobDeps,
  job: JobRecord,
  chunk: string,
  deadlineMs: number,
): Promise<boolean> {
  await sendPage(deps, job, chunk);
  for (;;) {
    const item = await deps.items.get({ table: TABLES.main, key: chunkKey(chunk) });
    if (item !== undefined && chunkFromItem(item).status === 'COMMITTED') return true;
    if (deps.clock.nowMs() >= deadlineMs) return false;
    await deps.clock.sleep(POLL_MS);
  }
}

async function nextPage(deps: JobDeps, job: JobRecord): Promise<boolean> {
  const found = await nextLines(deps, job);
  if (found === null) {
    const ended = { state: 'done', chunk: null, endedAtMs: deps.clock.nowMs() } as const;
    return (await moveJob(deps.items, job, ended)) !== null;
  }
  const pages = job.pages + 1;
  // The page before its note, so that whoever sends it finds it; of two who make it, the first has made it.
  const lines = await putPageOnce(deps.objects, { key: pageKey(job, pages), lines: found });
  const progress = { pages, cursor: cursorAfter(job, lines), events: job.events + lines.length };
  // Nothing to send: the note alone takes the job on.
  const chunk = lines.length === 0 ? null : pageChunk(job, pages);
  return (await moveJob(deps.items, job, { ...progress, chunk })) !== null;
}

function cursorAfter({ cursor }: JobRecord, lines: readonly PageLine[]): JobRecord['cursor'] {
  const last = lines.at(-1);
  if (last === undefined) return cursor;
  const { timeMs, source, id } = last.kind === 'recount' ? last.recount.found.shown.event : last.event;
  return { timeMs, source, id };
}

async function sendPage(deps: JobDeps, job: JobRecord, chunk: string): Promise<void> {
  if ((await deps.items.get({ table: TABLES.main, key: chunkKey(chunk) })) !== undefined) return;
  const lane = laneOfTenant(job.tenant);
  const header: PageHeader = {
    v: 1,
    kind: 'page',
    tenant: job.tenant,
    lane,
    job: job.id,
    page: job.pages,
    chunk,
    key: pageKey(job, job.pages),
    sentAtMs: deps.clock.nowMs(),
  };
  const [result] = await deps.stream.putRecords([{ partitionKey: lane, data: encodeHeader(header) }]);
  if (result?.ok === true) return;
  const message = `page ${job.pages} of ${job.id} could not be sent`;
  throw new StoreError({ message, outcome: 'unknown', reason: 'throttled' });
}
