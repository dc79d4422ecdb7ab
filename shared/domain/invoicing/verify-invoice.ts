import { assert } from '../../kernel/assert.ts';
import type { CurrencyCode } from '../../kernel/currency.ts';
import { type Money, money, moneyText, parseMoney, subtractMoney } from '../../kernel/money.ts';
import { type Period, period } from '../../kernel/period.ts';
import { parseInstant } from '../../kernel/time.ts';
import { kindOf } from '../rating/charge.ts';
import type { CountedLine, Evidence, VersionCharges } from './evidence-reader.ts';
import { type Difference, firstDifference } from './first-difference.ts';
import type { BillingTerms, Closing, InvoiceId, InvoiceLine, InvoiceTotals, Usage } from './invoice.ts';
import { invoiceId } from './invoice-ids.ts';
import { type InvoiceJson, type InvoiceLineJson, invoiceLineJson, type PeriodJson } from './invoice-json.ts';
import { invoiceTotals } from './invoice-totals.ts';
import { type LineBasis, rateLine } from './rate-line.ts';

/** What an invoice says beside its figures, or what becomes of it later: no evidence decides it. */
export const PRESENTATION_FIELDS = ['status', 'lines[].description', 'lines[].unit'] as const;

/**
 * Recomputes an invoice, which has all its lines, from the events of its evidence and the plan versions, and answers the
 * first difference; null: there is none. Discounts, taxes, credits and payments are taken as stated, their sums are not.
 */
export function verifyInvoice(input: {
  readonly invoice: InvoiceJson;
  readonly evidence: Evidence;
  readonly versions: readonly VersionCharges[];
}): Difference | null {
  const { invoice, evidence, versions } = input;
  const { terms } = evidence.header;
  const closing = readClosing(evidence);
  const id = invoiceId(terms, closing);
  const lines: InvoiceLine[] = [];
  for (const [index, counted] of evidence.lines.entries()) {
    const path = `lines[${index}]`;
    const shown = invoice.lines[index];
    const line = recompute({ id, terms, versions, counted, path });
    if ('path' in line) return line;
    const expected = expectedLine(line, shown);
    const different = shown === undefined ? null : firstDifference(inOrder(shown), inOrder(expected), path);
    if (different !== null) return different;
    lines.push(line);
  }
  return differenceOfWhole({ invoice, evidence, id, closing, lines }) ?? damageOf(evidence);
}

function damageOf({ damage }: Evidence): Difference | null {
  return damage === null ? null : { path: 'evidence', message: damage };
}

/** The line, or why there is none. */
function recompute(input: {
  readonly id: InvoiceId;
  readonly terms: BillingTerms;
  readonly versions: readonly VersionCharges[];
  readonly counted: CountedLine;
  readonly path: string;
}): InvoiceLine | Difference {
  const { id, terms, versions, counted, path } = input;
  if (counted.problem !== null) return { path: `${path}.evidence`, message: counted.problem };
  const { charge: key, planVersion, line: lineId } = counted.line;
  const version = versions.find((candidate) => candidate.version === planVersion);
  if (version === undefined) {
    return { path: `${path}.planVersion`, message: `the prices of version ${planVersion} are missing` };
  }
  const charge = version.charges.find((candidate) => candidate.key === key);
  if (charge === undefined) {
    return { path: `${path}.charge`, message: `version ${planVersion} has no charge ${key}` };
  }
  try {
    const line = rateLine(id, terms, basisOf(charge, counted, terms));
    return line.id === lineId ? line : { path: `${path}.id`, message: `is ${lineId}, should be ${line.id}` };
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return { path: `${path}.amount`, message: `cannot be computed: ${reason}` };
  }
}

