import { TABLES } from '../../contracts/names.ts';
import { appError } from '../../kernel/errors.ts';
import { err, type Result } from '../../kernel/result.ts';
import type { TransactionOperation } from '../../ports/item-store.ts';
import { type Alongside, type ConfigurationDeps, commit, isRefusals, retryRaces } from '../commit.ts';
import { type TenantRecord, tenantKey } from '../records/tenant.ts';
import { readTenant } from './read-tenant.ts';

interface ArchiveTenantInput {
  readonly key: string;
  readonly alongside?: Alongside<TenantRecord>;
}

/** Archiving an archived tenant changes nothing. Error `tenant.not_found`. */
export function archiveTenant(
  deps: ConfigurationDeps,
): (input: ArchiveTenantInput) => Promise<Result<TenantRecord>> {
  return (input) =>
    retryRaces(deps, async () => {
      const current = await readTenant(deps.items, input.key);
      if (current === undefined) return err(appError('tenant.not_found'));
      const plan = planArchive(current, deps.clock.nowMs());
      const written = await commit({ items: deps.items, ...plan, alongside: input.alongside });
      if (written.ok) return written;
      return isRefusals(written.error) ? 'raced' : err(written.error);
    });
}

function planArchive(
  current: TenantRecord,
  nowMs: number,
): { readonly outcome: TenantRecord; readonly operations: readonly TransactionOperation[] } {
  if (current.archivedAtMs !== null) return { outcome: current, operations: [] };
  const changes = { etag: current.etag + 1, archivedAtMs: nowMs };
  const operation: TransactionOperation = {
    op: 'update',
    table: TABLES.main,
    key: tenantKey(current.key),
    changes: { set: changes },
    condition: { kind: 'equal', name: 'etag', value: current.etag },
  };
  return { outcome: { ...current, ...changes }, operations: [operation] };
}
