import type { AuthContext } from '../../shared/app/auth/auth-context.ts';
import type { Alongside } from '../../shared/app/commit.ts';
import {
  findAnswer,
  type IdempotencyDeps,
  type IdempotentRequest,
  isIdempotencyKey,
  recordAnswer,
} from '../../shared/app/idempotency/idempotency.ts';
import type { StoredAnswer } from '../../shared/app/idempotency/sealed-answer.ts';
import { defined } from '../../shared/kernel/assert.ts';
import { appError } from '../../shared/kernel/errors.ts';
import { sha256Hex } from '../../shared/kernel/hash.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { bearerSecret } from './authenticate.ts';
import { type ApiEvent, header } from './request.ts';
import type { Reply } from './response.ts';

/** `null`: the client sent no `Idempotency-Key`. Error `idempotency.invalid_key`. */
export function idempotentRequest(input: {
  readonly event: ApiEvent;
  readonly auth: AuthContext;
  readonly text: string;
}): Result<IdempotentRequest | null> {
  const idempotencyKey = header(input.event, 'idempotency-key');
  if (idempotencyKey === undefined) return ok(null);
  if (!isIdempotencyKey(idempotencyKey)) {
    const message = `must be 1 to ${LIMITS.idempotencyKeyLength} printable ASCII characters`;
    const issue = { path: 'Idempotency-Key', code: 'idempotency.invalid_key', message } as const;
    return err(appError('idempotency.invalid_key', undefined, [issue]));
  }
  const { requestContext, rawPath, rawQueryString } = input.event;
  return ok({
    tenant: input.auth.tenant?.key ?? null,
    keyId: input.auth.keyId,
    secret: defined(bearerSecret(input.event), 'the secret of an authenticated request'),
    idempotencyKey,
    fingerprint: sha256Hex(JSON.stringify([requestContext.http.method, rawPath, rawQueryString, input.text])),
  });
}

/**
 * Runs `change` at most once for the request. Of several at the same time one commits; the others find their
 * record refused, or meet what the first one changed, and give its answer. Errors are never recorded.
 */
export async function answerOnce(input: {
  readonly deps: IdempotencyDeps;
  readonly request: IdempotentRequest | null;
  readonly change: (alongside: Alongside<Reply>) => Promise<Result<Reply>>;
}): Promise<Result<Reply>> {
  const { deps, request, change } = input;
  if (request === null) return change(() => []);
  const before = await findAnswer(deps)(request);
  if (!before.ok) return before;
  if (before.value !== null) return ok(replayed(before.value));
  const changed = await change((reply) => [recordAnswer(deps)(request, toStored(reply))]);
  if (changed.ok) return changed;
  const meanwhile = await findAnswer(deps)(request);
  if (!meanwhile.ok) return meanwhile;
  return meanwhile.value === null ? changed : ok(replayed(meanwhile.value));
}

function toStored(reply: Reply): StoredAnswer {
  return {
    status: reply.status,
    contentType: reply.text?.contentType ?? 'application/json',
    content: reply.text?.content ?? JSON.stringify(reply.body),
    headers: { ...reply.headers },
  };
}

function replayed({ status, contentType, content, headers }: StoredAnswer): Reply {
  return { status, text: { contentType, content }, headers: { ...headers, 'idempotency-replayed': 'true' } };
}
