import { TABLES } from '../../contracts/names.ts';
import { appError } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { type InvoiceRecord, invoiceFromItem, invoiceKey } from '../records/invoice.ts';
import { readInvoice } from './invoice-store.ts';
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

/** The evidence file, with the invoice's number. Errors `invoice.not_found`, `invoice.no_evidence`. */
export function getEvidence(deps: ReadInvoicesDeps): (name: InvoiceName) => Promise<Result<EvidenceFile>> {
  return async (name) => {
    const record = await readRecord(deps, name);
    if (!record.ok) return record;
    const { evidenceObject, number } = record.value;
    if (evidenceObject === null || number === null) return err(appError('invoice.no_evidence'));
    return ok(await openEvidence(deps.objects, record.value, number));
  };
}

async function readRecord(
  { items }: ReadInvoicesDeps,
  { tenant, id }: InvoiceName,
): Promise<Result<InvoiceRecord>> {
  const item = await items.get({ table: TABLES.main, key: invoiceKey(tenant, id) });
  return item === undefined ? err(appError('invoice.not_found')) : ok(invoiceFromItem(item));
}
