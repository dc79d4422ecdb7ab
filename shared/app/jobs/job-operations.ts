import { TABLES } from '../../contracts/names.ts';
import { newId } from '../../kernel/ids.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { Condition, ItemStore, PutInput, TransactionOperation } from '../../ports/item-store.ts';
import { type JobRecord, type JobSubject, jobToItem } from '../records/job.ts';

interface NewJob {
  readonly tenant: string;
  readonly subject: JobSubject;
  readonly revision: number;
  readonly nowMs: number;
}

/** A job as it begins: written in the transaction of the change that it is for. `nowMs` is wall time. */
export function newJob(ids: IdSource, { tenant, subject, revision, nowMs }: NewJob): JobRecord {
  return {
    id: newId('job', ids.uuid()),
    tenant,
    state: 'waiting',
    subject,
    revision,
    fence: null,
    pages: 0,
    cursor: null,
    chunk: null,
    events: 0,
    createdAtMs: nowMs,
    endedAtMs: null,
    error: null,
    rebuild: null,
    moves: 0,
  };
}

export function putJob(job: JobRecord): TransactionOperation {
  return { op: 'put', table: TABLES.main, item: jobToItem(job), condition: { kind: 'item_absent' } };
}

/** Null where somebody else moved the job on, or canceled it; else the job as it is now. */
export async function moveJob(
  items: ItemStore,
  read: JobRecord,
  changes: Partial<JobRecord>,
): Promise<JobRecord | null> {
  const moved = movedJob(read, changes);
  const written = await items.put(putMoved(moved));
  return written.ok ? moved : null;
}

export function movedJob(read: JobRecord, changes: Partial<JobRecord>): JobRecord {
  return { ...read, ...changes, moves: read.moves + 1 };
}

/** Of a job made by `movedJob`: over the one that it was made of. */
export function putMoved(moved: JobRecord): PutInput {
  const before = moved.moves - 1;
  const asBefore = { kind: 'equal', name: 'moves', value: before } as const;
  // A job of before moves were counted has none.
  const unmoved = { kind: 'attribute_absent', name: 'moves' } as const;
  const condition: Condition = before === 0 ? { kind: 'any', of: [unmoved, asBefore] } : asBefore;
  return { table: TABLES.main, item: jobToItem(moved), condition };
}
