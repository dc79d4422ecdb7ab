import type { AuthContext } from '../../shared/app/auth/auth-context.ts';
import type { IdempotencyDeps } from '../../shared/app/idempotency/idempotency.ts';
import type { TakeTokens } from '../../shared/app/limits/rate-limiter.ts';
import type { RouteContract } from '../../shared/contracts/http/route.ts';
import { appError } from '../../shared/kernel/errors.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { authenticate, type HttpAuthDeps, requireScope } from './authenticate.ts';
import type { Binding, Call } from './call.ts';
import { readIfMatch } from './etag.ts';
import { answerOnce, idempotentRequest } from './idempotent.ts';
import { quotaHeaders } from './quota-headers.ts';
import { readJson } from './read-json.ts';
import { readQuery } from './read-query.ts';
import type { ApiEvent } from './request.ts';
import type { Reply } from './response.ts';
import { validate } from './validate.ts';

export type BindingDeps = HttpAuthDeps & IdempotencyDeps & { readonly takeTokens: TakeTokens };

interface BindingInput {
  readonly deps: BindingDeps;
  readonly binding: Binding;
  readonly event: ApiEvent;
  readonly params: Readonly<Record<string, string>>;
  readonly requestId: string;
}

/** Everything a contract asks for, in the order in which a caller may learn of it: who, what right, how often, which words. */
export async function runBinding(input: BindingInput): Promise<Result<Reply>> {
  const { deps, binding, event } = input;
  const auth = await admit(deps, binding.contract, event);
  if (!auth.ok) return auth;
  if (auth.value === null) return runAdmitted(input, null);
  const quota = await deps.takeTokens({ caller: auth.value, resource: 'requests', count: 1 });
  if (!quota.ok) return quota;
  const reply = await runAdmitted(input, auth.value);
  if (!reply.ok) return reply;
  return ok({ ...reply.value, headers: { ...quotaHeaders(quota.value), ...reply.value.headers } });
}

async function runAdmitted(input: BindingInput, auth: AuthContext | null): Promise<Result<Reply>> {
  const { deps, binding, event, requestId } = input;
  const { contract } = binding;
  const words = await readWords(contract, event, input.params);
  if (!words.ok) return words;
  const { text, ...read } = words.value;
  const run = (alongside: Call['alongside']) =>
    binding.handle({ contract, event, requestId, auth, ...read, alongside });
  if (!contract.idempotent || auth === null) return run(() => []);
  const request = idempotentRequest({ event, auth, text });
  return request.ok ? answerOnce({ deps, request: request.value, change: run }) : request;
}

async function admit(
  deps: BindingDeps,
  contract: RouteContract,
  event: ApiEvent,
): Promise<Result<AuthContext | null>> {
  if (contract.scope === 'public') return ok(null);
  const auth = await authenticate(deps)(event);
  if (!auth.ok) return auth;
  const allowed = requireScope(auth.value, contract.scope);
  if (!allowed.ok) return allowed;
  if (contract.needsTenant && auth.value.tenant === null) return err(appError('auth.no_tenant'));
  return ok(auth.value);
}

type Words = Pick<Call, 'params' | 'query' | 'body' | 'ifMatch'> & { readonly text: string };

async function readWords(
  contract: RouteContract,
  event: ApiEvent,
  sentParams: Readonly<Record<string, string>>,
): Promise<Result<Words>> {
  // An address that no resource can have is an address where nothing is.
  const params = contract.params === undefined ? ok(undefined) : validate(contract.params, sentParams);
  if (!params.ok) return err(appError('request.not_found'));
  const query =
    contract.query === undefined
      ? refuseQuery(event.rawQueryString)
      : readQuery(event.rawQueryString, contract.query);
  if (!query.ok) return query;
  const body = await readWholeBody(contract, event);
  if (!body.ok) return body;
  const ifMatch = contract.ifMatch ? readIfMatch(event) : ok(0);
  if (!ifMatch.ok) return ifMatch;
  // The router knows the contract only as its general type; `bind` gives each handler its own.
  const values = { params: params.value, query: query.value, body: body.value.value } as Words;
  return ok({ ...values, ifMatch: ifMatch.value, text: body.value.text });
}

async function readWholeBody(
  contract: RouteContract,
  event: ApiEvent,
): Promise<Result<{ readonly value: unknown; readonly text: string }>> {
  if (contract.body === undefined) return ok({ value: undefined, text: '' });
  if (contract.bodyOptional && (event.body ?? '') === '') return ok({ value: {}, text: '' });
  return readJson(event, contract.body, contract.bodyBytesMax ?? LIMITS.configurationBodyBytes);
}

function refuseQuery(rawQueryString: string): Result<undefined> {
  const names = [...new Set(new URLSearchParams(rawQueryString).keys())];
  if (names.length === 0) return ok(undefined);
  const message = 'is not a parameter here';
  const issues = names.map((path) => ({ path, code: 'request.unknown_field' as const, message }));
  return err(appError('request.unknown_field', undefined, issues));
}
