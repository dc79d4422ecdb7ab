import { TABLES } from '../../contracts/names.ts';
import { err, type Result } from '../../kernel/result.ts';
import type { TransactionOperation } from '../../ports/item-store.ts';
import { readRevision } from '../catalogue/read-revision.ts';
import { type Alongside, type ConfigurationDeps, commit, isRefusals, retryRaces } from '../commit.ts';
import { raiseRevision } from '../records/catalogue-revision.ts';
import { type MeterRecord, meterToItem } from '../records/meter.ts';
import type { TenantRecord } from '../records/tenant.ts';
import { tenantNowMs } from '../tenants/read-tenant.ts';
import { readMeter } from './read-meter.ts';

interface ArchiveMeterInput {
  readonly tenant: Pick<TenantRecord, 'key' | 'mode'>;
  readonly key: string;
  readonly alongside?: Alongside<MeterRecord>;
}

/** Events planned from the next revision on are not counted; usage stays. Archiving again changes nothing. */
export function archiveMeter(
  deps: ConfigurationDeps,
): (input: ArchiveMeterInput) => Promise<Result<MeterRecord>> {
  return async (input) => {
    const nowMs = await tenantNowMs(deps, input.tenant);
    const { items } = deps;
    return retryRaces(deps, async () => {
      const tenant = input.tenant.key;
      const current = await readMeter({ items, tenant, key: input.key });
      if (!current.ok) return current;
      const read = await readRevision(items, tenant);
      const plan = planArchive({ tenant, current: current.value, read, nowMs });
      const written = await commit({ items, ...plan, alongside: input.alongside });
      if (written.ok) return written;
      return isRefusals(written.error) ? 'raced' : err(written.error);
    });
  };
}

function planArchive(input: {
  readonly tenant: string;
  readonly current: MeterRecord;
  readonly read: number;
  readonly nowMs: number;
}): { readonly outcome: MeterRecord; readonly operations: readonly TransactionOperation[] } {
  const { tenant, current, read } = input;
  if (current.archivedRevision !== null) return { outcome: current, operations: [] };
  const outcome = {
    ...current,
    etag: current.etag + 1,
    archivedRevision: read + 1,
    archivedAtMs: input.nowMs,
  };
  const condition = { kind: 'equal', name: 'etag', value: current.etag } as const;
  return {
    outcome,
    operations: [
      { op: 'put', table: TABLES.main, item: meterToItem(tenant, outcome), condition },
      raiseRevision({ tenant, read }),
    ],
  };
}
