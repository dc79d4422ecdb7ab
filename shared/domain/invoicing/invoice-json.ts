import { type Money, money, moneyText, subtractMoney } from '../../kernel/money.ts';
import type { Period } from '../../kernel/period.ts';
import { formatInstant } from '../../kernel/time.ts';
import type { EvidenceDigest, Invoice, InvoiceLine, InvoiceLineKind } from './invoice.ts';

export type InvoiceStatus = 'draft' | 'finalized' | 'paid' | 'void' | 'uncollectible';

// Aliases, not interfaces: only these are JSON values to the compiler.

export type PeriodJson = { readonly from: string; readonly to: string };

export type InvoiceTierJson = {
  readonly upTo: string | null;
  readonly quantity: string;
  readonly unitAmount: string | null;
  readonly flatAmount: string | null;
  readonly amount: string;
};

export type InvoiceLineJson = {
  readonly id: string;
  readonly kind: InvoiceLineKind;
  readonly charge: string;
  readonly description: string;
  readonly period: PeriodJson;
  readonly quantity: string;
  readonly unit: string | null;
  readonly amount: string;
  readonly planVersion: number;
  readonly meterVersion: number | null;
  readonly tiers: readonly InvoiceTierJson[];
  readonly evidence: { readonly sha256: string; readonly events: number } | null;
};

/** An invoice as the wire has it: amounts with exactly the currency's decimals, quantities plain decimals. */
export type InvoiceJson = {
  readonly id: string;
  readonly number: string | null;
  readonly status: InvoiceStatus;
  readonly customer: string;
  readonly currency: string;
  readonly period: PeriodJson;
  readonly issuedAt: string | null;
  readonly dueAt: string | null;
  readonly finalizedAt: string | null;
  readonly subtotal: string;
  readonly discountTotal: string;
  readonly taxTotal: string;
  readonly creditTotal: string;
  readonly total: string;
  readonly amountPaid: string;
  readonly amountDue: string;
  readonly lines: readonly InvoiceLineJson[];
  readonly linesNextCursor: string | null;
  readonly fence: number | null;
};

/** What becomes of an invoice after it was drafted. Instants are epoch ms. */
export interface InvoiceHead {
  readonly number: string | null;
  readonly status: InvoiceStatus;
  readonly issuedAtMs: number | null;
  readonly dueAtMs: number | null;
  readonly finalizedAtMs: number | null;
  /** Nothing when absent. */
  readonly amountPaid?: Money;
  /** Number of the fence whose earlier rows are billed. */
  readonly fence: number | null;
}

/** All lines, unless the caller shows a page of them. */
export function invoiceJson(input: {
  readonly invoice: Invoice;
  readonly head: InvoiceHead;
  readonly lines?: readonly InvoiceLine[];
  readonly linesNextCursor?: string | null;
}): InvoiceJson {
  const { invoice, head, lines = invoice.lines, linesNextCursor = null } = input;
  const { terms, totals } = invoice;
  const { amountPaid = money(0n, terms.currency) } = head;
  return {
    id: invoice.id,
    number: head.number,
    status: head.status,
    customer: terms.customer,
    currency: terms.currency,
    period: periodJson(invoice.closing.period),
    issuedAt: instantJson(head.issuedAtMs),
    dueAt: instantJson(head.dueAtMs),
    finalizedAt: instantJson(head.finalizedAtMs),
    subtotal: moneyText(totals.subtotal),
    discountTotal: moneyText(totals.discountTotal),
    taxTotal: moneyText(totals.taxTotal),
    creditTotal: moneyText(totals.creditTotal),
    total: moneyText(totals.total),
    amountPaid: moneyText(amountPaid),
    amountDue: moneyText(subtractMoney(totals.total, amountPaid)),
    lines: lines.map(invoiceLineJson),
    linesNextCursor,
    fence: head.fence,
  };
}

export function invoiceLineJson(line: InvoiceLine): InvoiceLineJson {
  const { id, kind, charge, description, segment, quantity, unit, meterVersion } = line;
  return {
    id,
    kind,
    charge,
    description,
    period: periodJson(segment),
    quantity,
    unit,
    amount: moneyText(line.amount),
    planVersion: segment.version,
    meterVersion,
    tiers: line.tiers.map((tier) => ({ ...tier, amount: moneyText(tier.amount) })),
    evidence: line.evidence === null ? null : digestJson(line.evidence),
  };
}

/** Lines of an invoice share their periods: each is written once. */
const PERIODS = new WeakMap<Period, PeriodJson>();

export function periodJson(period: Period): PeriodJson {
  const known = PERIODS.get(period);
  if (known !== undefined) return known;
  const json = { from: formatInstant(period.startMs), to: formatInstant(period.endMs) };
  PERIODS.set(period, json);
  return json;
}

function instantJson(instantMs: number | null): string | null {
  return instantMs === null ? null : formatInstant(instantMs);
}

function digestJson({ sha256, events }: EvidenceDigest) {
  return { sha256, events };
}
