import { type Decimal, integerDigits, parseDecimal } from '../../kernel/decimal.ts';
import type { ErrorCode, FieldIssue } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';

type Bound = 'not_negative' | 'positive' | 'percent';

/** A field of an object; the object itself may be the whole value, whose path is ''. */
export function fieldOf(path: string, field: string): string {
  return path === '' ? field : `${path}.${field}`;
}

/** What is wrong with a number of a price, nothing for an absent one. */
export function checkNumber(text: string | undefined, path: string, bound: Bound): readonly FieldIssue[] {
  if (text === undefined) return [];
  const parsed = parseDecimal(text);
  if (!parsed.ok) {
    return parsed.error === 'too_many_digits'
      ? [issue(path, 'price.too_many_digits', 'has too many digits')]
      : [issue(path, 'request.invalid_field', 'must be a decimal number')];
  }
  const found = checkSize(parsed.value) ?? checkBound(parsed.value, bound);
  return found === null ? [] : [issue(path, ...found)];
}

export function issue(path: string, code: ErrorCode, message: string): FieldIssue {
  return { path, code, message };
}

function checkSize(value: Decimal): [ErrorCode, string] | null {
  const { priceScale, priceIntegerDigits } = LIMITS;
  if (value.decimalPlaces() > priceScale) {
    return ['price.too_many_decimals', `must have at most ${priceScale} decimals`];
  }
  if (integerDigits(value) > priceIntegerDigits) {
    return ['price.too_many_digits', `must have at most ${priceIntegerDigits} digits before the point`];
  }
  return null;
}

function checkBound(value: Decimal, bound: Bound): [ErrorCode, string] | null {
  if (bound === 'percent') {
    const isPercent = value.greaterThanOrEqualTo(0) && value.lessThanOrEqualTo(100);
    return isPercent ? null : ['price.percent_out_of_range', 'must be between 0 and 100'];
  }
  if (bound === 'positive') {
    return value.greaterThan(0) ? null : ['price.not_positive', 'must be above zero'];
  }
  return value.lessThan(0) ? ['price.negative', 'must not be negative'] : null;
}
