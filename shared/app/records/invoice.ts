import { z } from 'zod';
import type { InvoiceStatus } from '../../domain/invoicing/invoice-json.ts';
import { formatInstant } from '../../kernel/time.ts';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs, ITEM_FORMAT, itemFormat, present } from './item-format.ts';

/** The partition of a tenant's invoices; the sort key is the invoice's id. */
export function invoicesPartition(tenant: string): string {
  return `tenant#${tenant}#invoices`;
}

export function invoiceKey(tenant: string, id: string): ItemKey {
  return { pk: invoicesPartition(tenant), sk: id };
}

/** Under which owner the index lists the invoices of a customer, by closing instant. */
export function invoicesOwner(tenant: string, customer: string): string {
  return `tenant#${tenant}#invoices#${customer}`;
}

const invoiceItem = z.object({
  v: itemFormat,
  id: z.string(),
  /** Keys. */
  subscription: z.string(),
  customer: z.string(),
  plan: z.string(),
  /** ISO 4217, of the invoice and of its plan. */
  currency: z.string(),
  planCurrency: z.string(),
  /** IANA. */
  timeZone: z.string(),
  /** Of the subscription, decimal text. */
  quantity: z.string(),
  closingKind: z.enum(['period_start', 'period_end']),
  startMs: epochMs,
  endMs: epochMs,
  revision: z.int(),
  /** `ready`: what it says is final, and it waits for its number. */
  status: z.enum(['draft', 'ready', 'finalized', 'paid', 'void', 'uncollectible']),
  number: z.string().nullable().default(null),
  issuedAtMs: epochMs.nullable().default(null),
  dueAtMs: epochMs.nullable().default(null),
  finalizedAtMs: epochMs.nullable().default(null),
  /** Rows behind fences lower than this are billed. */
  fence: z.int(),
  /** When its grace ends; its due item lies there while it is a draft. */
  graceEndMs: epochMs,
  /** Lines as canonical JSON (in zstd, base64), or the object that holds this text where it is too long for an item. */
  lines: z.string().nullable().default(null),
  linesObject: z.string().nullable().default(null),
  /** The object with the evidence, whose header has no number yet; null for a draft. */
  evidenceObject: z.string().nullable().default(null),
  /** Its bytes in the object, which may hold the evidence of other invoices, too; null: all of them. */
  evidenceStart: z.int().nullable().default(null),
  evidenceEnd: z.int().nullable().default(null),
});

/** An invoice as stored. Absent attributes read as null. */
export type InvoiceRecord = Readonly<Omit<z.output<typeof invoiceItem>, 'v'>>;

/** The instant that the invoice closes, epoch ms. */
export function closingInstantMs(closing: {
  readonly closingKind: InvoiceRecord['closingKind'];
  readonly startMs: number;
  readonly endMs: number;
}): number {
  return closing.closingKind === 'period_start' ? closing.startMs : closing.endMs;
}

export function invoiceToItem(tenant: string, record: InvoiceRecord): Item {
  return {
    ...invoiceKey(tenant, record.id),
    ownerPk: invoicesOwner(tenant, record.customer),
    ownerSk: `${formatInstant(closingInstantMs(record))}#${record.id}`,
    v: ITEM_FORMAT,
    ...present(record),
  };
}

/** Throws when the item is not an invoice: then the store holds something we never wrote. */
export function invoiceFromItem(item: Item): InvoiceRecord {
  const { v: _format, ...record } = invoiceItem.parse(item);
  return record;
}

/** The partition that names a subscription's invoices in the order of their closing instants. */
export function subscriptionInvoicesPartition(tenant: string, subscription: string): string {
  return `tenant#${tenant}#subscription#${subscription}#invoices`;
}

/** Under which owner the index lists the invoices of a status, by closing instant: the items that name them. */
export function invoiceStatusOwner(tenant: string, status: InvoiceStatus): string {
  return `tenant#${tenant}#invoices-${status}`;
}

/** To all others it is a draft until it has its number. */
export function shownStatus({ status }: Pick<InvoiceRecord, 'status'>): InvoiceStatus {
  return status === 'ready' ? 'draft' : status;
}

export function subscriptionInvoiceToItem(tenant: string, record: InvoiceRecord): Item {
  const key = subscriptionInvoiceKey(tenant, record);
  const owner = invoiceStatusOwner(tenant, shownStatus(record));
  return { ...key, ownerPk: owner, ownerSk: key.sk, v: ITEM_FORMAT, id: record.id };
}

export function subscriptionInvoiceKey(
  tenant: string,
  record: Pick<InvoiceRecord, 'id' | 'subscription' | 'closingKind' | 'startMs' | 'endMs'>,
): ItemKey {
  return {
    pk: subscriptionInvoicesPartition(tenant, record.subscription),
    sk: `${formatInstant(closingInstantMs(record))}#${record.id}`,
  };
}

const referenceItem = z.object({ v: itemFormat, id: z.string() });

/** The id of an invoice that an item names. Throws when it names none. */
export function invoiceIdFromItem(item: Item): string {
  return referenceItem.parse(item).id;
}
