import { TABLES } from '../../contracts/names.ts';
import { sameTotals } from '../../domain/metering/rollup-totals.ts';
import { assert, defined } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { Analytics, FoldQuery } from '../../ports/analytics.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { StoreError } from '../../ports/store-error.ts';
import { readRevision } from '../catalogue/read-revision.ts';
import { nextGenerations, readGenerations } from '../generations/generation-store.ts';
import { raiseRevision } from '../records/catalogue-revision.ts';
import { type GenerationRecord, isBuilding } from '../records/generation.ts';
import { type JobRecord, jobFromItem, jobKey, type RebuildProgress } from '../records/job.ts';
import { putInForce } from './flip-day.ts';
import { movedJob, moveJob, putMoved } from './job-operations.ts';

export interface RebuildDeps {
  readonly items: ItemStore;
  readonly clock: Clock;
  readonly analytics: Pick<Analytics, 'fold' | 'standingTotals' | 'foldedTotals'>;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Tries of a transaction that raises a revision which others raise, too. */
const ATTEMPTS = 16;
const UNKNOWN = 'A statement ended without an answer.';
const DIFFERS = 'The new rollups did not hold what stands.';

/**
 * Takes a rebuild on by a day, or by as much of one as the time allows: folds what plans below the job's revision counted,
 * looks whether the new rollups hold exactly that, and puts them in force. All of these plans are executed, and none can come.
 * Rollups of which anything is not certain are given up, and others begun with a new number. False where it has to wait.
 */
export async function advanceRebuild(
  deps: RebuildDeps,
  job: JobRecord,
  deadlineMs: number,
): Promise<boolean> {
  const { sentUntilMs, notBeforeMs } = progressOf(job);
  const nowMs = deps.clock.nowMs();
  if (nowMs < notBeforeMs || nowMs < (sentUntilMs ?? 0)) return false;
  if (sentUntilMs !== null) return await giveUp(deps, job, UNKNOWN);
  const day = await readDay(deps.items, job);
  if (day === null) return false;
  const folded = await foldHours(deps, { job, day, deadlineMs });
  if (folded === null) return false;
  if (progressOf(folded).foldedToMs !== day.query.toMs) return true;
  const { query, generation } = day;
  const standing = await deps.analytics.standingTotals(query);
  if (sameTotals(standing, await deps.analytics.foldedTotals({ ...query, generation: generation.newest }))) {
    const rows = standing.reduce((sum, hour) => sum + Number(hour.rows), 0);
    return await putInForce(deps, { job: folded, generation, rows });
  }
  await giveUp(deps, folded, DIFFERS);
  throw new StoreError({ message: `${job.id}: ${DIFFERS}`, outcome: 'refused', reason: 'other' });
}

interface Day {
  readonly query: FoldQuery;
  readonly generation: GenerationRecord;
}

/** The first day that is left, and the generation that is made of it. Null where somebody else has taken the job on since. */
async function readDay(items: ItemStore, job: JobRecord): Promise<Day | null> {
  const { tenant, revision } = job;
  const meter = meterOf(job);
  const dayMs = defined(progressOf(job).left[0], 'a day that is left');
  const read = await readGenerations(items, { tenant, meter, days: [dayMs] });
  const generation = defined(read.get(dayMs) ?? undefined, 'the generation that is being made');
  const isOfJob = generation.entries.at(-1)?.sinceRevision === revision && isBuilding(generation);
  if (!isOfJob) {
    const now = await items.get({ table: TABLES.main, key: jobKey(tenant, job.id) });
    const isOvertaken = now === undefined || jobFromItem(now).moves !== job.moves;
    assert(isOvertaken, `plans write another generation than ${job.id} makes`);
    return null;
  }
  const query = { tenant, meter, fromMs: dayMs, toMs: dayMs + DAY_MS, belowRevision: revision };
  return { query, generation };
}

/**
 * Hour by hour, so that a statement takes no longer than its lease. That one is sent is written down before; what then comes
 * to the next note was answered. Null where somebody else works on the job.
 */
async function foldHours(
  deps: RebuildDeps,
  input: { readonly job: JobRecord; readonly day: Day; readonly deadlineMs: number },
): Promise<JobRecord | null> {
  const { day, deadlineMs } = input;
  const { query, generation } = day;
  const { foldedToMs } = progressOf(input.job);
  const hours = (await deps.analytics.standingTotals(query)).map(({ hourMs }) => hourMs);
  const left = hours.filter((hourMs) => hourMs >= (foldedToMs ?? query.fromMs));
  let job: JobRecord | null = input.job;
  for (const [index, fromMs] of left.entries()) {
    // One at least, however little time there is.
    if (index > 0 && deps.clock.nowMs() >= deadlineMs) return await note(deps, job, { foldedToMs: fromMs });
    const sentUntilMs = deps.clock.nowMs() + LIMITS.foldLeaseMs;
    job = await note(deps, job, { foldedToMs: fromMs, sentUntilMs });
    if (job === null) return null;
    const hour = { ...query, fromMs, toMs: fromMs + HOUR_MS, generation: generation.newest };
    await foldHour(deps, job, hour);
  }
  return await note(deps, job, { foldedToMs: query.toMs });
}

/** Throws StoreError; unless it certainly did nothing, the rollups are given up then. */
async function foldHour(
  deps: RebuildDeps,
  job: JobRecord,
  hour: Parameters<Analytics['fold']>[0],
): Promise<void> {
  try {
    await deps.analytics.fold(hour);
  } catch (thrown) {
    if (!(thrown instanceof StoreError)) throw thrown;
    if (thrown.outcome === 'not_done') await note(deps, job, { foldedToMs: hour.fromMs });
    else await giveUp(deps, job, UNKNOWN);
    throw thrown;
  }
}

async function note(
  deps: RebuildDeps,
  job: JobRecord,
  changes: Partial<RebuildProgress>,
): Promise<JobRecord | null> {
  const rebuild = { ...progressOf(job), sentUntilMs: null, ...changes };
  return await moveJob(deps.items, job, { rebuild });
}

/**
 * Begins other rollups of all days that are left, from a new revision on, after a pause that grows. The day that failed comes
 * last. What was folded for the ones given up stays where nobody reads it.
 */
async function giveUp(deps: RebuildDeps, job: JobRecord, error: string): Promise<boolean> {
  const { items } = deps;
  const { tenant, revision } = job;
  const { left, failures } = progressOf(job);
  const days = [...left.slice(1), ...left.slice(0, 1)];
  const pauseMs = Math.min(LIMITS.rebuildPauseMaxMs, LIMITS.rebuildPauseMs * 2 ** failures);
  const notBeforeMs = deps.clock.nowMs() + pauseMs;
  const rebuild = { left: days, foldedToMs: null, sentUntilMs: null, failures: failures + 1, notBeforeMs };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const read = await readRevision(items, tenant);
    const begun = { tenant, meter: meterOf(job), days, sinceRevision: read + 1, planned: revision };
    const next = movedJob(job, { state: 'waiting', revision: read + 1, fence: null, error, rebuild });
    const written = await items.transact([
      { op: 'put', ...putMoved(next) },
      raiseRevision({ tenant, read }),
      ...(await nextGenerations(items, begun)),
    ]);
    if (written.ok) return true;
    if (written.error.reasons[0] !== null) return false;
  }
  return false;
}

function progressOf({ rebuild }: JobRecord): RebuildProgress {
  return defined(rebuild ?? undefined, 'the progress of a rebuild');
}

function meterOf({ subject }: JobRecord): string {
  assert(subject.kind === 'rebuild', 'the job is a rebuild');
  return subject.meter;
}
