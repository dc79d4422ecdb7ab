import { listInvoices } from '../../shared/app/invoicing/list-invoices.ts';
import { getEvidence } from '../../shared/app/invoicing/read-invoices.ts';
import { wholeInvoiceJson } from '../../shared/app/invoicing/show-invoice.ts';
import { verifyFiles } from '../../shared/app/invoicing/verify-files.ts';
import type { InvoiceJson } from '../../shared/domain/invoicing/invoice-json.ts';
import { assert, defined } from '../../shared/kernel/assert.ts';
import { type BillingProcess, must } from './billing-process.ts';
import { centsText, customerKey, expectedLines, type Load } from './invoice-load.ts';

const VERIFIED_FROM_EVIDENCE = 20;
const PAGE = 100;

/**
 * Throws unless each customer has one finalized invoice that says what integers alone make of what was sent, numbered without
 * gaps, and a sample of them follows from its evidence as a customer would check it.
 */
export async function checkInvoices(process: BillingProcess, load: Load): Promise<void> {
  assert(process.failures.length === 0, `something failed: ${JSON.stringify(process.failures[0])}`);
  const { tenant } = load;
  const invoices = await allInvoices(process, tenant);
  assert(invoices.length === load.customers, `${invoices.length} invoices of ${load.customers} customers`);
  const byCustomer = new Map(invoices.map((invoice) => [invoice.customer, invoice]));
  for (let customer = 0; customer < load.customers; customer += 1) {
    const key = customerKey(customer);
    checkInvoice(defined(byCustomer.get(key), `the invoice of ${key}`), customer, load);
  }
  const numbers = invoices.map(({ number }) => Number(number?.slice('INV-'.length))).sort((a, b) => a - b);
  assert(
    numbers.every((number, index) => number === index + 1),
    'numbers have no gaps',
  );
  const every = Math.max(1, Math.floor(load.customers / VERIFIED_FROM_EVIDENCE));
  for (const invoice of invoices.filter((_, index) => index % every === 0))
    await verify(process, tenant, invoice);
}

async function allInvoices({ stores }: BillingProcess, tenant: string): Promise<readonly InvoiceJson[]> {
  const found: InvoiceJson[] = [];
  let startAfter: string | undefined;
  do {
    const request = { tenant, limit: PAGE, ...(startAfter === undefined ? {} : { startAfter }) };
    const page = must(await listInvoices(stores)(request));
    found.push(...page.records.map(wholeInvoiceJson));
    startAfter = page.next;
  } while (startAfter !== undefined);
  return found;
}

function checkInvoice(invoice: InvoiceJson, customer: number, load: Load): void {
  const expected = expectedLines(customer, load);
  const shown = invoice.lines.map(({ charge, quantity, amount, evidence }) => {
    return { charge, quantity, amount, events: evidence?.events };
  });
  const isEqual = JSON.stringify(shown) === JSON.stringify(expected);
  assert(isEqual, `the lines of ${invoice.customer} are not what was used`);
  const cents = expected.reduce((sum, { amount }) => sum + BigInt(amount.replace('.', '')), 0n);
  assert(invoice.subtotal === centsText(cents), `the lines of ${invoice.customer} are not its subtotal`);
  assert(invoice.total === centsText(cents), `the lines of ${invoice.customer} are not its total`);
  assert(invoice.status === 'finalized', `the invoice of ${invoice.customer} is ${invoice.status}`);
}

async function verify({ stores }: BillingProcess, tenant: string, invoice: InvoiceJson): Promise<void> {
  const file = must(await getEvidence(stores)({ tenant, id: invoice.id }));
  const bytes = await file.read({ start: 0, end: file.size });
  const lines = new TextDecoder().decode(bytes).trimEnd().split('\n');
  const verdict = must(await verifyFiles({ invoice: JSON.stringify(invoice), evidence: numbered(lines) }));
  assert(verdict.difference === null, `its evidence makes another invoice: ${invoice.id}`);
}

async function* numbered(lines: readonly string[]) {
  for (const [index, text] of lines.entries()) yield { number: index + 1, text };
}
