import { TABLES } from '../../contracts/names.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { Item, ItemStore, TransactionOperation } from '../../ports/item-store.ts';
import { StoreError } from '../../ports/store-error.ts';
import { invoiceKey } from '../records/invoice.ts';
import {
  invoiceNumber,
  invoiceSeriesKey,
  lastNumberFromItem,
  readyInvoiceFromItem,
  readyInvoicesPartition,
} from '../records/invoice-series.ts';
import { moveToStatus } from './invoice-status.ts';

/**
 * Numbers all ready invoices of the tenant by closing instant and id. The counter moves with the invoices that it numbers,
 * in one transaction, so that no number is left out or given twice, and none is ever taken back.
 */
export async function numberInvoices(items: ItemStore, tenant: string): Promise<void> {
  let failures = 0;
  while (failures < LIMITS.catalogueAttempts) {
    const key = invoiceSeriesKey(tenant);
    const last = lastNumberFromItem(await items.get({ table: TABLES.main, key }));
    const ready = await items.query({
      table: TABLES.main,
      pk: readyInvoicesPartition(tenant),
      limit: LIMITS.invoicesPerNumbering,
    });
    if (ready.items.length === 0) return;
    const numbered = await items.transact([
      advanceCounter(tenant, last, ready.items.length),
      ...ready.items.flatMap((item, index) => giveNumber(tenant, item, invoiceNumber(last + index + 1))),
    ]);
    failures = numbered.ok ? 0 : failures + 1;
  }
  const message = `another run numbers the invoices of ${tenant} all the time`;
  throw new StoreError({ message, outcome: 'not_done', reason: 'throttled' });
}

function advanceCounter(tenant: string, last: number, count: number): TransactionOperation {
  return {
    op: 'update',
    table: TABLES.main,
    key: invoiceSeriesKey(tenant),
    changes: { set: { last: last + count } },
    condition: last === 0 ? { kind: 'item_absent' } : { kind: 'equal', name: 'last', value: last },
  };
}

function giveNumber(tenant: string, ready: Item, number: string): readonly TransactionOperation[] {
  const { pk, sk } = ready;
  const { id, reference } = readyInvoiceFromItem(tenant, ready);
  return [
    {
      op: 'update',
      table: TABLES.main,
      key: invoiceKey(tenant, id),
      changes: { set: { status: 'finalized', number } },
      condition: { kind: 'equal', name: 'status', value: 'ready' },
    },
    moveToStatus(tenant, reference, 'finalized'),
    { op: 'delete', table: TABLES.main, key: { pk, sk }, condition: { kind: 'item_present' } },
  ];
}
