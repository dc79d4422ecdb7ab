import { evidenceRecordSchema } from '../../contracts/evidence.ts';
import { invoiceSchema } from '../../contracts/http/invoices.ts';
import { type Evidence, evidenceReader } from '../../domain/invoicing/evidence-reader.ts';
import type { EvidenceRecord } from '../../domain/invoicing/evidence-records.ts';
import type { Difference } from '../../domain/invoicing/first-difference.ts';
import type { InvoiceJson } from '../../domain/invoicing/invoice-json.ts';
import { verifyInvoice } from '../../domain/invoicing/verify-invoice.ts';
import { err, ok, type Result } from '../../kernel/result.ts';

/** Which file cannot be read as what it should be, and why. */
export interface UnreadableFile {
  readonly file: 'invoice' | 'evidence';
  readonly reason: string;
}

export interface InvoiceVerdict {
  /** Null: the invoice is what its evidence makes it. */
  readonly difference: Difference | null;
  readonly invoice: InvoiceJson;
  /** Of all lines. */
  readonly events: number;
}

/** A line of the evidence file without its line feed; null where it cannot be one. */
export interface EvidenceTextLine {
  readonly number: number;
  readonly text: string | null;
}

/** Verifies an invoice (JSON, as the API shows it, with all its lines) by its evidence file, which is read once. */
export async function verifyFiles(input: {
  readonly invoice: string;
  readonly evidence: AsyncIterable<EvidenceTextLine>;
}): Promise<Result<InvoiceVerdict, UnreadableFile>> {
  const invoice = readInvoice(input.invoice);
  if (!invoice.ok) return invoice;
  const evidence = await readEvidence(input.evidence);
  if (!evidence.ok) return evidence;
  const { versions, lines } = evidence.value;
  const difference = verifyInvoice({ invoice: invoice.value, evidence: evidence.value, versions });
  const events = lines.reduce((sum, line) => sum + line.evidence.events, 0);
  return ok({ difference, invoice: invoice.value, events });
}

function readInvoice(text: string): Result<InvoiceJson, UnreadableFile> {
  const parsed = invoiceSchema.safeParse(parseJson(text));
  if (!parsed.success) return err({ file: 'invoice', reason: firstIssue(parsed.error.issues) });
  if (parsed.data.linesNextCursor !== null) {
    return err({ file: 'invoice', reason: 'it has not all of its lines: add those of the next pages' });
  }
  return ok(parsed.data);
}

async function readEvidence(
  lines: AsyncIterable<EvidenceTextLine>,
): Promise<Result<Evidence, UnreadableFile>> {
  const reader = evidenceReader();
  const unreadable = (reason: string) => err({ file: 'evidence' as const, reason });
  for await (const { number, text } of lines) {
    if (text === null) return unreadable(`line ${number}: is too long, or no UTF-8`);
    const parsed = evidenceRecordSchema.safeParse(parseJson(text));
    if (!parsed.success) return unreadable(`line ${number}: ${firstIssue(parsed.error.issues)}`);
    const record: EvidenceRecord = parsed.data;
    const misplaced = reader.take(record, text);
    if (misplaced !== null) return unreadable(`line ${number}: ${misplaced}`);
  }
  const read = reader.finish();
  return read.ok ? read : unreadable(read.error);
}

/** Undefined, which no schema takes, for what is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function firstIssue(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]) {
  const [first] = issues;
  if (first === undefined || first.path.length === 0) return 'it is not what it should be';
  const path = first.path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('');
  return `${path.replace(/^\./, '')}: ${first.message}`;
}
