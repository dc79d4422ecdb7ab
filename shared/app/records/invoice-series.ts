import { z } from 'zod';
import { formatInstant } from '../../kernel/time.ts';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { closingInstantMs, type InvoiceRecord, subscriptionInvoicesPartition } from './invoice.ts';
import { ITEM_FORMAT, itemFormat } from './item-format.ts';

const NUMBER_DIGITS = 6;
const PREFIX = 'INV';

/** The last number that a tenant's series gave; absent before the first. */
export function invoiceSeriesKey(tenant: string): ItemKey {
  return { pk: `tenant#${tenant}#invoice-series`, sk: PREFIX };
}

const seriesItem = z.object({ last: z.int().nonnegative() });

export function lastNumberFromItem(item: Item | undefined): number {
  return item === undefined ? 0 : seriesItem.parse(item).last;
}

export function invoiceNumber(ordinal: number): string {
  return `${PREFIX}-${String(ordinal).padStart(NUMBER_DIGITS, '0')}`;
}

/** Invoices that wait for a number, in the order in which they get one. */
export function readyInvoicesPartition(tenant: string): string {
  return `tenant#${tenant}#invoices-ready`;
}

export function readyInvoiceToItem(tenant: string, record: InvoiceRecord): Item {
  return {
    pk: readyInvoicesPartition(tenant),
    sk: `${formatInstant(closingInstantMs(record))}#${record.id}`,
    v: ITEM_FORMAT,
    id: record.id,
    subscription: record.subscription,
  };
}

const readyItem = z.object({ v: itemFormat, sk: z.string(), id: z.string(), subscription: z.string() });

/** The invoice that waits, and the item that names it among those of its subscription. */
export function readyInvoiceFromItem(
  tenant: string,
  item: Item,
): { readonly id: string; readonly reference: ItemKey } {
  const { sk, id, subscription } = readyItem.parse(item);
  return { id, reference: { pk: subscriptionInvoicesPartition(tenant, subscription), sk } };
}
