import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = '\uFEFF';
const NOTHING = Buffer.alloc(0);

/** A line without its line feed. */
export interface TextLine {
  /** From 1. */
  readonly number: number;
  /** Bytes of the file up to and with the line feed. */
  readonly endByte: number;
  /** Null where there is a problem. */
  readonly text: string | null;
  readonly problem: 'too_long' | 'not_utf8' | null;
}

/** Reads `bytes` bytes of a file as lines, in memory of about one line. A mark at the beginning is left out. */
export async function* readLines(input: {
  readonly path: string;
  readonly bytes: number;
  readonly lineBytesMax: number;
}): AsyncGenerator<TextLine> {
  if (input.bytes === 0) return;
  const stream = createReadStream(input.path, { end: input.bytes - 1, highWaterMark: 262_144 });
  const collector = new LineCollector(input.lineBytesMax);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      yield collector.endLine(chunk.subarray(start, end), 1);
      start = end + 1;
    }
    collector.keep(chunk.subarray(start));
  }
  if (collector.hasKept) yield collector.endLine(NOTHING, 0);
}

class LineCollector {
  readonly #bytesMax: number;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #number = 0;
  #endByte = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get hasKept(): boolean {
    return this.#keptBytes > 0;
  }

  /** The beginning of a line that the next chunk goes on with; of a line that is too long only its length. */
  keep(part: Buffer): void {
    this.#keptBytes += part.byteLength;
    if (this.#keptBytes <= this.#bytesMax) this.#kept.push(part);
    else this.#kept = [];
  }

  endLine(part: Buffer, feedBytes: number): TextLine {
    const bytes = this.#keptBytes + part.byteLength;
    const whole = this.#keptBytes === 0 ? part : Buffer.concat([...this.#kept, part]);
    this.#kept = [];
    this.#keptBytes = 0;
    this.#number += 1;
    this.#endByte += bytes + feedBytes;
    const place = { number: this.#number, endByte: this.#endByte };
    if (bytes > this.#bytesMax) return { ...place, text: null, problem: 'too_long' };
    if (!isUtf8(whole)) return { ...place, text: null, problem: 'not_utf8' };
    const text = whole.toString('utf8');
    const isMarked = this.#number === 1 && text.startsWith(BYTE_ORDER_MARK);
    return { ...place, text: isMarked ? text.slice(1) : text, problem: null };
  }
}
