import type { AuthContext } from '../../shared/app/auth/auth-context.ts';
import { grants, type Scope } from '../../shared/contracts/http/scopes.ts';
import { appError } from '../../shared/kernel/errors.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import { type ApiEvent, header } from './request.ts';

export interface HttpAuthDeps {
  /** `authenticateSecret(…)` of shared/app/auth: one instance a process, for it holds the cache. */
  readonly authenticateSecret: (secret: string) => Promise<Result<AuthContext>>;
}

const BEARER = /^Bearer +(?<secret>[A-Za-z0-9._~+/=-]+)$/i;

/** The secret of `Authorization: Bearer …`; undefined when there is none or it is of another scheme. */
export function bearerSecret(event: ApiEvent): string | undefined {
  return BEARER.exec(header(event, 'authorization')?.trim() ?? '')?.groups?.secret;
}

/** Who calls: `auth.missing_key` or `auth.invalid_key`. Cookies are never looked at. */
export function authenticate(deps: HttpAuthDeps): (event: ApiEvent) => Promise<Result<AuthContext>> {
  return async (event) => {
    const secret = bearerSecret(event);
    return secret === undefined ? err(appError('auth.missing_key')) : deps.authenticateSecret(secret);
  };
}

/** `auth.missing_scope` unless the key grants the scope. */
export function requireScope(auth: AuthContext, scope: Scope): Result<AuthContext> {
  if (grants(auth.scopes, scope)) return ok(auth);
  return err(appError('auth.missing_scope', `The key needs the scope ${scope}.`));
}
