import { z } from 'zod';
import { assert } from '../../kernel/assert.ts';
import { decimalText, integerDigits, parseDecimal } from '../../kernel/decimal.ts';
import { formatInstant, isInstant } from '../../kernel/time.ts';
import type { Params } from './params.ts';

/** DateTime64(3) keeps 1900 to 2299 and moves everything else, without an error, to somewhere in between. */
const EARLIEST_COLUMN_MS = Date.UTC(1900, 0, 1);
const END_OF_COLUMN_MS = Date.UTC(2299, 11, 31);

export function isColumnTime(timeMs: number): boolean {
  return isInstant(timeMs) && timeMs >= EARLIEST_COLUMN_MS && timeMs < END_OF_COLUMN_MS;
}

/** A bound to compare times with. No row lies outside the range, so a bound beyond it may stand at its edge. */
export function boundInstant(params: Params, timeMs: number): string {
  const boundMs = Math.min(Math.max(timeMs, EARLIEST_COLUMN_MS), END_OF_COLUMN_MS);
  return `fromUnixTimestamp64Milli(${params.bind('Int64', boundMs)}, 'UTC')`;
}

/** `2026-11-24 13:00:00.000`, as DateTime64(3, 'UTC') reads and writes it. */
export function columnTime(timeMs: number): string {
  return formatInstant(timeMs).slice(0, -1).replace('T', ' ');
}

/** Decimal(38,12) as text, null for what does not fit. */
export function columnQuantity(text: string): string | null {
  return columnDecimal(text, { precision: 38, scale: 12 });
}

/** Decimal(precision,scale) as text, null for what does not fit: the store cuts further places without a word. */
export function columnDecimal(
  text: string,
  { precision, scale }: { readonly precision: number; readonly scale: number },
): string | null {
  const parsed = parseDecimal(text);
  if (!parsed.ok || parsed.value.decimalPlaces() > scale) return null;
  return integerDigits(parsed.value) > precision - scale ? null : decimalText(parsed.value);
}

/** Larger integers wrap around without an error. */
export function isUnsigned(value: number | string, bits: 32 | 64): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 && value < 2 ** bits;
  return /^\d{1,20}$/.test(value) && BigInt(value) < 2n ** BigInt(bits);
}

/** A quoted 64-bit integer that a number carries: times, counts of fences, revisions. */
export const integerColumn = z.string().transform((text) => {
  const value = Number(text);
  assert(Number.isSafeInteger(value), 'an integer of analytics is beyond 2^53');
  return value;
});
