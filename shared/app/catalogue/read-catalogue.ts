import { LRUCache } from 'lru-cache';
import { TABLES } from '../../contracts/names.ts';
import type { CatalogueSnapshot } from '../../domain/metering/count-event.ts';
import { type CompiledMeter, compileMeter } from '../../domain/metering/meter.ts';
import { assert } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { queryAll } from '../query-all.ts';
import { catalogueKey, revisionFromItem } from '../records/catalogue-revision.ts';
import { referenceFromItem, referenceKey } from '../records/customer-reference.ts';
import { type MeterRecord, meterFromItem, metersPartition } from '../records/meter.ts';

type SnapshotMeter = CatalogueSnapshot['meters'][number];

/**
 * Reads what a plan needs of a tenant's configuration, strongly consistent. The revision is read first: what
 * changed after that is of a later revision, whose own job sees to the events planned before it.
 */
export function createCatalogueReader(deps: { readonly items: ItemStore }) {
  const compiled = new LRUCache<string, CompiledMeter>({ max: 10_000 });

  async function readMeters(tenant: string, revision: number): Promise<SnapshotMeter[]> {
    const stored = await queryAll(deps.items, { table: TABLES.main, pk: metersPartition(tenant) });
    const found = stored.map(meterFromItem);
    assert(found.length <= LIMITS.metersPerTenant, `tenant ${tenant} has more meters than it may have`);
    return found.flatMap((meter) => {
      const inForce = versionInForce(meter, revision);
      if (inForce === undefined) return [];
      return [{ key: meter.key, version: inForce.version, compiled: compile(tenant, meter, inForce) }];
    });
  }

  function compile(tenant: string, meter: MeterRecord, { version, definition }: MeterVersion): CompiledMeter {
    const key = JSON.stringify([tenant, meter.key, version, meter.createdAtMs]);
    const known = compiled.get(key);
    if (known !== undefined) return known;
    const made = compileMeter(definition);
    assert(made.ok, `the stored meter ${meter.key} does not compile`);
    compiled.set(key, made.value);
    return made.value;
  }

  async function readCustomers(
    tenant: string,
    references: readonly string[],
  ): Promise<CatalogueSnapshot['customers']> {
    const found = new Map<string, { customer: string; archived: boolean }>();
    for (let from = 0; from < references.length; from += LIMITS.batchGetKeys) {
      const keys = references
        .slice(from, from + LIMITS.batchGetKeys)
        .map((name) => referenceKey(tenant, name));
      for (const item of await deps.items.getMany({ table: TABLES.main, keys })) {
        const { reference, customer, archived } = referenceFromItem(item);
        found.set(reference, { customer, archived });
      }
    }
    return found;
  }

  return async (input: {
    readonly tenant: string;
    readonly references: readonly string[];
  }): Promise<CatalogueSnapshot> => {
    const revision = revisionFromItem(
      await deps.items.get({ table: TABLES.main, key: catalogueKey(input.tenant) }),
    );
    const [meters, customers] = await Promise.all([
      readMeters(input.tenant, revision),
      readCustomers(input.tenant, [...new Set(input.references)]),
    ]);
    return { revision, meters, customers };
  };
}

export type CatalogueReader = ReturnType<typeof createCatalogueReader>;

type MeterVersion = MeterRecord['earlier'][number];

/** A version that came after the revision is as if it were not there: the one before it counts. */
function versionInForce(meter: MeterRecord, revision: number): MeterVersion | undefined {
  if (meter.archivedRevision !== null && meter.archivedRevision <= revision) return undefined;
  return [meter, ...meter.earlier].find((version) => version.revision <= revision);
}
