import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import {
  type EnvelopeHeader,
  type EventsHeader,
  envelopeCorrectionSchema,
  envelopeEventSchema,
  envelopeHeaderSchema,
} from '../../contracts/envelope.ts';
import type { Correction } from '../../domain/corrections/correction.ts';
import type { UsageEvent } from '../../domain/events/event.ts';
import { type AppError, appError } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';

const NEWLINE = 0x0a;

export type EnvelopeLine =
  | { readonly kind: 'event'; readonly event: UsageEvent }
  | { readonly kind: 'correction'; readonly correction: Correction };

/** One line of an envelope that could or could not be read; `index` is its place in the envelope. */
export type DecodedLine =
  | { readonly ok: true; readonly index: number; readonly content: EnvelopeLine }
  | { readonly ok: false; readonly index: number; readonly error: AppError; readonly content: string };

export interface DecodedEnvelope {
  readonly header: EventsHeader;
  readonly lines: readonly DecodedLine[];
}

export function encodeHeader(header: EnvelopeHeader): Buffer {
  return Buffer.from(`${JSON.stringify(header)}\n`, 'utf8');
}

/** The compressed body of an envelope: NDJSON in zstd, bytes. */
export function encodeBody(lines: readonly (UsageEvent | Correction)[]): {
  readonly rawBytes: number;
  readonly body: Buffer;
} {
  const raw = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''), 'utf8');
  return { rawBytes: raw.length, body: zstdCompressSync(raw) };
}

export function decodeHeader(data: Uint8Array): Result<{ header: EnvelopeHeader; bodyOffset: number }> {
  const end = data.subarray(0, LIMITS.envelopeHeaderBytes).indexOf(NEWLINE);
  if (end === -1) return err(appError('envelope.malformed', 'the record has no header line'));
  const parsed = parseJson(Buffer.from(data.subarray(0, end)).toString('utf8'));
  const header = envelopeHeaderSchema.safeParse(parsed);
  if (!header.success) return err(appError('envelope.malformed', 'the header is not of a known form'));
  return ok({ header: header.data, bodyOffset: end + 1 });
}

/** Reads the events of an envelope; a line that cannot be read is answered as such and never dropped. */
export function decodeEvents(header: EventsHeader, body: Uint8Array): Result<DecodedEnvelope> {
  let text: string;
  try {
    text = zstdDecompressSync(body, { maxOutputLength: LIMITS.envelopeRawBytes }).toString('utf8');
  } catch (thrown) {
    // Whatever is wrong with the bytes, they are the same at every retry: the record is quarantined whole.
    return err(appError('envelope.malformed', `the body cannot be decompressed: ${messageOf(thrown)}`));
  }
  const lines = text.split('\n').filter((line) => line !== '');
  if (lines.length !== header.count) {
    return err(
      appError(
        'envelope.malformed',
        `the header counts ${header.count} events, the body has ${lines.length}`,
      ),
    );
  }
  return ok({ header, lines: lines.map((line, index) => decodeLine(header.kind, line, index)) });
}

function decodeLine(kind: EventsHeader['kind'], line: string, index: number): DecodedLine {
  const read = parseJson(line);
  const wrong = (issues: readonly { readonly path: readonly PropertyKey[] }[]): DecodedLine => {
    const error = appError(
      'event.malformed',
      `the stored event is wrong at "${issues[0]?.path.join('.') ?? ''}"`,
    );
    return { ok: false, index, error, content: line };
  };
  if (kind === 'events') {
    const event = envelopeEventSchema.safeParse(read);
    return event.success
      ? { ok: true, index, content: { kind: 'event', event: event.data } }
      : wrong(event.error.issues);
  }
  const correction = envelopeCorrectionSchema.safeParse(read);
  return correction.success
    ? { ok: true, index, content: { kind: 'correction', correction: correction.data } }
    : wrong(correction.error.issues);
}

/** Undefined for text that is no JSON: no schema here accepts undefined. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
