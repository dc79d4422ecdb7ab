import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { idTimeMs, isIdTooOld } from './id-time.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 24, 12);
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

function uuidAt(timeMs: number): string {
  const hex = timeMs.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7abc-8def-0123456789ab`;
}

function ulidAt(timeMs: number): string {
  const digits = Array.from({ length: 10 }, (_, index) => Math.floor(timeMs / 32 ** (9 - index)) % 32);
  return `${digits.map((digit) => ALPHABET.charAt(digit)).join('')}TSV4RRFFQ69G5FAV`;
}

const EARLIEST_MS = Date.UTC(2020, 0, 1);
const END_MS = Date.UTC(2100, 0, 1);

describe('the time that an id carries', () => {
  test.each([
    ['the first millisecond of 2020', EARLIEST_MS, EARLIEST_MS],
    ['the one before it', EARLIEST_MS - 1, null],
    ['the last millisecond of 2099', END_MS - 1, END_MS - 1],
    ['the first of 2100', END_MS, null],
    ['1970', 0, null],
    ['2200', Date.UTC(2200, 0, 1), null],
    ['the end of what a UUID can say', 2 ** 48 - 1, null],
  ])('%s', (_name, timeMs, expected) => {
    expect(idTimeMs(uuidAt(timeMs))).toBe(expected);
    expect(idTimeMs(ulidAt(timeMs))).toBe(expected);
  });

  test('is the same in either case', () => {
    fc.assert(
      fc.property(fc.integer({ min: EARLIEST_MS, max: END_MS - 1 }), (timeMs) => {
        for (const id of [uuidAt(timeMs), ulidAt(timeMs)]) {
          expect(idTimeMs(id.toLowerCase())).toBe(timeMs);
          expect(idTimeMs(id.toUpperCase())).toBe(timeMs);
        }
      }),
    );
  });

  const word = ulidAt(NOW_MS);
  test.each([
    ['a UUIDv4', 'c56a4180-65aa-42ec-a945-5fd21dec0538'],
    ['a UUIDv1', '2ed6657d-e927-11eb-9a03-0242ac130003'],
    ['a UUIDv7 of another variant', uuidAt(NOW_MS).replace('-8def-', '-cdef-')],
    ['a UUIDv7 without hyphens', uuidAt(NOW_MS).replaceAll('-', '')],
    ['a UUIDv7 in braces', `{${uuidAt(NOW_MS)}}`],
    ['a ULID with a letter that is none of its digits', word.replace('S', 'U')],
    ['a ULID with an I', `${word.slice(0, 25)}I`],
    ['a ULID with an L', `${word.slice(0, 25)}L`],
    ['a ULID with an O', `${word.slice(0, 25)}O`],
    ['a ULID that is too short', word.slice(0, 25)],
    ['a ULID that is too long', `${word}0`],
    ['a ULID beyond 128 bits', `8${word.slice(1)}`],
    ['a ULID after white space', ` ${word}`],
    ['a ULID before a line break', `${word}\n`],
    ['digits that make a ULID of 1970', '00000000000000000000012345'],
    ['a word', 'conversation-000000000001'],
    ['nothing', ''],
  ])('%s has none', (_name, id) => {
    expect(idTimeMs(id)).toBeNull();
    expect(isIdTooOld(id, NOW_MS)).toBe(false);
  });
});

test('an id is too old one millisecond after the horizon of 45 days', () => {
  for (const idAt of [uuidAt, ulidAt]) {
    expect(isIdTooOld(idAt(NOW_MS - 45 * DAY_MS), NOW_MS)).toBe(false);
    expect(isIdTooOld(idAt(NOW_MS - 45 * DAY_MS - 1), NOW_MS)).toBe(true);
    expect(isIdTooOld(idAt(EARLIEST_MS), NOW_MS)).toBe(true);
    expect(isIdTooOld(idAt(EARLIEST_MS - 1), NOW_MS)).toBe(false);
    expect(isIdTooOld(idAt(END_MS - 1), NOW_MS)).toBe(false);
  }
});
