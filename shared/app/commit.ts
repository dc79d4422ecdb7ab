import { assert } from '../kernel/assert.ts';
import { type AppError, appError } from '../kernel/errors.ts';
import { LIMITS } from '../kernel/limits.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Clock } from '../ports/clock.ts';
import type { IdSource } from '../ports/id-source.ts';
import type { ConditionFailed, ItemStore, TransactionOperation } from '../ports/item-store.ts';

/** What changes of the configuration need. */
export interface ConfigurationDeps {
  readonly items: ItemStore;
  readonly clock: Clock;
  readonly ids: IdSource;
}

/**
 * Operations that commit together with a change, made from its outcome: the record of the answer, which makes a
 * retry safe. All their conditions say "nobody answered this request yet".
 */
export type Alongside<T> = (outcome: T) => readonly TransactionOperation[];

/** Why nothing happened: one entry for each operation of the change itself, null where it was not at fault. */
export type Refusals = readonly (ConditionFailed | null)[];

/** The other request with the same idempotency key won. The caller looks its answer up. */
const ANSWERED_ELSEWHERE: AppError = appError('idempotency.in_progress');

/** Writes a change as one transaction. */
export async function commit<T>(input: {
  readonly items: ItemStore;
  readonly operations: readonly TransactionOperation[];
  readonly outcome: T;
  readonly alongside: Alongside<T> | undefined;
}): Promise<Result<T, AppError | Refusals>> {
  const beside = input.alongside?.(input.outcome) ?? [];
  const operations = [...input.operations, ...beside];
  assert(operations.length <= LIMITS.transactionItems, 'a change does not fit one transaction');
  if (operations.length === 0) return ok(input.outcome);
  const written = await input.items.transact(operations);
  if (written.ok) return ok(input.outcome);
  const { reasons } = written.error;
  if (reasons.slice(input.operations.length).some((reason) => reason !== null))
    return err(ANSWERED_ELSEWHERE);
  return err(reasons.slice(0, input.operations.length));
}

export function isRefusals(error: AppError | Refusals): error is Refusals {
  return Array.isArray(error);
}

/** Tries a change again while somebody else was faster, with growing pauses, then gives up as unavailable. */
export async function retryRaces<T>(
  deps: ConfigurationDeps,
  attempt: () => Promise<Result<T> | 'raced'>,
): Promise<Result<T>> {
  for (let tries = 1; tries <= LIMITS.catalogueAttempts; tries += 1) {
    const result = await attempt();
    if (result !== 'raced') return result;
    await deps.clock.sleep(pauseMs(deps.ids, tries));
  }
  return err(appError('service.unavailable', 'Too many changes at the same time; send the request again.'));
}

/** Spread by the random end of an id, so that competitors do not meet again. */
function pauseMs(ids: IdSource, tries: number): number {
  return Number.parseInt(ids.uuid().slice(-2), 16) % (2 * tries + 1);
}
