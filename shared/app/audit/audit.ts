import { TABLES } from '../../contracts/names.ts';
import { newId } from '../../kernel/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { ItemStore, TransactionOperation } from '../../ports/item-store.ts';
import type { Page, PageRequest } from '../page.ts';
import { type AuditEntry, auditFromItem, auditPartition, auditToItem } from '../records/audit-entry.ts';

/** Notes a change in its own transaction. */
export function audit(
  deps: { readonly ids: IdSource; readonly clock: Clock },
  tenant: string,
  change: Omit<AuditEntry, 'id' | 'atMs'>,
): TransactionOperation {
  const entry = { ...change, id: newId('audit', deps.ids.uuid()), atMs: deps.clock.nowMs() };
  const item = auditToItem(tenant, entry);
  return { op: 'put', table: TABLES.main, item, condition: { kind: 'item_absent' } };
}

/** Newest first. */
export function listAudit(deps: {
  readonly items: ItemStore;
}): (request: PageRequest & { readonly tenant: string }) => Promise<Page<AuditEntry>> {
  return async ({ tenant, ...request }) => {
    const query = { table: TABLES.main, pk: auditPartition(tenant), descending: true, ...request };
    const page = await deps.items.query(query);
    return {
      records: page.items.map(auditFromItem),
      ...(page.next === undefined ? {} : { next: page.next }),
    };
  };
}
