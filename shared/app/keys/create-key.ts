import { grants, type Scope } from '../../contracts/http/scopes.ts';
import { appError } from '../../kernel/errors.ts';
import { err, type Result } from '../../kernel/result.ts';
import type { AuthContext } from '../auth/auth-context.ts';
import type { Alongside } from '../commit.ts';
import { fieldIssuesError } from '../field-issues.ts';
import { changedLimits, NO_LIMITS, type RateLimits } from '../records/rate-limits.ts';
import { type IssuedKey, type IssueKeyDeps, issueKey } from './issue-key.ts';
import { keyOwner } from './key-owner.ts';

interface CreateKeyInput {
  readonly caller: AuthContext;
  readonly name: string;
  /** Absent: the caller's own. Null: a key of the operator. */
  readonly tenant?: string | null;
  readonly scopes: readonly Scope[];
  readonly expiresAtMs?: number | null;
  readonly limits?: Partial<RateLimits>;
  readonly alongside?: Alongside<IssuedKey>;
}

/**
 * Errors `auth.scope_escalation`, `tenant.not_found`, `key.limit_reached`, `request.invalid_field` for an expiry
 * that is over.
 */
export function createKey(deps: IssueKeyDeps): (input: CreateKeyInput) => Promise<Result<IssuedKey>> {
  return async (input) => {
    const lacking = input.scopes.filter((scope) => !grants(input.caller.scopes, scope));
    if (lacking.length > 0) {
      return err(appError('auth.scope_escalation', `The calling key lacks ${lacking.join(', ')}.`));
    }
    if (typeof input.expiresAtMs === 'number' && input.expiresAtMs <= deps.clock.nowMs()) {
      const issue = {
        path: 'expiresAt',
        code: 'request.invalid_field',
        message: 'must be in the future',
      } as const;
      return err(fieldIssuesError([issue]));
    }
    const owner = await keyOwner({ items: deps.items, caller: input.caller, tenant: input.tenant });
    if (!owner.ok) return owner;
    return issueKey(deps)({
      name: input.name,
      tenant: owner.value?.key ?? null,
      mode: owner.value?.mode ?? 'live',
      scopes: input.scopes,
      expiresAtMs: input.expiresAtMs ?? null,
      limits: changedLimits(NO_LIMITS, input.limits),
      ...(input.alongside === undefined ? {} : { alongside: input.alongside }),
    });
  };
}
