import { z } from 'zod';
import { invoiceLineSchema } from '../../contracts/http/invoices.ts';
import type { InvoiceLine, InvoiceLineId } from '../../domain/invoicing/invoice.ts';
import { periodJson } from '../../domain/invoicing/invoice-json.ts';
import { assert, defined } from '../../kernel/assert.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import type { CurrencyCode } from '../../kernel/currency.ts';
import { parseId } from '../../kernel/ids.ts';
import { type Money, moneyText, parseMoney } from '../../kernel/money.ts';
import type { Period } from '../../kernel/period.ts';
import { parseInstant } from '../../kernel/time.ts';

const periodText = invoiceLineSchema.shape.period;

/** A line as the wire has it, and what the wire does not show. */
const storedLines = z.array(
  invoiceLineSchema.extend({
    full: periodText,
    invoiced: z.object({ quantity: z.string(), amount: z.string() }).nullable(),
  }),
);

/** Canonical JSON: what was billed is one text, byte for byte. */
export function invoiceLinesText(lines: readonly InvoiceLine[]): string {
  return canonicalJson(lines.map(lineJson));
}

/** Its keys are in order, so that the text is made fast: there are thousands of lines in a run. */
function lineJson(line: InvoiceLine) {
  const { id, kind, charge, description, segment, quantity, unit, meterVersion, evidence, invoiced } = line;
  return {
    amount: moneyText(line.amount),
    charge,
    description,
    evidence: evidence === null ? null : { events: evidence.events, sha256: evidence.sha256 },
    full: periodJson(segment.full),
    id,
    invoiced: invoiced === null ? null : { amount: moneyText(invoiced.amount), quantity: invoiced.quantity },
    kind,
    meterVersion,
    period: periodJson(segment),
    planVersion: segment.version,
    quantity,
    tiers: line.tiers.map(({ amount, flatAmount, quantity: units, unitAmount, upTo }) => {
      return { amount: moneyText(amount), flatAmount, quantity: units, unitAmount, upTo };
    }),
    unit,
  };
}

/** Throws when the text is not of lines in this currency: then the store holds something we never wrote. */
export function invoiceLinesFromText(text: string, currency: CurrencyCode): readonly InvoiceLine[] {
  const amount = (value: string) => readMoney(value, currency);
  return storedLines.parse(JSON.parse(text)).map((line): InvoiceLine => {
    const { id, period, full, planVersion: version, invoiced, tiers, ...rest } = line;
    return {
      ...rest,
      id: readLineId(id),
      segment: { version, ...readPeriod(period), full: readPeriod(full) },
      amount: amount(line.amount),
      tiers: tiers.map((tier) => ({ ...tier, amount: amount(tier.amount) })),
      invoiced: invoiced === null ? null : { ...invoiced, amount: amount(invoiced.amount) },
    };
  });
}

function readLineId(text: string): InvoiceLineId {
  return defined(parseId('line', text), 'the id of a line');
}

function readPeriod({ from, to }: { readonly from: string; readonly to: string }): Period {
  return { startMs: readInstant(from), endMs: readInstant(to) };
}

function readInstant(text: string): number {
  const instant = parseInstant(text);
  assert(instant.ok, 'a stored instant is RFC 3339');
  return instant.value;
}

function readMoney(text: string, currency: CurrencyCode): Money {
  const amount = parseMoney(text, currency);
  assert(amount.ok, 'a stored amount is of its currency');
  return amount.value;
}
