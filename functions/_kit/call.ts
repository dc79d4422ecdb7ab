import type { z } from 'zod';
import type { AuthContext } from '../../shared/app/auth/auth-context.ts';
import type { Alongside } from '../../shared/app/commit.ts';
import type { TenantRecord } from '../../shared/app/records/tenant.ts';
import type { RouteContract } from '../../shared/contracts/http/route.ts';
import { defined } from '../../shared/kernel/assert.ts';
import type { Result } from '../../shared/kernel/result.ts';
import { ok } from '../../shared/kernel/result.ts';
import type { ApiEvent } from './request.ts';
import type { Reply } from './response.ts';

type Output<S> = S extends z.ZodType ? z.output<S> : undefined;

/** A request that passed everything its contract asks for. */
export interface Call<C extends RouteContract = RouteContract> {
  readonly contract: C;
  readonly event: ApiEvent;
  readonly requestId: string;
  /** Null on public routes only. */
  readonly auth: AuthContext | null;
  readonly params: Output<C['params']>;
  readonly query: Output<C['query']>;
  readonly body: Output<C['body']>;
  /** The version that `If-Match` names; 0 where the contract asks for none. */
  readonly ifMatch: number;
  /** What must commit with the change so that a retry gets the same reply. */
  readonly alongside: Alongside<Reply>;
}

/** A route and who answers it. Errors become problems, throws become 500 or 503. */
export interface Binding {
  readonly contract: RouteContract;
  // Each binding knows its own shapes; the router only hands over what the contract's schemas made.
  readonly handle: (call: Call) => Promise<Result<Reply>>;
}

export function bind<C extends RouteContract>(
  contract: C,
  handle: (call: Call<C>) => Promise<Result<Reply>>,
): Binding {
  return { contract, handle: (call) => handle(call as unknown as Call<C>) };
}

export function callerOf(call: Pick<Call, 'auth'>): AuthContext {
  return defined(call.auth, 'the caller of a route with a scope');
}

/** The tenant of the key; the router has refused keys without one where the contract needs it. */
export function tenantOf(call: Pick<Call, 'auth'>): TenantRecord {
  return defined(callerOf(call).tenant, 'the tenant of the caller');
}

/** Runs a change whose reply is recorded with it. */
export async function replyOnce<T>(input: {
  readonly call: Pick<Call, 'alongside'>;
  readonly reply: (outcome: T) => Reply;
  readonly change: (alongside: Alongside<T>) => Promise<Result<T>>;
}): Promise<Result<Reply>> {
  const changed = await input.change((outcome) => input.call.alongside(input.reply(outcome)));
  return changed.ok ? ok(input.reply(changed.value)) : changed;
}
