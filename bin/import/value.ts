import type { JsonValue } from '../../shared/kernel/canonical-json.ts';
import { decimal, parseDecimal } from '../../shared/kernel/decimal.ts';

const SMALL_INTEGER = /^-?(?:0|[1-9]\d{0,14})$/;
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Without either, every number of the text has at most 15 digits, and those a double always carries. */
const SUSPECT = /[\d.]{16}|\d[eE][+-]?\d/;

/**
 * Text written as a JSON number becomes one where a double carries exactly this value; any other text stays as it
 * is. So `374` is 374, and `007`, `9007199254740993` and `0.1000000000000000055` are text, which meters read exactly.
 */
export function typedText(text: string): string | number {
  if (SMALL_INTEGER.test(text)) return Number(text);
  return JSON_NUMBER.test(text) && isExact(text) ? Number(text) : text;
}

function isExact(text: string): boolean {
  const number = Number(text);
  if (!Number.isFinite(number)) return false;
  // Written out, it would be an integer that JSON parsers of others round.
  if (Number.isInteger(number) && !Number.isSafeInteger(number)) return false;
  const exact = parseDecimal(text);
  return exact.ok && exact.value.equals(decimal(number));
}

/**
 * Parses JSON; numbers that a double cannot carry exactly become numeric text. Throws SyntaxError. A key
 * `__proto__` is an own property: copy with Object.entries, never by assignment.
 */
export function parseJsonKeepingDigits(text: string): JsonValue {
  if (!SUSPECT.test(text)) return JSON.parse(text);
  const keepDigits = (_key: string, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' && context?.source !== undefined ? typedText(context.source) : value;
  return JSON.parse(text, keepDigits);
}
