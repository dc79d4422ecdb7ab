import { TABLES } from '../../contracts/names.ts';
import type { InvoiceStatus } from '../../domain/invoicing/invoice-json.ts';
import type { ItemKey, TransactionOperation } from '../../ports/item-store.ts';
import { invoiceStatusOwner } from '../records/invoice.ts';

/** Lists an invoice under another status, in the transaction that changes it. `reference` is the item that names it. */
export function moveToStatus(
  tenant: string,
  reference: ItemKey,
  status: InvoiceStatus,
): TransactionOperation {
  return {
    op: 'update',
    table: TABLES.main,
    key: reference,
    changes: { set: { ownerPk: invoiceStatusOwner(tenant, status) } },
    condition: { kind: 'item_present' },
  };
}
