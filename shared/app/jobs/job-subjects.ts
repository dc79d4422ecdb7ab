import type { Recount } from '../../domain/corrections/recount.ts';
import type { EventRow } from '../../domain/metering/rows.ts';
import { assert } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { AnalyticsReader, JobEventsQuery } from '../../ports/analytics.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { eventVersion } from '../consume/chains/chain-base.ts';
import type { PageLine } from '../consume/page-file.ts';
import type { JobRecord } from '../records/job.ts';
import { applyPage, revertPage } from './backfill-pages.ts';
import { readJob } from './read-jobs.ts';

export interface SubjectDeps {
  readonly items: ItemStore;
  readonly objects: ObjectStore;
  readonly analytics: Pick<AnalyticsReader, 'jobEvents' | 'standingEvents'>;
}

/** What the next page of a job counts; null: there is nothing left. A page may be empty. */
export async function nextLines(deps: SubjectDeps, job: JobRecord): Promise<readonly PageLine[] | null> {
  const { subject } = job;
  if (subject.kind === 'backfill_apply') return await applyPage(deps, job, subject);
  if (subject.kind === 'backfill_revert') {
    const applied = await readJob(deps.items, { tenant: job.tenant, id: subject.applyJob });
    assert(applied.ok, `job ${subject.applyJob} is kept`);
    return await revertPage(deps, job, { job: applied.value, batches: subject.batches });
  }
  // A rebuild has no pages: it never comes here.
  assert(subject.kind !== 'rebuild', 'a rebuild counts no events');
  const recounts = await recountsOf(deps, job, subject);
  return recounts.length === 0 ? null : recounts.map((recount) => ({ kind: 'recount', recount }));
}

type RecountSubject = Extract<JobRecord['subject'], { kind: 'attribution' | 'meter_backfill' }>;

/** In the order of positions. */
async function recountsOf(
  deps: SubjectDeps,
  job: JobRecord,
  subject: RecountSubject,
): Promise<readonly Recount[]> {
  const events = await deps.analytics.jobEvents(queryOf(job, subject));
  if (events.length === 0) return [];
  const standing = await deps.analytics.standingEvents({ tenant: job.tenant, identities: events });
  const rows = new Map(standing.map((found) => [keyOf(found.event), found.rows]));
  return events.map((event) => ({
    source: event.source,
    id: event.id,
    job: job.id,
    scope: scopeOf(subject),
    found: { shown: eventVersion(event), rows: rows.get(keyOf(event)) ?? [] },
    eventLink: event.link,
  }));
}

function queryOf({ tenant, revision, cursor }: JobRecord, subject: RecountSubject): JobEventsQuery {
  const paged = { tenant, belowRevision: revision, limit: LIMITS.jobPageEvents, after: cursor };
  if (subject.kind === 'attribution') {
    return { ...paged, status: 'unattributed', references: subject.references };
  }
  assert(subject.kind === 'meter_backfill', 'a rebuild has no pages');
  const { eventTypes, fromMs, toMs } = subject;
  // A row's revision says nothing of this meter where another one was counted anew: each event is looked at.
  return { ...paged, belowRevision: Number.MAX_SAFE_INTEGER, types: eventTypes, fromMs, toMs };
}

function scopeOf(subject: RecountSubject): Recount['scope'] {
  if (subject.kind === 'attribution') return { kind: 'attribution' };
  assert(subject.kind === 'meter_backfill', 'a rebuild has no pages');
  return { kind: 'meter', meter: subject.meter, version: subject.version };
}

function keyOf({ source, id }: Pick<EventRow, 'source' | 'id'>): string {
  return JSON.stringify([source, id]);
}
