import { INDEXES, TABLES } from '../../contracts/names.ts';
import type { ItemStore, QueryPage } from '../../ports/item-store.ts';
import type { Page, PageRequest } from '../page.ts';
import { DUE_OWNER, type DueRecord, dueFromItem, duePartition, dueThrough } from '../records/due-item.ts';

interface ListDueInput extends PageRequest {
  readonly tenant: string;
  /** Inclusive, on the tenant's clock. */
  readonly untilMs: number;
}

/** What is due of a tenant, earliest first, strongly consistent. */
export async function listDue(
  items: ItemStore,
  { tenant, untilMs, ...request }: ListDueInput,
): Promise<Page<DueRecord>> {
  const sk = { to: dueThrough(untilMs) };
  return toPage(await items.query({ table: TABLES.main, pk: duePartition(tenant), sk, ...request }));
}

/**
 * What is due of all tenants, earliest first. The index may lag, and a test tenant's clock may stand before the
 * instant: it shows whom to ask with `listDue`, not what to do.
 */
export async function listDueOfAllTenants(
  items: ItemStore,
  { untilMs, ...request }: Omit<ListDueInput, 'tenant'>,
): Promise<Page<DueRecord>> {
  const sk = { to: dueThrough(untilMs) };
  const index = INDEXES.byOwner;
  return toPage(await items.query({ table: TABLES.main, index, pk: DUE_OWNER, sk, ...request }));
}

function toPage({ items, next }: QueryPage): Page<DueRecord> {
  return { records: items.map(dueFromItem), ...(next === undefined ? {} : { next }) };
}