function basisOf(
  charge: LineBasis['charge'],
  { line, quantity, evidence }: CountedLine,
  { currency }: BillingTerms,
): LineBasis {
  const { meter, invoiced } = line;
  assert((charge.meter ?? null) === (meter?.key ?? null), 'its meter is not that of its charge');
  assert((kindOf(charge) === 'usage') === (meter !== null), 'only usage has a meter');
  const usage: Usage | null =
    meter === null ? null : { quantity, unit: null, meterVersion: meter.version, evidence };
  const full = readPeriod(line.full);
  const segment = { version: line.planVersion, ...readPeriod(line.period), full };
  if (invoiced === null) return { charge, segment, usage, invoiced: null };
  const amount = parseMoney(invoiced.amount, currency);
  assert(amount.ok, 'what was invoiced is no amount');
  return { charge, segment, usage, invoiced: { quantity: invoiced.quantity, amount: amount.value } };
}

function expectedLine(line: InvoiceLine, shown: InvoiceLineJson | undefined): InvoiceLineJson {
  const expected = invoiceLineJson(line);
  return shown === undefined ? expected : { ...expected, description: shown.description, unit: shown.unit };
}

/** What makes the others differ comes first. */
function inOrder(line: InvoiceLineJson): InvoiceLineJson {
  const { charge, kind, period: linePeriod, planVersion, meterVersion, evidence, quantity, amount } = line;
  const first = { charge, kind, period: linePeriod, planVersion, meterVersion, evidence, quantity, amount };
  return { ...first, ...line };
}

/** Of everything but what the lines say, their number included. */
function differenceOfWhole(input: {
  readonly invoice: InvoiceJson;
  readonly evidence: Evidence;
  readonly id: InvoiceId;
  readonly closing: Closing;
  readonly lines: readonly InvoiceLine[];
}): Difference | null {
  const { invoice, evidence, id, lines } = input;
  const { header } = evidence;
  const { currency, customer } = header.terms;
  const currencies = firstDifference({ currency: invoice.currency }, { currency });
  if (currencies !== null) return currencies;
  const stated = statedAmounts(invoice, currency);
  if ('path' in stated) return stated;
  const totals = invoiceTotals(lines, currency, stated);
  const should = {
    lines: lines.map((line, index) => expectedLine(line, invoice.lines[index])),
    subtotal: moneyText(totals.subtotal),
    discountTotal: moneyText(totals.discountTotal),
    taxTotal: moneyText(totals.taxTotal),
    creditTotal: moneyText(totals.creditTotal),
    total: moneyText(totals.total),
    amountPaid: moneyText(stated.amountPaid),
    amountDue: moneyText(subtractMoney(totals.total, stated.amountPaid)),
    ...header.invoice,
    id,
    status: invoice.status,
    customer,
    currency,
    period: header.closing.period,
    linesNextCursor: null,
  };
  return firstDifference(invoice, should);
}

type StatedAmounts = Pick<InvoiceTotals, 'discountTotal' | 'taxTotal' | 'creditTotal'> & {
  readonly amountPaid: Money;
};

function statedAmounts(invoice: InvoiceJson, currency: CurrencyCode): StatedAmounts | Difference {
  const wrong: Difference[] = [];
  const read = (field: keyof StatedAmounts): Money => {
    const parsed = parseMoney(invoice[field], currency);
    if (parsed.ok) return parsed.value;
    wrong.push({ path: field, message: `is ${invoice[field]}, which is no amount in ${currency}` });
    return money(0n, currency);
  };
  const stated = {
    discountTotal: read('discountTotal'),
    taxTotal: read('taxTotal'),
    creditTotal: read('creditTotal'),
    amountPaid: read('amountPaid'),
  };
  return wrong[0] ?? stated;
}

function readClosing({ header }: Evidence): Closing {
  return { ...header.closing, period: readPeriod(header.closing.period) };
}

/** Of text that its schema has checked. */
function readPeriod({ from, to }: PeriodJson): Period {
  return period(readInstant(from), readInstant(to));
}

function readInstant(text: string): number {
  const parsed = parseInstant(text);
  assert(parsed.ok, 'an instant of the evidence is none');
  return parsed.value;
}
