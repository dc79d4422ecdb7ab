import { INDEXES, TABLES } from '../../contracts/names.ts';
import type { InvoiceStatus } from '../../domain/invoicing/invoice-json.ts';
import { appError } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { Item, ItemStore } from '../../ports/item-store.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { Page, PageRequest } from '../page.ts';
import {
  type InvoiceRecord,
  invoiceFromItem,
  invoiceIdFromItem,
  invoiceKey,
  invoicesOwner,
  invoicesPartition,
  subscriptionInvoicesPartition,
} from '../records/invoice.ts';
import { readInvoice, readInvoiceRecords } from './invoice-store.ts';
import { type EvidenceFile, openEvidence } from './read-evidence.ts';
import type { ShownInvoice } from './show-invoice.ts';

export interface ReadInvoicesDeps {
  readonly items: ItemStore;
  readonly objects: ObjectStore;
}

interface InvoiceName {
  readonly tenant: string;
  readonly id: string;
}

/** With all its lines. Error `invoice.not_found`. */
export function getInvoice(deps: ReadInvoicesDeps): (name: InvoiceName) => Promise<Result<ShownInvoice>> {
  return async (name) => {
    const record = await readRecord(deps, name);
    return record.ok ? ok(await readInvoice(deps.objects, name.tenant, record.value)) : record;
  };
}

/**
 * Of all customers by id; of a customer or a subscription by closing instant. Those of a customer come from the index, which
 * may lag. `status` leaves invoices out of the page.
 */
export function listInvoices(deps: ReadInvoicesDeps): (
  request: PageRequest & {
    readonly tenant: string;
    readonly customer?: string;
    readonly subscription?: string;
    readonly status?: InvoiceStatus;
  },
) => Promise<Page<ShownInvoice>> {
  return async ({ tenant, customer, subscription, status, ...request }) => {
    const table = TABLES.main;
    const where = whereOf(tenant, customer, subscription);
    const page = await deps.items.query({ table, ...where, ...request });
    const records = await recordsOf(deps.items, tenant, page.items, subscription !== undefined);
    const asked = records.filter((record) => customer === undefined || record.customer === customer);
    const shown = await Promise.all(asked.map((record) => readInvoice(deps.objects, tenant, record)));
    return {
      records: shown.filter(({ head }) => status === undefined || head.status === status),
      ...(page.next === undefined ? {} : { next: page.next }),
    };
  };
}

/** The evidence file, with the invoice's number. Errors `invoice.not_found`, `invoice.no_evidence`. */
export function getEvidence(deps: ReadInvoicesDeps): (name: InvoiceName) => Promise<Result<EvidenceFile>> {
  return async (name) => {
    const record = await readRecord(deps, name);
    if (!record.ok) return record;
    const { evidenceObject, number } = record.value;
    if (evidenceObject === null || number === null) return err(appError('invoice.no_evidence'));
    return ok(await openEvidence(deps.objects, evidenceObject, number));
  };
}

async function readRecord(
  { items }: ReadInvoicesDeps,
  { tenant, id }: InvoiceName,
): Promise<Result<InvoiceRecord>> {
  const item = await items.get({ table: TABLES.main, key: invoiceKey(tenant, id) });
  return item === undefined ? err(appError('invoice.not_found')) : ok(invoiceFromItem(item));
}

function whereOf(tenant: string, customer: string | undefined, subscription: string | undefined) {
  if (subscription !== undefined) return { pk: subscriptionInvoicesPartition(tenant, subscription) };
  if (customer === undefined) return { pk: invoicesPartition(tenant) };
  return { index: INDEXES.byOwner, pk: invoicesOwner(tenant, customer) };
}

async function recordsOf(
  items: ItemStore,
  tenant: string,
  found: readonly Item[],
  areReferences: boolean,
): Promise<readonly InvoiceRecord[]> {
  if (!areReferences) return found.map(invoiceFromItem);
  const ids = found.map(invoiceIdFromItem);
  const records = await readInvoiceRecords(items, tenant, ids);
  return records.toSorted((left, right) => ids.indexOf(left.id) - ids.indexOf(right.id));
}
