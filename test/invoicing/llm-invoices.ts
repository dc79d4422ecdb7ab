import { readFileSync } from 'node:fs';
import path from 'node:path';
import { chargesSchema } from '../../shared/contracts/http/charges.ts';
import {
  type DraftedInvoice,
  type DraftInvoiceInput,
  draftInvoice,
} from '../../shared/domain/invoicing/draft-invoice.ts';
import { compareEvents, type EvidenceEvent } from '../../shared/domain/invoicing/evidence-records.ts';
import { evidenceWriter } from '../../shared/domain/invoicing/evidence-writer.ts';
import type { BillingTerms, Closing, Invoice, Usage } from '../../shared/domain/invoicing/invoice.ts';
import {
  type InvoiceHead,
  type InvoiceJson,
  invoiceJson,
} from '../../shared/domain/invoicing/invoice-json.ts';
import { usageFold } from '../../shared/domain/invoicing/usage-fold.ts';
import type { Aggregation } from '../../shared/domain/metering/usage-read.ts';
import type { Charge } from '../../shared/domain/rating/charge.ts';
import type { Segment } from '../../shared/domain/subscriptions/segments.ts';
import { money } from '../../shared/kernel/money.ts';

const FIXTURES = path.join(import.meta.dirname, '..', 'fixtures');
const fixture = (name: string) => readFileSync(path.join(FIXTURES, name), 'utf8');

const NOVEMBER = { startMs: Date.UTC(2023, 10, 1), endMs: Date.UTC(2023, 11, 1) };
const NOVEMBER_SEGMENT: Segment = { version: 1, ...NOVEMBER, full: NOVEMBER };
const CLOSING: Closing = { kind: 'period_end', period: NOVEMBER, revision: 0 };
export const CUSTOMERS = ['acme', 'globex', 'initech', 'umbrella', 'hooli'] as const;

export const FINALIZED: InvoiceHead = {
  number: 'INV-000001',
  status: 'finalized',
  issuedAtMs: NOVEMBER.endMs,
  dueAtMs: NOVEMBER.endMs + 30 * 86_400_000,
  finalizedAtMs: NOVEMBER.endMs + 86_400_000,
  fence: 4711,
};

const PLAN_CHARGES: readonly Charge[] = chargesSchema.parse(JSON.parse(fixture('llm-plan.json')).charges);

/** Totals and lines as an independent program computed them. */
export const EXPECTED: Readonly<
  Record<
    string,
    {
      readonly lines: Readonly<Record<string, { readonly quantity: string; readonly amount: string }>>;
      readonly total: string;
    }
  >
> = JSON.parse(fixture('llm-invoices-expected.json'));

export function termsOf(customer: string): BillingTerms {
  const terms = {
    tenant: 'ten_1',
    subscription: `sub_${customer}`,
    customer,
    timeZone: 'UTC',
    quantity: '1',
  };
  return { ...terms, currency: 'USD', planCurrency: 'USD' };
}

const AGGREGATIONS: Readonly<Record<string, Aggregation>> = {
  input_tokens: 'sum',
  output_tokens: 'sum',
  requests: 'count',
};

/** The usage of a customer by meter, in the order of the trace, which is not that of evidence. */
export function traceEvents(customer: string): ReadonlyMap<string, readonly EvidenceEvent[]> {
  const rows = fixture('AzureLLMInferenceTrace_conv.csv').split('\r\n').slice(1);
  const found = new Map<string, EvidenceEvent[]>(Object.keys(AGGREGATIONS).map((meter) => [meter, []]));
  for (const [index, row] of rows.entries()) {
    if (CUSTOMERS[index % CUSTOMERS.length] !== customer) continue;
    const [time = '', input = '', output = ''] = row.split(',');
    const quantities = { input_tokens: input, output_tokens: output, requests: '1' };
    for (const [meter, quantity] of Object.entries(quantities)) {
      found.get(meter)?.push({
        kind: 'event',
        source: 'default',
        id: `conv-${index}`,
        time: `${time.slice(0, 10)}T${time.slice(11, 23)}Z`,
        quantity,
        uniqueKey: '',
        dimensions: {},
        meter,
        customer,
      });
    }
  }
  return found;
}

export function countUsage(events: readonly EvidenceEvent[], aggregation: Aggregation): Usage {
  const fold = usageFold(aggregation);
  for (const event of events.toSorted(compareEvents)) fold.add(event);
  return { ...fold.result(), unit: null, meterVersion: 1 };
}

function llmInput(
  customer: string,
  events: ReadonlyMap<string, readonly EvidenceEvent[]>,
): DraftInvoiceInput {
  const usage = Object.entries(AGGREGATIONS).map(([meter, aggregation]) => ({
    charge: meter,
    startMs: NOVEMBER.startMs,
    usage: countUsage(events.get(meter) ?? [], aggregation),
  }));
  const ended = [{ segment: NOVEMBER_SEGMENT, charges: PLAN_CHARGES }];
  return { terms: termsOf(customer), closing: CLOSING, ended, beginning: [], usage, earlier: [] };
}

/** The invoice of November, or, after a `first` one, the adjustments to it. */
export function draftLlmInvoice(
  customer: string,
  events: ReadonlyMap<string, readonly EvidenceEvent[]>,
  first: Invoice | null = null,
): DraftedInvoice {
  const input = llmInput(customer, events);
  if (first === null) return draftInvoice(input);
  const earlier = PLAN_CHARGES.map((charge) => {
    const usage = input.usage.find((found) => found.charge === charge.key)?.usage ?? null;
    const line = first.lines.find((found) => found.charge === charge.key);
    const invoiced = { quantity: line?.quantity ?? '0', amount: line?.amount ?? money(0n, 'USD') };
    return { charge, segment: NOVEMBER_SEGMENT, usage, invoiced };
  });
  return draftInvoice({ ...input, ended: [], usage: [], earlier });
}

/** The texts of an invoice and its evidence, as a customer downloads them. */
export function invoiceFiles(
  invoice: Invoice,
  events: ReadonlyMap<string, readonly EvidenceEvent[]>,
  head = FINALIZED,
): { readonly shown: InvoiceJson; readonly evidence: string } {
  const shown = invoiceJson({ invoice, head });
  const versions = [{ version: 1, charges: PLAN_CHARGES }];
  const writer = evidenceWriter({ invoice, shown, versions });
  const parts = [writer.start()];
  for (const line of invoice.lines) {
    const aggregation = AGGREGATIONS[line.charge];
    const meter = aggregation === undefined ? null : { key: line.charge, version: 1, aggregation };
    parts.push(writer.line(line, meter));
    const counted = meter === null ? [] : (events.get(meter.key) ?? []);
    parts.push(...counted.toSorted(compareEvents).map(writer.event));
  }
  return { shown, evidence: [...parts, writer.end().text].join('') };
}
