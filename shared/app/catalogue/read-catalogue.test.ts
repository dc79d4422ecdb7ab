import { expect, test } from 'vitest';
import { createMemoryItems } from '../../adapters/memory/items/memory-items.ts';
import { TABLES } from '../../contracts/names.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { raiseRevision } from '../records/catalogue-revision.ts';
import { meterToItem } from '../records/meter.ts';
import { createCatalogueReader } from './read-catalogue.ts';

const definition = {
  eventType: 'call',
  aggregation: 'count',
  value: null,
  groupBy: {},
  filter: null,
} as const;
const metadata = Object.fromEntries(
  Array.from({ length: LIMITS.metadataEntries }, (_, index) => [
    `key-${index}`,
    'x'.repeat(LIMITS.metadataValueLength),
  ]),
);

test('a tenant may have all its meters with all their metadata: they take several pages, and all are read', async () => {
  const items = createMemoryItems();
  await items.transact([raiseRevision({ tenant: 'acme', read: 0 })]);
  const keys = Array.from(
    { length: LIMITS.metersPerTenant },
    (_, index) => `meter-${String(index).padStart(3, '0')}`,
  );
  for (const key of keys) {
    const record = { key, name: key, unit: null, metadata, definition, version: 1, revision: 1 };
    const times = { archivedRevision: null, earlier: [], etag: 1, createdAtMs: 0, archivedAtMs: null };
    await items.put({ table: TABLES.main, item: meterToItem('acme', { ...record, ...times }) });
  }
  const catalogue = await createCatalogueReader({ items })({ tenant: 'acme', references: [] });
  expect(catalogue.meters.map(({ key }) => key)).toEqual(keys);
});
