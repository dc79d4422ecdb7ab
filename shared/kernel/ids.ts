import { assert } from './assert.ts';
import { sha256Hex } from './hash.ts';

/** A typed id: a prefix that names the kind, `_`, and 26 characters that sort by creation time. */
export type Id<Prefix extends string> = `${Prefix}_${string}`;

/** Crockford's base 32 in lower case: no i, l, o, u, and it sorts as the bits do. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const HEX_LENGTH = 32;
/** 26 characters hold 130 bits: the first of 128 is at most 7. */
const BODY = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const ULID_TEXT = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/i;
const ULID_TIME_LENGTH = 10;

/** The id of a UUIDv7: same bits, same order, a third shorter. Throws on any other text. */
export function newId<Prefix extends string>(prefix: Prefix, uuid: string): Id<Prefix> {
  assert(UUID_V7.test(uuid), 'an id is made from a UUIDv7');
  return idOfBits(prefix, uuid.replaceAll('-', ''));
}

/**
 * The id of what the content says: the first 128 bits of its SHA-256. The same content always has the same id, so
 * whoever makes a thing twice makes one thing; it says nothing about time. Stored ids depend on it: it never changes.
 */
export function idOfContent<Prefix extends string>(prefix: Prefix, content: string): Id<Prefix> {
  return idOfBits(prefix, sha256Hex(content).slice(0, HEX_LENGTH));
}

const PAIRS = Array.from(ALPHABET, (left) => Array.from(ALPHABET, (right) => left + right)).flat();

function pairOf(tenBits: number): string {
  return PAIRS[tenBits] ?? '';
}

function idOfBits<Prefix extends string>(prefix: Prefix, hex: string): Id<Prefix> {
  assert(/^[a-z][a-z0-9]*$/.test(prefix), 'an id prefix is lower-case letters and digits');
  // 130 bits, the first two of them 0, ten at a time: two characters.
  let body = pairOf(Number.parseInt(hex.slice(0, 2), 16));
  for (let index = 2; index < HEX_LENGTH; index += 5) {
    const bits = Number.parseInt(hex.slice(index, index + 5), 16);
    body += pairOf(bits >> 10) + pairOf(bits & 1_023);
  }
  return `${prefix}_${body}`;
}

/** The text as an id of this kind, null for anything else: only the one spelling that `newId` makes. */
export function parseId<Prefix extends string>(prefix: Prefix, text: string): Id<Prefix> | null {
  return text.startsWith(`${prefix}_`) && BODY.test(text.slice(prefix.length + 1))
    ? (text as Id<Prefix>)
    : null;
}

/** A UUIDv7 of this time whose other bits are those of the content: the same of both is the same id. */
export function uuidOfContent(timeMs: number, content: string): string {
  const time = timeMs.toString(16).padStart(12, '0');
  const hash = sha256Hex(content);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hash.slice(0, 3)}-8${hash.slice(3, 6)}-${hash.slice(6, 18)}`;
}

/** The time embedded in a UUIDv7, epoch ms; null if the text is no UUIDv7. A claim of its maker, not a fact. */
export function uuidTimeMs(text: string): number | null {
  if (!UUID_V7.test(text)) return null;
  return Number.parseInt(text.slice(0, 8) + text.slice(9, 13), 16);
}

/** The time embedded in a ULID (either case), epoch ms; null if the text is no ULID. A claim of its maker. */
export function ulidTimeMs(text: string): number | null {
  if (!ULID_TEXT.test(text)) return null;
  let timeMs = 0;
  for (const character of text.slice(0, ULID_TIME_LENGTH).toLowerCase()) {
    timeMs = timeMs * 32 + ALPHABET.indexOf(character);
  }
  return timeMs;
}
