import { TABLES } from '../../contracts/names.ts';
import { newId } from '../../kernel/ids.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { ItemStore, TransactionOperation } from '../../ports/item-store.ts';
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
  };
}

export function putJob(job: JobRecord): TransactionOperation {
  return { op: 'put', table: TABLES.main, item: jobToItem(job), condition: { kind: 'item_absent' } };
}

/** False where somebody else moved the job on, or canceled it. */
export async function moveJob(items: ItemStore, read: JobRecord, next: JobRecord): Promise<boolean> {
  const written = await items.put({
    table: TABLES.main,
    item: jobToItem(next),
    condition: {
      kind: 'all',
      of: [
        { kind: 'equal', name: 'state', value: read.state },
        { kind: 'equal', name: 'pages', value: read.pages },
      ],
    },
  });
  return written.ok;
}
