import { z } from 'zod';
import { INDEXES, TABLES } from '../../contracts/names.ts';
import type { InvoiceStatus } from '../../domain/invoicing/invoice-json.ts';
import { appError } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { Item, ItemStore } from '../../ports/item-store.ts';
import type { Page, PageRequest } from '../page.ts';
import {
  type InvoiceRecord,
  invoiceFromItem,
  invoiceIdFromItem,
  invoiceStatusOwner,
  invoicesOwner,
  invoicesPartition,
  shownStatus,
  subscriptionInvoicesPartition,
} from '../records/invoice.ts';
import { readInvoice, readInvoiceRecords } from './invoice-store.ts';
import type { ReadInvoicesDeps } from './read-invoices.ts';
import type { ShownInvoice } from './show-invoice.ts';

const text = z.string();
/** A sort key of any of the lists: an id, or one behind an instant. */
const PLACE = /^[\w:.#-]{1,128}$/;

type ListInvoicesInput = PageRequest & {
  readonly tenant: string;
  readonly customer?: string;
  readonly subscription?: string;
  readonly status?: InvoiceStatus;
};

/**
 * Of all customers by id; of a customer, a subscription or a status by closing instant. Those of a customer or a status come
 * from the index, which may lag. Pages are full but the last, unless so much was left out that the reads of one page are used up.
 * Error `request.invalid_cursor`.
 */
export function listInvoices(
  deps: ReadInvoicesDeps,
): (input: ListInvoicesInput) => Promise<Result<Page<ShownInvoice>>> {
  return async (input) => {
    if (input.startAfter !== undefined && !PLACE.test(input.startAfter))
      return err(appError('request.invalid_cursor'));
    const { records, next } = await fillPage(deps.items, input);
    const shown = records.map((record) => readInvoice(deps.objects, input.tenant, record));
    return ok({ records: await Promise.all(shown), ...(next === undefined ? {} : { next }) });
  };
}

async function fillPage(items: ItemStore, input: ListInvoicesInput): Promise<Page<InvoiceRecord>> {
  const { limit } = input;
  const list = listOf(input);
  const found: InvoiceRecord[] = [];
  let after = input.startAfter;
  for (let read = 0; read < LIMITS.invoicesReadPerPage; ) {
    const page = await items.query({
      table: TABLES.main,
      ...list.where,
      // Its inclusive start was on the page before.
      ...(after === undefined ? {} : { sk: { from: after } }),
      limit: 2 + (list.isFiltered ? LIMITS.pageSizeMax : limit - found.length),
    });
    read += page.items.length;
    const fresh = page.items.filter((item) => list.positionOf(item) !== after);
    const recordOf = await readRecords(items, input.tenant, fresh, list.isOfNames);
    for (const [index, item] of fresh.entries()) {
      after = list.positionOf(item);
      const record = recordOf(item);
      if (record !== undefined && isAsked(input, record)) found.push(record);
      const isLast = page.next === undefined && index === fresh.length - 1;
      if (found.length === limit && !isLast) return { records: found, next: after };
    }
    if (page.next === undefined) return { records: found };
  }
  return { records: found, ...(after === undefined ? {} : { next: after }) };
}

/** Where the fewest invoices beside those that are asked for are listed. */
function listOf({ tenant, customer, subscription, status }: ListInvoicesInput) {
  const inTable = ({ sk }: Item) => sk;
  const inIndex = ({ ownerSk }: Item) => text.parse(ownerSk);
  if (subscription !== undefined) {
    const where = { pk: subscriptionInvoicesPartition(tenant, subscription) };
    const isFiltered = status !== undefined || customer !== undefined;
    return { where, positionOf: inTable, isOfNames: true, isFiltered };
  }
  if (customer !== undefined) {
    const where = { index: INDEXES.byOwner, pk: invoicesOwner(tenant, customer) };
    return { where, positionOf: inIndex, isOfNames: false, isFiltered: status !== undefined };
  }
  if (status !== undefined) {
    const where = { index: INDEXES.byOwner, pk: invoiceStatusOwner(tenant, status) };
    return { where, positionOf: inIndex, isOfNames: true, isFiltered: false };
  }
  const where = { pk: invoicesPartition(tenant) };
  return { where, positionOf: inTable, isOfNames: false, isFiltered: false };
}

function isAsked({ customer, status }: ListInvoicesInput, record: InvoiceRecord): boolean {
  if (customer !== undefined && record.customer !== customer) return false;
  return status === undefined || shownStatus(record) === status;
}

async function readRecords(
  items: ItemStore,
  tenant: string,
  found: readonly Item[],
  isOfNames: boolean,
): Promise<(item: Item) => InvoiceRecord | undefined> {
  if (!isOfNames) return invoiceFromItem;
  const records = await readInvoiceRecords(items, tenant, found.map(invoiceIdFromItem));
  const byId = new Map(records.map((record) => [record.id, record]));
  return (item) => byId.get(invoiceIdFromItem(item));
}
