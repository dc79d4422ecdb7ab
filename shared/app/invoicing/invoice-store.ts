import { Buffer } from 'node:buffer';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { TABLES } from '../../contracts/names.ts';
import type { Invoice, InvoiceId, InvoiceLine } from '../../domain/invoicing/invoice.ts';
import type { InvoiceHead } from '../../domain/invoicing/invoice-json.ts';
import { invoiceTotals } from '../../domain/invoicing/invoice-totals.ts';
import { defined } from '../../kernel/assert.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { parseId } from '../../kernel/ids.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { formatInstant } from '../../kernel/time.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { queryAll } from '../query-all.ts';
import {
  type InvoiceRecord,
  invoiceFromItem,
  invoiceIdFromItem,
  invoiceKey,
  shownStatus,
  subscriptionInvoicesPartition,
} from '../records/invoice.ts';
import { invoiceLinesFromText, invoiceLinesText } from '../records/invoice-lines.ts';
import { currencyOf } from './plan-prices.ts';

type StoredLines = Pick<InvoiceRecord, 'lines' | 'linesObject'>;

/** Where the lines are kept: in the item, or in an object named by what it holds. */
export async function storeLines(
  objects: ObjectStore,
  owner: { readonly tenant: string; readonly id: string },
  lines: readonly InvoiceLine[],
): Promise<StoredLines> {
  const text = invoiceLinesText(lines);
  const body = Buffer.from(text);
  if (body.byteLength <= LIMITS.invoiceLinesBytes) return { lines: pack(body), linesObject: null };
  const linesObject = `invoices/${owner.tenant}/${owner.id}/lines-${sha256Hex(text)}.json`;
  await objects.put({ key: linesObject, body, ifAbsent: true });
  return { lines: null, linesObject };
}

export async function readLines(
  objects: ObjectStore,
  record: InvoiceRecord,
): Promise<readonly InvoiceLine[]> {
  const text =
    record.lines === null
      ? await readText(objects, defined(record.linesObject, 'where lines are'))
      : unpack(record.lines);
  return invoiceLinesFromText(text, currencyOf(record.currency));
}

/** A sixth of the text, of an item that is read and written several times before it is final. */
function pack(body: Uint8Array): string {
  return zstdCompressSync(body, FAST).toString('base64');
}

const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

function unpack(packed: string): string {
  const maxOutputLength = LIMITS.invoiceLinesBytes;
  return zstdDecompressSync(Buffer.from(packed, 'base64'), { maxOutputLength }).toString('utf8');
}

export async function readText(objects: ObjectStore, key: string): Promise<string> {
  return new TextDecoder().decode(defined(await objects.get(key), `object ${key}`));
}

/** The invoice with all its lines, as `invoiceJson` takes it. */
export async function readInvoice(
  objects: ObjectStore,
  tenant: string,
  record: InvoiceRecord,
): Promise<{ readonly invoice: Invoice; readonly head: InvoiceHead }> {
  const lines = await readLines(objects, record);
  const { subscription, customer, timeZone, quantity, startMs, endMs, revision } = record;
  const currency = currencyOf(record.currency);
  const planCurrency = currencyOf(record.planCurrency);
  return {
    invoice: {
      id: readInvoiceId(record.id),
      terms: { tenant, subscription, customer, currency, planCurrency, timeZone, quantity },
      closing: { kind: record.closingKind, period: { startMs, endMs }, revision },
      lines,
      totals: invoiceTotals(lines, currency),
    },
    head: { ...headOf(record), status: shownStatus(record) },
  };
}

function headOf({ number, issuedAtMs, dueAtMs, finalizedAtMs, fence }: InvoiceRecord) {
  return { number, issuedAtMs, dueAtMs, finalizedAtMs, fence };
}

function readInvoiceId(text: string): InvoiceId {
  return defined(parseId('inv', text), 'the id of an invoice');
}

/** Strongly consistent; absent ones are left out, the order is not kept. */
export async function readInvoiceRecords(
  items: ItemStore,
  tenant: string,
  ids: readonly string[],
): Promise<readonly InvoiceRecord[]> {
  const found: InvoiceRecord[] = [];
  for (let from = 0; from < ids.length; from += LIMITS.batchGetKeys) {
    const keys = ids.slice(from, from + LIMITS.batchGetKeys).map((id) => invoiceKey(tenant, id));
    found.push(...(await items.getMany({ table: TABLES.main, keys })).map(invoiceFromItem));
  }
  return found;
}

/** Of a subscription, those that close in [fromMs, toMs), by closing instant; those that were voided are left out. */
export async function subscriptionInvoices(
  items: ItemStore,
  asked: {
    readonly tenant: string;
    readonly subscription: string;
    readonly fromMs: number;
    readonly toMs: number;
  },
): Promise<readonly InvoiceRecord[]> {
  const { tenant, subscription, fromMs, toMs } = asked;
  const named = await queryAll(items, {
    table: TABLES.main,
    pk: subscriptionInvoicesPartition(tenant, subscription),
    // What closes at `toMs` has a sort key that goes on behind the instant, so that the inclusive end is exclusive.
    sk: { from: formatInstant(fromMs), to: formatInstant(toMs) },
  });
  const ids = named.map(invoiceIdFromItem);
  const byId = new Map((await readInvoiceRecords(items, tenant, ids)).map((record) => [record.id, record]));
  return ids.map((id) => defined(byId.get(id), `invoice ${id}`)).filter((record) => record.status !== 'void');
}
