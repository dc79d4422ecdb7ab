import type { CurrencyCode } from '../../kernel/currency.ts';
import { decimal } from '../../kernel/decimal.ts';
import type { FieldIssue } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { type Charge, type Conversion, type Discount, kindOf, timingOf } from './charge.ts';
import { checkNumber, fieldOf, issue } from './check-number.ts';
import { rulesOf } from './models/registry.ts';
import type { Price } from './price.ts';

/** What is wrong with a price of the right shape, each with the path of its field below `path`. */
export function checkPrice(price: Price, path: string): readonly FieldIssue[] {
  return rulesOf(price).check(price, path);
}

/** What is wrong with a charge of the right shape, each with the path of its field below `path`. */
export function checkCharge(charge: Charge, path: string, planCurrency: CurrencyCode): readonly FieldIssue[] {
  return [
    ...checkUse(charge, path),
    ...checkPrice(charge.price, fieldOf(path, 'price')),
    ...checkOtherCurrencies(charge, path, planCurrency),
    ...checkConversion(charge.convert, fieldOf(path, 'convert')),
    ...checkNumber(charge.includedUnits, fieldOf(path, 'includedUnits'), 'not_negative'),
    ...checkDiscounts(charge.discounts ?? [], fieldOf(path, 'discounts')),
    ...checkLimits(charge, path),
  ];
}

/** What is charged for, and when. */
function checkUse(charge: Charge, path: string): readonly FieldIssue[] {
  const hasMeter = charge.meter !== undefined;
  const issues: FieldIssue[] = [];
  const add = (field: string, ...what: [FieldIssue['code'], string]) =>
    issues.push(issue(fieldOf(path, field), ...what));
  if (charge.filters !== undefined && !hasMeter) {
    add('filters', 'price.filters_without_meter', 'need a meter whose dimensions they name');
  }
  if (kindOf(charge) === 'recurring') {
    if (hasMeter) add('meter', 'price.meter_not_allowed', 'a recurring charge has no meter');
    return [...issues, ...checkNumber(charge.quantity, fieldOf(path, 'quantity'), 'not_negative')];
  }
  if (!hasMeter) add('meter', 'price.meter_required', 'a usage charge needs a meter');
  if (timingOf(charge) === 'advance') {
    add('timing', 'price.advance_usage', 'usage is billed in arrears, when it is known');
  }
  if (charge.quantity !== undefined) {
    add('quantity', 'price.quantity_not_allowed', 'the quantity of a usage charge is what its meter counted');
  }
  return issues;
}

/** An amount of a modifier is in the plan's currency: in another one it would be another sum under the same number. */
function checkOtherCurrencies(
  charge: Charge,
  path: string,
  planCurrency: CurrencyCode,
): readonly FieldIssue[] {
  const prices = Object.entries(charge.prices ?? {});
  if (prices.length === 0) return [];
  const amountFields = [
    ...(['maximum', 'minimum'] as const).filter((field) => charge[field] !== undefined),
    ...(charge.discounts ?? []).flatMap(({ type }, index) =>
      type === 'amount' ? [`discounts[${index}].amount`] : [],
    ),
  ];
  const amountMessage = 'must not stand beside prices: it is an amount in one currency';
  return [
    ...prices.flatMap(([currency, price]) => {
      const pricePath = fieldOf(path, `prices.${currency}`);
      const message = 'is the currency of the plan, whose price is `price`';
      return currency === planCurrency
        ? [issue(pricePath, 'price.plan_currency_repeated', message)]
        : checkPrice(price, pricePath);
    }),
    ...amountFields.map((field) =>
      issue(fieldOf(path, field), 'price.amount_in_one_currency', amountMessage),
    ),
  ];
}

function checkConversion(convert: Conversion | undefined, path: string): readonly FieldIssue[] {
  if (convert === undefined) return [];
  const { scale = 0 } = convert;
  const isScale = Number.isInteger(scale) && scale >= 0 && scale <= LIMITS.quantityScale;
  const scaleMessage = `must be an integer from 0 to ${LIMITS.quantityScale}`;
  return [
    ...checkNumber(convert.divideBy, `${path}.divideBy`, 'positive'),
    ...checkNumber(convert.multiplyBy, `${path}.multiplyBy`, 'positive'),
    ...(isScale ? [] : [issue(`${path}.scale`, 'price.scale_out_of_range', scaleMessage)]),
  ];
}

function checkDiscounts(discounts: readonly Discount[], path: string): readonly FieldIssue[] {
  const limit = LIMITS.discountsPerCharge;
  if (discounts.length > limit) {
    return [issue(path, 'price.too_many_discounts', `must have at most ${limit} discounts`)];
  }
  return discounts.flatMap((discount, index) => checkDiscount(discount, `${path}[${index}]`));
}

function checkDiscount(discount: Discount, path: string): readonly FieldIssue[] {
  switch (discount.type) {
    case 'percent':
      return checkNumber(discount.percent, `${path}.percent`, 'percent');
    case 'amount':
      return checkNumber(discount.amount, `${path}.amount`, 'not_negative');
    case 'units':
      return checkNumber(discount.units, `${path}.units`, 'not_negative');
  }
}

function checkLimits({ maximum, minimum }: Charge, path: string): readonly FieldIssue[] {
  const issues = [
    ...checkNumber(maximum, fieldOf(path, 'maximum'), 'not_negative'),
    ...checkNumber(minimum, fieldOf(path, 'minimum'), 'not_negative'),
  ];
  if (issues.length > 0 || maximum === undefined || minimum === undefined) return issues;
  if (decimal(minimum).lessThanOrEqualTo(decimal(maximum))) return [];
  const message = 'must not be above the maximum';
  return [issue(fieldOf(path, 'minimum'), 'price.minimum_above_maximum', message)];
}
