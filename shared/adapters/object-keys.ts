import { assert } from '../kernel/assert.ts';
import { LIMITS } from '../kernel/limits.ts';

/** Bytes that every file system keeps as they are, and tells apart; any other byte is written as `%` and two digits. */
const KEPT = /^[a-z0-9._-]$/;
const ENCODED = /^(?:[a-z0-9._-]|%[0-9a-f]{2})+$/;

/** XML, in which S3 lists keys, cannot carry them. */
const CONTROL = /\p{Cc}/u;

/**
 * A segment of a key as a file name. Capitals are encoded too, for file systems that take `A` for `a`, and a leading
 * dot, so that hidden files are never objects.
 */
export function encodeSegment(segment: string): string {
  let encoded = '';
  for (const byte of Buffer.from(segment)) {
    const character = String.fromCharCode(byte);
    const isKept = KEPT.test(character) && !(encoded === '' && character === '.');
    encoded += isKept ? character : `%${byte.toString(16).padStart(2, '0')}`;
  }
  return encoded;
}

/** The segment that is stored under a file name; null for a name that is not ours. */
export function decodeSegment(name: string): string | null {
  if (!ENCODED.test(name)) return null;
  const bytes = name.replaceAll(/%([0-9a-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  const segment = Buffer.from(bytes, 'latin1').toString();
  return encodeSegment(segment) === name ? segment : null;
}

/** Keys that every store can hold, a folder included; anything else is the caller's bug. */
export function assertObjectKey(key: string): void {
  assert(
    key.isWellFormed() && !CONTROL.test(key),
    'an object key is Unicode text without control characters',
  );
  const bytes = Buffer.byteLength(key);
  assert(
    bytes >= 1 && bytes <= LIMITS.objectKeyBytes,
    `an object key has 1 to ${LIMITS.objectKeyBytes} bytes`,
  );
  for (const segment of key.split('/')) {
    assert(
      segment !== '' && segment !== '.' && segment !== '..',
      'an object key has no empty segment, no `.` and no `..`',
    );
    assert(
      encodeSegment(segment).length <= LIMITS.objectKeySegmentBytes,
      `a segment of an object key has at most ${LIMITS.objectKeySegmentBytes} bytes, encoded`,
    );
  }
}

export function assertListFits(input: {
  readonly prefix: string;
  readonly limit: number;
  readonly startAfter?: string;
}): void {
  const { prefix, limit, startAfter = '' } = input;
  assert(
    Number.isInteger(limit) && limit >= 1 && limit <= LIMITS.objectListKeys,
    `a page has 1 to ${LIMITS.objectListKeys} keys`,
  );
  for (const text of [prefix, startAfter]) {
    assert(text.isWellFormed(), 'a prefix and a start are Unicode text');
    assert(
      Buffer.byteLength(text) <= LIMITS.objectKeyBytes,
      `a prefix and a start have at most ${LIMITS.objectKeyBytes} bytes`,
    );
  }
}

/** The order of lists: by the bytes of UTF-8, which differs from that of JavaScript's text beyond U+D800. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
