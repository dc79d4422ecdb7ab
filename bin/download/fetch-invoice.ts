import type { FileHandle } from 'node:fs/promises';
import {
  type InvoiceWire,
  invoiceLineListSchema,
  invoiceSchema,
} from '../../shared/contracts/http/invoices.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { err, ok, type Result } from '../../shared/kernel/result.ts';
import type { CliError } from '../cli-error.ts';
import { type Answer, type Get, parseJson, unexpected } from './get-from.ts';

/** The invoice with all of its lines, whatever the number of pages. */
export async function fetchInvoice(get: Get, id: string): Promise<Result<InvoiceWire, CliError>> {
  const answer = await get(`/v1/invoices/${id}`);
  if (!answer.ok) return answer;
  const read = invoiceSchema.safeParse(parseJson(answer.value.bytes));
  if (!read.success) return err(unexpected('the server answered no invoice'));
  const lines = [...read.data.lines];
  for (let cursor = read.data.linesNextCursor; cursor !== null; ) {
    const query = new URLSearchParams({ limit: String(LIMITS.pageSizeMax), cursor });
    const page = await get(`/v1/invoices/${id}/lines?${query}`);
    if (!page.ok) return page;
    const list = invoiceLineListSchema.safeParse(parseJson(page.value.bytes));
    if (!list.success) return err(unexpected('the server answered no lines of an invoice'));
    lines.push(...list.data.data);
    cursor = list.data.nextCursor;
  }
  return ok({ ...read.data, lines, linesNextCursor: null });
}

const PLACE = /^bytes (?<first>\d{1,15})-(?<last>\d{1,15})\/(?<size>\d{1,15})$/;

/** Writes the evidence of the invoice to a new file, piece by piece; answers its bytes. */
export async function fetchEvidence(
  get: Get,
  id: string,
  file: FileHandle,
): Promise<Result<number, CliError>> {
  let etag: string | null = null;
  let written = 0;
  let size = Number.POSITIVE_INFINITY;
  while (written < size) {
    const answer = await get(`/v1/invoices/${id}/evidence`, { range: `bytes=${written}-` });
    if (!answer.ok) return answer;
    const piece = pieceOf(answer.value, written);
    if (piece === null) return err(unexpected('the server answered another piece of the evidence'));
    if (etag !== null && piece.etag !== etag) return err(unexpected('the evidence changed meanwhile'));
    ({ etag, size } = piece);
    await file.writeFile(answer.value.bytes);
    written += answer.value.bytes.byteLength;
  }
  return ok(written);
}

/** Null where it is not the piece that begins at `start`, or has nothing. */
function pieceOf({ status, headers, bytes }: Answer, start: number) {
  const { first, last, size } = PLACE.exec(headers.get('content-range') ?? '')?.groups ?? {};
  if (status !== 206 || Number(first) !== start || bytes.byteLength === 0) return null;
  return Number(last) === start + bytes.byteLength - 1
    ? { size: Number(size), etag: headers.get('etag') }
    : null;
}
