import { periodJson } from '../../domain/invoicing/invoice-json.ts';
import { moneyText } from '../../kernel/money.ts';
import type { ChargesPage } from './list-charges.ts';
import type { RatedTotal } from './rate-totals.ts';

/** Charges as the wire has them. */
export function chargesJson({ charges, fence }: ChargesPage) {
  return charges.map((rated) => ({ ...chargeJson(rated), fence }));
}

function chargeJson({ of, total }: RatedTotal) {
  const { terms, plan, period, segment, charge } = of;
  return {
    subscription: terms.subscription,
    plan,
    planVersion: segment.version,
    charge: charge.key,
    name: charge.name ?? charge.key,
    period: periodJson(period),
    segment: periodJson(segment),
    quantity: total?.quantity ?? null,
    unit: total?.unit ?? null,
    currency: terms.currency,
    amount: total === null ? null : moneyText(total.amount),
    unroundedAmount: total?.unrounded ?? null,
    meterVersion: total?.meterVersion ?? null,
    tiers: (total?.tiers ?? []).map((tier) => ({ ...tier, amount: moneyText(tier.amount) })),
  };
}
