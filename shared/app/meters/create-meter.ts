import { TABLES } from '../../contracts/names.ts';
import { compileMeter, type MeterDefinition } from '../../domain/metering/meter.ts';
import { appError } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { TransactionOperation } from '../../ports/item-store.ts';
import { readRevision } from '../catalogue/read-revision.ts';
import { type Alongside, type ConfigurationDeps, commit, isRefusals, retryRaces } from '../commit.ts';
import { fieldIssuesError } from '../field-issues.ts';
import { queryAll } from '../query-all.ts';
import { raiseRevision } from '../records/catalogue-revision.ts';
import { type MeterRecord, metersPartition, meterToItem } from '../records/meter.ts';
import type { TenantRecord } from '../records/tenant.ts';
import { tenantNowMs } from '../tenants/read-tenant.ts';

interface CreateMeterInput {
  readonly tenant: Pick<TenantRecord, 'key' | 'mode'>;
  readonly key: string;
  /** The key when absent. */
  readonly name?: string;
  readonly unit?: string | null;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly definition: MeterDefinition;
  readonly alongside?: Alongside<MeterRecord>;
}

/** Errors `meter.exists`, `meter.limit_reached`, and those of the definition, each with its field. */
export function createMeter(
  deps: ConfigurationDeps,
): (input: CreateMeterInput) => Promise<Result<MeterRecord>> {
  return async (input) => {
    const compiled = compileMeter(input.definition);
    if (!compiled.ok) return err(fieldIssuesError(compiled.error));
    const nowMs = await tenantNowMs(deps, input.tenant);
    const { items } = deps;
    return retryRaces(deps, async () => {
      // Read before the count: whoever adds a meter after the count fails this transaction.
      const read = await readRevision(items, input.tenant.key);
      const counted = await checkRoom(deps, input);
      if (!counted.ok) return counted;
      const meter = newMeter(input, { nowMs, revision: read + 1 });
      const operations = planCreation(input.tenant.key, meter, read);
      const created = await commit({ items, operations, outcome: meter, alongside: input.alongside });
      if (created.ok) return created;
      if (!isRefusals(created.error)) return err(created.error);
      return created.error[0] === null ? 'raced' : err(appError('meter.exists'));
    });
  };
}

async function checkRoom(deps: ConfigurationDeps, input: CreateMeterInput): Promise<Result<void>> {
  const query = { table: TABLES.main, pk: metersPartition(input.tenant.key) };
  const items = await queryAll(deps.items, query);
  if (items.some(({ sk }) => sk === input.key)) return err(appError('meter.exists'));
  if (items.length < LIMITS.metersPerTenant) return ok(undefined);
  return err(
    appError('meter.limit_reached', `A tenant may have ${LIMITS.metersPerTenant} meters, archived included.`),
  );
}

function newMeter(
  input: CreateMeterInput,
  at: { readonly nowMs: number; readonly revision: number },
): MeterRecord {
  return {
    key: input.key,
    name: input.name ?? input.key,
    unit: input.unit ?? null,
    metadata: { ...input.metadata },
    definition: { ...input.definition, groupBy: { ...input.definition.groupBy } },
    version: 1,
    revision: at.revision,
    earlier: [],
    archivedRevision: null,
    etag: 1,
    createdAtMs: at.nowMs,
    archivedAtMs: null,
  };
}

function planCreation(tenant: string, meter: MeterRecord, read: number): readonly TransactionOperation[] {
  return [
    { op: 'put', table: TABLES.main, item: meterToItem(tenant, meter), condition: { kind: 'item_absent' } },
    raiseRevision({ tenant, read }),
  ];
}
