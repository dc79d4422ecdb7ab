import { withNumber } from '../../shared/app/invoicing/evidence-file.ts';
import { readInvoice } from '../../shared/app/invoicing/invoice-store.ts';
import { type InvoiceRecord, invoiceFromItem, invoicesPartition } from '../../shared/app/records/invoice.ts';
import { invoiceJson } from '../../shared/domain/invoicing/invoice-json.ts';
import type { ItemStore } from '../../shared/ports/item-store.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';

interface InvoiceStores {
  readonly items: ItemStore;
  readonly objects: ObjectStore;
}

/** All invoices of a tenant as the wire has them, by id, each with its evidence file. */
export async function shownInvoices(stores: InvoiceStores, tenant: string) {
  const page = await stores.items.query({ table: 'main', pk: invoicesPartition(tenant), limit: 1_000 });
  return await Promise.all(page.items.map((item) => shown(stores, tenant, invoiceFromItem(item))));
}

async function shown({ objects }: InvoiceStores, tenant: string, record: InvoiceRecord) {
  const file = record.evidenceObject === null ? undefined : await objects.get(record.evidenceObject);
  const { evidenceStart, evidenceEnd } = record;
  const own = file?.subarray(evidenceStart ?? 0, evidenceEnd ?? file.byteLength);
  const evidence = own === undefined ? null : new TextDecoder().decode(own);
  const numbered =
    evidence === null || record.number === null ? evidence : withNumber(evidence, record.number);
  return { ...invoiceJson(await readInvoice(objects, tenant, record)), evidence: numbered };
}
