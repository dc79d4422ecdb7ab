import { TABLES } from '../../contracts/names.ts';
import { appError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, type Result } from '../../kernel/result.ts';
import { audit } from '../audit/audit.ts';
import { type Alongside, type ConfigurationDeps, commit } from '../commit.ts';
import { type BackfillRecord, backfillToItem } from '../records/backfill.ts';

interface CreateBackfillInput {
  readonly tenant: string;
  readonly keyId: string;
  /** Of the events' times; half-open. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly reason: string;
  readonly alongside?: Alongside<BackfillRecord>;
}

/** Begins to collect. Error `backfill.invalid_range`. */
export function createBackfill(
  deps: ConfigurationDeps,
): (input: CreateBackfillInput) => Promise<Result<BackfillRecord>> {
  return async ({ tenant, keyId, fromMs, toMs, reason, alongside }) => {
    if (fromMs >= toMs || fromMs < LIMITS.billingEarliestMs) {
      const path = fromMs >= toMs ? 'to' : 'from';
      const message = fromMs >= toMs ? 'must be after from' : 'must not be before 2000';
      return err(
        appError('backfill.invalid_range', undefined, [{ path, code: 'backfill.invalid_range', message }]),
      );
    }
    const outcome: BackfillRecord = {
      id: newId('bf', deps.ids.uuid()),
      state: 'collecting',
      reason,
      fromMs,
      toMs,
      batches: 0,
      events: 0,
      applyJob: null,
      revertJob: null,
      createdAtMs: deps.clock.nowMs(),
    };
    const item = backfillToItem(tenant, outcome);
    const written = await commit({
      items: deps.items,
      operations: [
        { op: 'put', table: TABLES.main, item, condition: { kind: 'item_absent' } },
        audit(deps, tenant, {
          ...{ keyId, action: 'backfill.create', target: `backfill/${outcome.id}`, reason },
          ...{ before: null, after: { fromMs, toMs } },
        }),
      ],
      outcome,
      alongside,
    });
    if (written.ok) return written;
    return err('code' in written.error ? written.error : appError('service.unavailable'));
  };
}
