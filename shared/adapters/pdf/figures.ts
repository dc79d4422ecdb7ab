import { assert } from '../../kernel/assert.ts';

const PLAIN_DECIMAL = /^(?<sign>-?)(?<whole>\d+)(?<fraction>\.\d+)?$/;

/** The decimal text with its thousands grouped: "-1234567.8900" is "-1,234,567.8900". No digit is added, cut or rounded. */
export function groupedFigure(text: string): string {
  const { sign, whole, fraction = '' } = PLAIN_DECIMAL.exec(text)?.groups ?? {};
  assert(whole !== undefined, 'a figure of an invoice is a plain decimal');
  return sign + whole.replace(/\B(?=(?:\d{3})+$)/g, ',') + fraction;
}

/** "USD 1,234.50", with the currency's code for a sign: $ names more than twenty currencies. */
export function moneyFigure(amount: string, currency: string): string {
  return `${currency} ${groupedFigure(amount)}`;
}

export function isZero(text: string): boolean {
  return /^-?0+(?:\.0+)?$/.test(text);
}

/** The amount as something taken away: "5.00" is "-5.00", "-5.00" is "5.00". */
export function negated(text: string): string {
  if (isZero(text)) return text;
  return text.startsWith('-') ? text.slice(1) : `-${text}`;
}
