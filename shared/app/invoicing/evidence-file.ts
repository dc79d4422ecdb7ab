import type { VersionCharges } from '../../domain/invoicing/evidence-reader.ts';
import {
  type EvidenceEnd,
  type EvidenceHeader,
  evidenceText,
} from '../../domain/invoicing/evidence-records.ts';
import { evidenceWriter } from '../../domain/invoicing/evidence-writer.ts';
import type { Invoice } from '../../domain/invoicing/invoice.ts';
import { type InvoiceHead, invoiceJson } from '../../domain/invoicing/invoice-json.ts';
import { runningSha256 } from '../../kernel/hash.ts';
import type { ProvedLine } from './line-evidence.ts';

/** The text of an evidence file for an invoice whose lines have their events, and the digest that its end states. */
export function evidenceFile(input: {
  readonly invoice: Invoice;
  readonly head: InvoiceHead;
  readonly proved: readonly ProvedLine[];
  readonly versions: readonly VersionCharges[];
}): { readonly text: string; readonly sha256: string } {
  const { invoice, head, proved } = input;
  const named = new Set(invoice.lines.map(({ segment }) => segment.version));
  const writer = evidenceWriter({
    invoice,
    shown: invoiceJson({ invoice, head, lines: [] }),
    versions: input.versions.filter(({ version }) => named.has(version)),
  });
  let text = writer.start();
  for (const { line, meter, records, events } of proved) {
    text += writer.line(line, meter) + writer.events(records, events);
  }
  const end = writer.end();
  return { text: text + end.text, sha256: end.sha256 };
}

/**
 * The file with the invoice's number in its header. It is written before there is a number, for numbers are given one
 * after the other and must not wait for files.
 */
export function withNumber(file: string, number: string): string {
  const headerEnd = file.indexOf('\n') + 1;
  const endStart = file.lastIndexOf('\n', file.length - 2) + 1;
  const header = numberedHeader(file.slice(0, headerEnd), number);
  const body = file.slice(headerEnd, endStart);
  const digest = runningSha256();
  digest.add(header);
  digest.add(body);
  return header + body + numberedEnd(file.slice(endStart), digest.hex());
}

/** The text of the first record with the invoice's number. */
export function numberedHeader(text: string, number: string): string {
  const header: EvidenceHeader = JSON.parse(text);
  return evidenceText({ ...header, invoice: { ...header.invoice, number } });
}

/** The text of the last record with the digest of all before it. */
export function numberedEnd(text: string, sha256: string): string {
  const end: EvidenceEnd = JSON.parse(text);
  return evidenceText({ ...end, sha256 });
}
