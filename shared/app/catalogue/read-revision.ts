import { TABLES } from '../../contracts/names.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { catalogueKey, revisionFromItem } from '../records/catalogue-revision.ts';

/** The tenant's catalogue revision as it is now, strongly consistent. */
export async function readRevision(items: ItemStore, tenant: string): Promise<number> {
  return revisionFromItem(await items.get({ table: TABLES.main, key: catalogueKey(tenant) }));
}
