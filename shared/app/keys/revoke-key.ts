import { TABLES } from '../../contracts/names.ts';
import { err, type Result } from '../../kernel/result.ts';
import type { TransactionOperation } from '../../ports/item-store.ts';
import type { AuthContext } from '../auth/auth-context.ts';
import { type Alongside, type ConfigurationDeps, commit, isRefusals, retryRaces } from '../commit.ts';
import { type ApiKeyRecord, apiKeyKey } from '../records/api-key.ts';
import { readKey } from './read-key.ts';

interface RevokeKeyInput {
  readonly caller: AuthContext;
  readonly id: string;
  readonly alongside?: Alongside<ApiKeyRecord>;
}

/** For ever; revoking again changes nothing. Error `key.not_found`, also for keys of others. */
export function revokeKey(deps: ConfigurationDeps): (input: RevokeKeyInput) => Promise<Result<ApiKeyRecord>> {
  return (input) =>
    retryRaces(deps, async () => {
      const found = await readKey({ items: deps.items, caller: input.caller, id: input.id });
      if (!found.ok) return found;
      const plan = planRevocation(found.value, deps.clock.nowMs());
      const written = await commit({ items: deps.items, ...plan, alongside: input.alongside });
      if (written.ok) return written;
      return isRefusals(written.error) ? 'raced' : err(written.error);
    });
}

function planRevocation(
  current: ApiKeyRecord,
  nowMs: number,
): { readonly outcome: ApiKeyRecord; readonly operations: readonly TransactionOperation[] } {
  if (current.revokedAtMs !== null) return { outcome: current, operations: [] };
  const operation: TransactionOperation = {
    op: 'update',
    table: TABLES.main,
    key: apiKeyKey(current.secretHash),
    changes: { set: { revokedAtMs: nowMs } },
    condition: {
      kind: 'all',
      of: [{ kind: 'item_present' }, { kind: 'attribute_absent', name: 'revokedAtMs' }],
    },
  };
  return { outcome: { ...current, revokedAtMs: nowMs }, operations: [operation] };
}
