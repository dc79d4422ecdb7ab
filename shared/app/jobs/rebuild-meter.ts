import { TABLES } from '../../contracts/names.ts';
import { utcDayOf } from '../../domain/metering/generations.ts';
import { assert } from '../../kernel/assert.ts';
import { appError } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { readRevision } from '../catalogue/read-revision.ts';
import { type Alongside, type ConfigurationDeps, commit, isRefusals, retryRaces } from '../commit.ts';
import { nextGenerations } from '../generations/generation-store.ts';
import { readMeter } from '../meters/read-meter.ts';
import { raiseRevision } from '../records/catalogue-revision.ts';
import type { JobRecord } from '../records/job.ts';
import { openRebuildToItem } from '../records/open-rebuild.ts';
import { newJob, putJob } from './job-operations.ts';

const DAY_MS = 86_400_000;

interface RebuildMeterInput {
  readonly tenant: string;
  readonly meter: string;
  /** Every UTC day that the half-open range touches. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The tenant's present. */
  readonly nowMs: number;
  readonly alongside: Alongside<JobRecord>;
}

/**
 * Begins the job that makes a meter's rollups of some days anew, from the rows. Answers stay as they are and become fast again.
 * Errors `meter.not_found`, `meter.rebuilding`, `usage.invalid_range`.
 */
export function rebuildMeter(
  deps: ConfigurationDeps,
): (input: RebuildMeterInput) => Promise<Result<JobRecord>> {
  return async ({ tenant, meter, fromMs, toMs, nowMs, alongside }) => {
    const found = await readMeter({ items: deps.items, tenant, key: meter });
    if (!found.ok) return found;
    const firstMs = utcDayOf(fromMs);
    const count = Math.ceil((toMs - firstMs) / DAY_MS);
    if (fromMs >= toMs) return invalidTo('must be after from');
    if (count > LIMITS.rebuildDaysMax) {
      return invalidTo(`must be so that the range touches at most ${LIMITS.rebuildDaysMax} days of UTC`);
    }
    const days = Array.from({ length: count }, (_, index) => firstMs + index * DAY_MS);
    if (days.some((dayMs) => !isOver(dayMs, nowMs))) {
      return invalidTo('must be so that every day of UTC that the range touches ended an hour ago');
    }
    return await beginRebuild(deps)({ tenant, meter, days, alongside });
  };
}

/** Whether the UTC day ended so long ago that hardly anything is still to come of it; by the tenant's present. */
export function isOver(dayMs: number, nowMs: number): boolean {
  return dayMs + DAY_MS + LIMITS.rebuildQuietMs <= nowMs;
}

function invalidTo(message: string): Result<never> {
  const code = 'usage.invalid_range';
  return err(appError(code, `to: ${message}`, [{ path: 'to', code, message }]));
}

interface BeginInput {
  readonly tenant: string;
  readonly meter: string;
  /** Starts of UTC days, 1 to LIMITS.rebuildDaysMax. */
  readonly days: readonly number[];
  readonly alongside?: Alongside<JobRecord>;
}

/**
 * One transaction raises the catalogue revision and says which generation plans write from it on: what plans below it count is
 * the job's to fold, everything else is in the new rollups by itself. Errors `meter.rebuilding`, `service.unavailable`.
 */
export function beginRebuild(deps: ConfigurationDeps): (input: BeginInput) => Promise<Result<JobRecord>> {
  return (input) =>
    retryRaces(deps, async () => {
      const { items } = deps;
      const { tenant, meter, days, alongside } = input;
      assert(days.length > 0 && days.length <= LIMITS.rebuildDaysMax, 'a rebuild is of 1 to 31 days');
      const read = await readRevision(items, tenant);
      const sinceRevision = read + 1;
      const job = newRebuild(deps, input, sinceRevision);
      const begun = await commit({
        items,
        operations: [
          putLock(job, meter),
          raiseRevision({ tenant, read }),
          putJob(job),
          ...(await nextGenerations(items, { tenant, meter, days, sinceRevision, planned: 0 })),
        ],
        outcome: job,
        alongside,
      });
      if (begun.ok) return ok(job);
      if (!isRefusals(begun.error)) return err(begun.error);
      return begun.error[0] === null ? 'raced' : err(appError('meter.rebuilding'));
    });
}

function newRebuild(
  deps: ConfigurationDeps,
  { tenant, meter, days }: BeginInput,
  revision: number,
): JobRecord {
  const subject = { kind: 'rebuild', meter, days } as const;
  return {
    ...newJob(deps.ids, { tenant, subject, revision, nowMs: deps.clock.nowMs() }),
    rebuild: { left: days, foldedToMs: null, sentUntilMs: null, failures: 0, notBeforeMs: 0 },
  };
}

function putLock({ tenant, id }: JobRecord, meter: string) {
  const item = openRebuildToItem({ tenant, meter, job: id });
  return { op: 'put', table: TABLES.main, item, condition: { kind: 'item_absent' } } as const;
}
