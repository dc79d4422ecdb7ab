import { assert } from './assert.ts';
import { type CurrencyCode, currencyExponent } from './currency.ts';
import { type Decimal, decimal, decimalText, roundHalfAwayFromZero } from './decimal.ts';
import { LIMITS } from './limits.ts';
import { err, ok, type Result } from './result.ts';

declare const posted: unique symbol;

/** Posted money: whole minor units of one currency. Only this file makes it, so it is always rounded. */
export interface Money<Currency extends CurrencyCode = CurrencyCode> {
  readonly minor: bigint;
  readonly currency: Currency;
  readonly [posted]: true;
}

type MoneyError = 'not_numeric' | 'too_many_decimals' | 'too_large';

const MINOR_BOUND = 10n ** BigInt(LIMITS.moneyMinorDigits);
const AMOUNT = /^(?<sign>-?)(?<whole>\d+)(?:\.(?<fraction>\d+))?$/;

/** Throws beyond `LIMITS.moneyMinorDigits` digits: such an amount is a mistake somewhere, and is never cut. */
export function money<Currency extends CurrencyCode>(minor: bigint, currency: Currency): Money<Currency> {
  assert(minor > -MINOR_BOUND && minor < MINOR_BOUND, 'an amount of money has too many digits');
  return { minor, currency } as Money<Currency>;
}

/** The second amount has the first one's currency: other currencies do not compile, and throw where types are wide. */
export function addMoney<Currency extends CurrencyCode>(
  left: Money<Currency>,
  right: Money<NoInfer<Currency>>,
): Money<Currency> {
  assertSameCurrency(left, right);
  return money(left.minor + right.minor, left.currency);
}

export function subtractMoney<Currency extends CurrencyCode>(
  left: Money<Currency>,
  right: Money<NoInfer<Currency>>,
): Money<Currency> {
  assertSameCurrency(left, right);
  return money(left.minor - right.minor, left.currency);
}

/** Negative, zero or positive as `left` is below, equal to or above `right`. */
export function compareMoney<Currency extends CurrencyCode>(
  left: Money<Currency>,
  right: Money<NoInfer<Currency>>,
): number {
  assertSameCurrency(left, right);
  return left.minor < right.minor ? -1 : Number(left.minor > right.minor);
}

export function negateMoney<Currency extends CurrencyCode>(amount: Money<Currency>): Money<Currency> {
  return money(-amount.minor, amount.currency);
}

function assertSameCurrency(left: Money, right: Money): void {
  assert(left.currency === right.currency, `amounts in ${left.currency} and ${right.currency} do not mix`);
}

/** The one rounding of an amount: half away from zero, to the currency's decimals. */
export function moneyFromDecimal<Currency extends CurrencyCode>(
  amount: Decimal,
  currency: Currency,
): Money<Currency> {
  const exponent = currencyExponent(currency);
  const rounded = roundHalfAwayFromZero(amount, exponent);
  return money(BigInt(decimalText(rounded.times(decimal(10).pow(exponent)))), currency);
}

/** The amount in major units, for further exact calculation. */
export function moneyToDecimal(amount: Money): Decimal {
  return decimal(moneyText(amount));
}

/** Major units with exactly the currency's decimals: "7.00" USD, "-0.005" KWD, "7" JPY. */
export function moneyText(amount: Money): string {
  const exponent = currencyExponent(amount.currency);
  const sign = amount.minor < 0n ? '-' : '';
  const digits = (amount.minor < 0n ? -amount.minor : amount.minor).toString().padStart(exponent + 1, '0');
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/**
 * Reads major units: optional `-`, digits, and at most the currency's decimals. Nothing is rounded: "1.001" USD is
 * `too_many_decimals`, even "1.000". No exponent, no `+`, no separators.
 */
export function parseMoney<Currency extends CurrencyCode>(
  text: string,
  currency: Currency,
): Result<Money<Currency>, MoneyError> {
  const { sign, whole, fraction = '' } = AMOUNT.exec(text)?.groups ?? {};
  if (whole === undefined) return err('not_numeric');
  const exponent = currencyExponent(currency);
  if (fraction.length > exponent) return err('too_many_decimals');
  if (whole.length + exponent > LIMITS.moneyMinorDigits) return err('too_large');
  const magnitude = BigInt(whole + fraction.padEnd(exponent, '0'));
  return ok(money(sign === '-' ? -magnitude : magnitude, currency));
}
