import { Decimal, decimal, decimalText, integerDigits, parseDecimal, roundHalfEven } from '../../kernel/decimal.ts';
import { appError, type AppError } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';

/**
 * A meter's value as an exact quantity in plain decimal text: a JSON number (its shortest round-trip decimal), a
 * numeric string, or what an expression gave; rounded once, half even, to 12 places.
 */
export function parseQuantity(value: unknown, allowNegative: boolean): Result<string, AppError> {
  if (value === undefined || value === null) return err(appError('meter.value_missing'));
  const exact = toDecimal(value);
  if (exact === undefined) {
    return err(appError('meter.value_not_numeric', `${describe(value)} is not a number`));
  }
  const rounded = roundHalfEven(exact, LIMITS.quantityScale);
  if (integerDigits(rounded) > LIMITS.quantityIntegerDigits) {
    return err(
      appError(
        'meter.value_too_many_digits',
        `the value has more than ${LIMITS.quantityIntegerDigits} digits before the point`,
      ),
    );
  }
  if (rounded.isNegative() && !rounded.isZero() && !allowNegative) {
    return err(appError('meter.value_negative', 'only the aggregation sum takes negative values'));
  }
  return ok(decimalText(rounded));
}

function toDecimal(value: unknown): Decimal | undefined {
  if (value instanceof Decimal) return value.isFinite() ? value : undefined;
  if (typeof value === 'bigint') return decimal(value);
  if (typeof value === 'number') return Number.isFinite(value) ? decimal(String(value)) : undefined;
  if (typeof value !== 'string') return undefined;
  const parsed = parseDecimal(value);
  return parsed.ok ? parsed.value : undefined;
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 64));
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : String(value);
}
