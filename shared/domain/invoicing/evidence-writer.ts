import { assert } from '../../kernel/assert.ts';
import { runningSha256 } from '../../kernel/hash.ts';
import { moneyText } from '../../kernel/money.ts';
import type { Charge } from '../rating/charge.ts';
import {
  EVIDENCE_FORMAT,
  type EvidenceEvent,
  type EvidenceMeter,
  type EvidenceRecord,
  evidenceText,
} from './evidence-records.ts';
import type { Invoice, InvoiceLine } from './invoice.ts';
import { type InvoiceJson, periodJson } from './invoice-json.ts';

/** Makes the text of an evidence file piece by piece, in order: start, each line followed by its events, end. */
export interface EvidenceWriter {
  start(): string;
  line(line: InvoiceLine, meter: EvidenceMeter | null): string;
  event(event: EvidenceEvent): string;
  end(): string;
}

/** `versions` are those that the lines name, each with all its charges; `shown` is the invoice as clients get it. */
export function evidenceWriter(input: {
  readonly invoice: Pick<Invoice, 'terms' | 'closing'>;
  readonly shown: Pick<InvoiceJson, 'id' | 'number' | 'issuedAt' | 'dueAt' | 'finalizedAt' | 'fence'>;
  readonly versions: readonly { readonly version: number; readonly charges: readonly Charge[] }[];
}): EvidenceWriter {
  const { terms, closing } = input.invoice;
  const digest = runningSha256();
  const count = { lines: 0, events: 0 };
  const write = (record: EvidenceRecord) => {
    const text = evidenceText(record);
    digest.add(text);
    return text;
  };
  return {
    start: () => {
      const { id, number, issuedAt, dueAt, finalizedAt, fence } = input.shown;
      const { kind, revision, period } = closing;
      const header = write({
        kind: 'evidence',
        v: EVIDENCE_FORMAT,
        invoice: { id, number, issuedAt, dueAt, finalizedAt, fence },
        terms: termsJson(terms),
        closing: { kind, period: periodJson(period), revision },
      });
      const ascending = input.versions.toSorted((left, right) => left.version - right.version);
      return (
        header +
        ascending.map(({ version, charges }) => write({ kind: 'version', version, charges })).join('')
      );
    },
    line: (line, meter) => {
      assert((line.meterVersion === null) === (meter === null), 'a usage line has a meter, no other has');
      count.lines += 1;
      const { segment, invoiced } = line;
      return write({
        kind: 'line',
        line: line.id,
        charge: line.charge,
        planVersion: segment.version,
        period: periodJson(segment),
        full: periodJson(segment.full),
        meter,
        invoiced:
          invoiced === null ? null : { quantity: invoiced.quantity, amount: moneyText(invoiced.amount) },
      });
    },
    event: (event) => {
      count.events += 1;
      return write(event);
    },
    end: () => write({ kind: 'end', ...count, sha256: digest.hex() }),
  };
}

/** Exactly the fields of the format, whatever else the caller's value carries. */
function termsJson(terms: Invoice['terms']): Invoice['terms'] {
  const { tenant, subscription, customer, currency, planCurrency, timeZone, quantity } = terms;
  return { tenant, subscription, customer, currency, planCurrency, timeZone, quantity };
}
