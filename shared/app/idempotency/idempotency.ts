import { TABLES } from '../../contracts/names.ts';
import { appError } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { ItemStore, TransactionOperation } from '../../ports/item-store.ts';
import { idempotencyFromItem, idempotencyKey, idempotencyToItem } from '../records/idempotency-record.ts';
import { openAnswer, type StoredAnswer, sealAnswer } from './sealed-answer.ts';

export interface IdempotencyDeps {
  readonly items: ItemStore;
  readonly clock: Clock;
  readonly ids: IdSource;
}

/** A request that is to be answered once. Its scope is one API key of one tenant. */
export interface IdempotentRequest {
  readonly tenant: string | null;
  readonly keyId: string;
  /** The API key's secret: with it the stored answer is encrypted. */
  readonly secret: string;
  readonly idempotencyKey: string;
  /** SHA-256 of route and body: the same key for anything else is a mistake. */
  readonly fingerprint: string;
}

const PRINTABLE_ASCII = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

export function isIdempotencyKey(text: string): boolean {
  return text.length <= LIMITS.idempotencyKeyLength && PRINTABLE_ASCII.test(text);
}

/** The first answer, null when there is none yet. Error `idempotency.key_reused`. */
export function findAnswer(
  deps: IdempotencyDeps,
): (request: IdempotentRequest) => Promise<Result<StoredAnswer | null>> {
  return async (request) => {
    const item = await deps.items.get({ table: TABLES.main, key: idempotencyKey(request) });
    if (item === undefined) return ok(null);
    const record = idempotencyFromItem(item);
    if (record.expiresAtMs <= deps.clock.nowMs()) return ok(null);
    if (record.fingerprint !== request.fingerprint) return err(appError('idempotency.key_reused'));
    return ok(openAnswer({ ...request, salt: record.salt }, record.sealed));
  };
}

/**
 * The operation that records the answer; it goes into the transaction of the change itself, so that neither is
 * ever without the other, and it fails when another request with the key was answered first.
 */
export function recordAnswer(
  deps: IdempotencyDeps,
): (request: IdempotentRequest, answer: StoredAnswer) => TransactionOperation {
  return (request, answer) => {
    const nowMs = deps.clock.nowMs();
    const salt = deps.ids.secret();
    const record = {
      fingerprint: request.fingerprint,
      salt,
      sealed: sealAnswer({ ...request, salt }, answer),
      expiresAtMs: nowMs + LIMITS.idempotencyTtlMs,
    };
    return {
      op: 'put',
      table: TABLES.main,
      item: idempotencyToItem(idempotencyKey(request), record),
      condition: {
        kind: 'any',
        of: [{ kind: 'item_absent' }, { kind: 'less_or_equal', name: 'expiresAtMs', value: nowMs }],
      },
    };
  };
}
