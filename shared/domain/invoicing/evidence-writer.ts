import { assert } from '../../kernel/assert.ts';
import { runningSha256 } from '../../kernel/hash.ts';
import { moneyText } from '../../kernel/money.ts';
import type { Charge } from '../rating/charge.ts';
import type { VersionCharges } from './evidence-reader.ts';
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
  /** So many events whose records, as `usageFold` answered them, are this text. */
  events(text: string, count: number): string;
  /** `sha256`: of all text before, which no other file has. */
  end(): { readonly text: string; readonly sha256: string };
}

/** `versions` are those that the lines name, each with all its charges; `shown` is the invoice as clients get it. */
export function evidenceWriter(input: {
  readonly invoice: Pick<Invoice, 'terms' | 'closing'>;
  readonly shown: Pick<InvoiceJson, 'id' | 'number' | 'issuedAt' | 'dueAt' | 'finalizedAt' | 'fence'>;
  readonly versions: readonly VersionCharges[];
}): EvidenceWriter {
  const { terms, closing } = input.invoice;
  const digest = runningSha256();
  const count = { lines: 0, events: 0 };
  const add = (text: string) => {
    digest.add(text);
    return text;
  };
  const write = (record: EvidenceRecord) => add(evidenceText(record));
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
      return header + ascending.map((version) => add(versionText(version))).join('');
    },
    line: (line, meter) => {
      assert((line.meterVersion === null) === (meter === null), 'a usage line has a meter, no other has');
      count.lines += 1;
      const { segment, invoiced } = line;
      // In the order of canonical JSON, which makes its text fast.
      return write({
        charge: line.charge,
        full: periodJson(segment.full),
        invoiced:
          invoiced === null ? null : { amount: moneyText(invoiced.amount), quantity: invoiced.quantity },
        kind: 'line',
        line: line.id,
        meter,
        period: periodJson(segment),
        planVersion: segment.version,
      });
    },
    event: (event) => {
      count.events += 1;
      return write(event);
    },
    events: (text, events) => {
      count.events += events;
      return add(text);
    },
    end: () => {
      const sha256 = digest.hex();
      return { text: evidenceText({ kind: 'end', ...count, sha256 }), sha256 };
    },
  };
}

/** A published version never changes, and stands in the file of every invoice that it prices. */
const VERSION_TEXTS = new WeakMap<readonly Charge[], string>();

function versionText({ version, charges }: VersionCharges): string {
  const known = VERSION_TEXTS.get(charges);
  if (known !== undefined) return known;
  const text = evidenceText({ kind: 'version', version, charges });
  VERSION_TEXTS.set(charges, text);
  return text;
}

/** Exactly the fields of the format, whatever else the caller's value carries. */
function termsJson(terms: Invoice['terms']): Invoice['terms'] {
  const { tenant, subscription, customer, currency, planCurrency, timeZone, quantity } = terms;
  return { tenant, subscription, customer, currency, planCurrency, timeZone, quantity };
}
