import { Buffer } from 'node:buffer';

export function utf8Bytes(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

const LAST_CODE_POINT = 0x10ffff;

/** The least text above every text that begins with `prefix`, in the order of UTF-8 bytes; undefined where none is. */
export function endOfPrefix(prefix: string): string | undefined {
  const codePoints = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (codePoints.at(-1) === LAST_CODE_POINT) codePoints.pop();
  const last = codePoints.pop();
  if (last === undefined) return undefined;
  // Between U+D7FF and U+E000 lie the surrogates, which are no text.
  return String.fromCodePoint(...codePoints, last === 0xd7ff ? 0xe000 : last + 1);
}
