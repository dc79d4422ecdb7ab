import { z } from 'zod';
import { assert, defined } from '../../kernel/assert.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { runningSha256 } from '../../kernel/hash.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { numberedEnd, numberedHeader, withNumber } from './evidence-file.ts';
import type { EvidencePlace } from './evidence-store.ts';

const LINE_FEED = 0x0a;
/** More than an `end` record has, whatever it counts. */
const END_BYTES = 1_024;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** An evidence file as it leaves, of any size, read in pieces. */
export interface EvidenceFile {
  readonly size: number;
  /** SHA-256 of all of it but its last record, which says it: no other file has it. */
  readonly sha256: string;
  /** The bytes from `start` to before `end`, at most LIMITS.evidencePieceBytes. */
  read(range: ByteRange): Promise<Uint8Array>;
}

interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A file as it is stored, without a number. */
interface StoredFile {
  readonly objects: ObjectStore;
  /** Of the object. */
  readonly key: string;
  readonly start: number;
  /** Null: it ends with the object. */
  readonly end: number | null;
}

/** The file at a place, which has no number yet, with the invoice's number. */
export async function openEvidence(
  objects: ObjectStore,
  { evidenceObject, evidenceStart, evidenceEnd }: EvidencePlace,
  number: string,
): Promise<EvidenceFile> {
  const key = defined(evidenceObject, 'the object of evidence');
  const stored = { objects, key, start: evidenceStart ?? 0, end: evidenceEnd };
  const first = await rangeOf(stored, { start: 0, end: LIMITS.evidencePieceBytes });
  if (first.size > first.bytes.byteLength) return await openInPieces(stored, number);
  const text = withNumber(decoder.decode(first.bytes), number);
  const bytes = encoder.encode(text);
  return {
    size: bytes.byteLength,
    sha256: sha256Of(text.slice(text.lastIndexOf('\n', text.length - 2) + 1)),
    read: async ({ start, end }) => bytes.subarray(start, end),
  };
}

/** What of a numbered file differs from the stored one: its first record and its last, and where these are. */
const numberedEnds = z.object({
  header: z.string(),
  end: z.string(),
  bodyStart: z.int().positive(),
  bodyEnd: z.int().positive(),
});
type NumberedEnds = z.output<typeof numberedEnds>;

async function openInPieces(stored: StoredFile, number: string): Promise<EvidenceFile> {
  const { header, end, bodyStart, bodyEnd } = await endsOf(stored, number);
  const [head, tail] = [encoder.encode(header), encoder.encode(end)];
  const body = { start: head.byteLength, end: head.byteLength + bodyEnd - bodyStart };
  return {
    size: body.end + tail.byteLength,
    sha256: sha256Of(end),
    read: async ({ start, end: before }) => {
      assert(before - start <= LIMITS.evidencePieceBytes, 'evidence is read in pieces');
      const inBody = { start: Math.max(start, body.start), end: Math.min(before, body.end) };
      const offset = bodyStart - body.start;
      const middle =
        inBody.start < inBody.end
          ? await rangeOf(stored, { start: inBody.start + offset, end: inBody.end + offset })
          : null;
      return Buffer.concat([
        head.subarray(start, before),
        middle?.bytes ?? new Uint8Array(),
        tail.subarray(Math.max(0, start - body.end), Math.max(0, before - body.end)),
      ]);
    },
  };
}

/** The digest of a numbered file is that of the whole: it is computed by who asks first, and kept. */
async function endsOf(stored: StoredFile, number: string): Promise<NumberedEnds> {
  const { objects, key, start } = stored;
  const keptKey = `${key}${start === 0 ? '' : `-${start}`}.numbered`;
  const kept = await objects.get(keptKey);
  if (kept !== undefined) return numberedEnds.parse(JSON.parse(decoder.decode(kept)));
  const ends = await computeEnds(stored, number);
  await objects.put({ key: keptKey, body: encoder.encode(canonicalJson({ ...ends })), ifAbsent: true });
  return ends;
}

async function computeEnds(stored: StoredFile, number: string): Promise<NumberedEnds> {
  const first = await rangeOf(stored, { start: 0, end: LIMITS.evidenceRecordBytes });
  const bodyStart = first.bytes.indexOf(LINE_FEED) + 1;
  const last = await rangeOf(stored, { start: first.size - END_BYTES, end: first.size });
  const endAt = last.bytes.lastIndexOf(LINE_FEED, last.bytes.byteLength - 2) + 1;
  const bodyEnd = first.size - last.bytes.byteLength + endAt;
  assert(0 < bodyStart && endAt > 0 && bodyStart <= bodyEnd, 'a stored evidence file has its two ends');
  const header = numberedHeader(decoder.decode(first.bytes.subarray(0, bodyStart)), number);
  const digest = runningSha256();
  digest.add(header);
  for (let start = bodyStart; start < bodyEnd; start += LIMITS.evidencePieceBytes) {
    const end = Math.min(bodyEnd, start + LIMITS.evidencePieceBytes);
    digest.add((await rangeOf(stored, { start, end })).bytes);
  }
  const end = numberedEnd(decoder.decode(last.bytes.subarray(endAt)), digest.hex());
  return { header, end, bodyStart, bodyEnd };
}

/** Bytes of the file, and its size. */
async function rangeOf({ objects, key, start, end }: StoredFile, range: ByteRange) {
  const until = Math.min(range.end + start, end ?? Number.POSITIVE_INFINITY);
  const found = defined(
    await objects.getRange({ key, start: range.start + start, end: until }),
    `object ${key}`,
  );
  return { bytes: found.bytes, size: (end ?? found.size) - start };
}

const endRecord = z.object({ sha256: z.string() });

function sha256Of(end: string): string {
  return endRecord.parse(JSON.parse(end)).sha256;
}
