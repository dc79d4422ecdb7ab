import { appError } from '../../kernel/errors.ts';
import { err, type Result } from '../../kernel/result.ts';
import { type Alongside, type ConfigurationDeps, commit } from '../commit.ts';
import { readMeter } from '../meters/read-meter.ts';
import type { JobRecord } from '../records/job.ts';
import { newJob, putJob } from './job-operations.ts';

interface BackfillMeterInput {
  readonly tenant: string;
  readonly meter: string;
  /** Of events; half-open. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly alongside?: Alongside<JobRecord>;
}

/**
 * Begins the job that counts earlier events by the meter as it is now. What closed periods owe then is billed as adjustments.
 * Errors `meter.not_found`, `meter.archived`, `usage.invalid_range`.
 */
export function backfillMeter(
  deps: ConfigurationDeps,
): (input: BackfillMeterInput) => Promise<Result<JobRecord>> {
  return async (input) => {
    const { tenant, fromMs, toMs } = input;
    const found = await readMeter({ items: deps.items, tenant, key: input.meter });
    if (!found.ok) return found;
    const meter = found.value;
    if (meter.archivedRevision !== null) return err(appError('meter.archived'));
    if (fromMs >= toMs) {
      const issue = { path: 'to', code: 'usage.invalid_range', message: 'must be after from' } as const;
      return err(appError('usage.invalid_range', undefined, [issue]));
    }
    const types = [meter, ...meter.earlier].map(({ definition }) => definition.eventType);
    const { key, version, revision } = meter;
    const subject = {
      kind: 'meter_backfill',
      meter: key,
      version,
      eventTypes: [...new Set(types)],
      fromMs,
      toMs,
    } as const;
    const job = newJob(deps.ids, { tenant, subject, revision, nowMs: deps.clock.nowMs() });
    const { items } = deps;
    const begun = await commit({
      items,
      operations: [putJob(job)],
      outcome: job,
      alongside: input.alongside,
    });
    if (begun.ok) return begun;
    return err('code' in begun.error ? begun.error : appError('service.unavailable'));
  };
}
