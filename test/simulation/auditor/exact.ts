/**
 * Decimals of the auditor's own: integers of 10^-12. What it expects must not come from the arithmetic that it checks.
 */
export type Exact = bigint;

const SCALE = 12;
const ONE = 10n ** BigInt(SCALE);

/** Plain decimal text with at most 12 places. */
export function exact(text: string): Exact {
  const [, sign = '', whole = '', places = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === '' || places.length > SCALE) throw new Error(`not a decimal of the simulation: ${text}`);
  const units = BigInt(whole) * ONE + BigInt(places.padEnd(SCALE, '0'));
  return sign === '-' ? -units : units;
}

export function exactText(value: Exact): string {
  const sign = value < 0n ? '-' : '';
  const size = value < 0n ? -value : value;
  const places = String(size % ONE)
    .padStart(SCALE, '0')
    .replace(/0+$/, '');
  return `${sign}${size / ONE}${places === '' ? '' : `.${places}`}`;
}

/** The quotient rounded half away from zero; both are integers of the same unit. */
export function divideHalfAway(numerator: bigint, denominator: bigint): bigint {
  const isNegative = numerator < 0n !== denominator < 0n;
  const top = numerator < 0n ? -numerator : numerator;
  const bottom = denominator < 0n ? -denominator : denominator;
  const rounded = (2n * top + bottom) / (2n * bottom);
  return isNegative ? -rounded : rounded;
}

/** A rate times a quantity, rounded half away from zero to hundredths: minor units. */
export function hundredths(product: bigint): bigint {
  return divideHalfAway(product * 100n, ONE * ONE);
}
