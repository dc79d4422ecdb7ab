import {
  Decimal,
  decimal,
  decimalText,
  integerDigits,
  parseDecimal,
  roundHalfEven,
} from '../../kernel/decimal.ts';
import { type AppError, appError } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';

/**
 * A meter's value as an exact quantity in plain decimal text: a JSON number (its shortest round-trip decimal), a
 * numeric string, or what an expression gave; rounded once, half even, to 12 places.
 */
export function parseQuantity(value: unknown, allowNegative: boolean): Result<string, AppError> {
  if (value === undefined || value === null) return err(appError('meter.value_missing'));
  const exact = toDecimal(value);
  if (!exact.ok) return exact;
  const rounded = roundHalfEven(exact.value, LIMITS.quantityScale);
  if (integerDigits(rounded) > LIMITS.quantityIntegerDigits) return err(tooManyDigits());
  if (rounded.isNegative() && !rounded.isZero() && !allowNegative) {
    return err(appError('meter.value_negative', 'only the aggregation sum takes negative values'));
  }
  return ok(decimalText(rounded));
}

function toDecimal(value: unknown): Result<Decimal, AppError> {
  if (value instanceof Decimal && value.isFinite()) return ok(value);
  if (typeof value === 'bigint') return ok(decimal(value));
  if (typeof value === 'number' && Number.isFinite(value)) return ok(decimal(value));
  const parsed = typeof value === 'string' ? parseDecimal(value) : err('not_numeric' as const);
  if (parsed.ok) return parsed;
  if (parsed.error === 'too_many_digits') return err(tooManyDigits());
  return err(appError('meter.value_not_numeric', `${describe(value)} is not a number`));
}

function tooManyDigits(): AppError {
  const detail = `the value has more than ${LIMITS.quantityIntegerDigits} digits before the point`;
  return appError('meter.value_too_many_digits', detail);
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 64));
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : String(value);
}
