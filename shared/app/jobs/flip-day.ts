import { TABLES } from '../../contracts/names.ts';
import { defined } from '../../kernel/assert.ts';
import { formatInstant } from '../../kernel/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ItemStore, TransactionOperation } from '../../ports/item-store.ts';
import { flipGeneration } from '../generations/generation-store.ts';
import { queryAll } from '../query-all.ts';
import { dirtyHourFromItem, dirtyPartition, markedBelow } from '../records/dirty-hour.ts';
import type { GenerationRecord } from '../records/generation.ts';
import type { JobRecord } from '../records/job.ts';
import { openRebuildKey } from '../records/open-rebuild.ts';
import { movedJob, putMoved } from './job-operations.ts';

const DAY_MS = 86_400_000;
/** A mark of each hour of a day may be raised by a later plan between its read and the transaction, once each. */
const ATTEMPTS = 25;

interface Flip {
  readonly job: JobRecord;
  /** As it was read: its newest is complete. */
  readonly generation: GenerationRecord;
  /** That were folded. */
  readonly rows: number;
}

/**
 * Puts a day's new rollups in force, and takes its marks away that plans below the job's revision made: they stand for rollups
 * that nobody reads any more. Marks of later plans stay. Ends the job with its last day. False where somebody else moved it.
 */
export async function putInForce(
  deps: { readonly items: ItemStore; readonly clock: Clock },
  flip: Flip,
): Promise<boolean> {
  const { items } = deps;
  const { job, generation } = flip;
  const nowMs = deps.clock.nowMs();
  const moved = afterDay(flip, nowMs);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const written = await items.transact([
      { op: 'put', ...putMoved(moved) },
      flipGeneration(generation, nowMs),
      ...(moved.state === 'done' ? [unlock(moved, generation.meter)] : []),
      ...(await unmark(items, generation, job.revision)),
    ]);
    if (written.ok) return true;
    if (written.error.reasons.slice(0, 2).some((reason) => reason !== null)) return false;
  }
  return false;
}

function afterDay({ job, rows }: Flip, nowMs: number): JobRecord {
  const before = defined(job.rebuild ?? undefined, 'the progress of a rebuild');
  const rebuild = { ...before, left: before.left.slice(1), foldedToMs: null };
  const counted = { pages: job.pages + 1, events: job.events + rows, rebuild };
  return movedJob(
    job,
    rebuild.left.length > 0 ? counted : { ...counted, state: 'done', endedAtMs: nowMs, error: null },
  );
}

function unlock({ tenant, id }: JobRecord, meter: string): TransactionOperation {
  const condition = { kind: 'equal', name: 'job', value: id } as const;
  return { op: 'delete', table: TABLES.main, key: openRebuildKey(tenant, meter), condition };
}

async function unmark(
  items: ItemStore,
  { tenant, meter, dayMs }: GenerationRecord,
  revision: number,
): Promise<readonly TransactionOperation[]> {
  const marked = await queryAll(items, {
    table: TABLES.main,
    pk: dirtyPartition(tenant, meter),
    sk: { from: formatInstant(dayMs), to: formatInstant(dayMs + DAY_MS - 1) },
  });
  return marked
    .filter((item) => dirtyHourFromItem(item).revision < revision)
    .map(({ pk, sk }) => ({
      op: 'delete',
      table: TABLES.main,
      key: { pk, sk },
      condition: markedBelow(revision),
    }));
}
