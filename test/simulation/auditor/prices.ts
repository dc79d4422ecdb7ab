import type { Charge } from '../../../shared/domain/rating/charge.ts';
import { type Exact, exact, hundredths } from './exact.ts';

/** The plan that customers of the simulation subscribe to, by version: rates rise with it. */
export function chargesOf(version: number): readonly Charge[] {
  const rate = (thousandths: number) => String((thousandths * version) / 1_000);
  // Fixed amounts are whole in every part of a period.
  const charges: readonly Charge[] = [
    { key: 'calls', meter: 'calls', price: { model: 'per_unit', unitAmount: rate(13) } },
    {
      key: 'spend',
      meter: 'spend',
      price: {
        model: 'graduated',
        tiers: [
          { upTo: '100', unitAmount: rate(100), flatAmount: '1' },
          { upTo: null, unitAmount: '0.05' },
        ],
      },
    },
    {
      key: 'european',
      meter: 'volume',
      filters: { region: ['eu'] },
      price: { model: 'per_unit', unitAmount: '0.003' },
    },
    { key: 'peak', meter: 'peak', price: { model: 'per_unit', unitAmount: '2' } },
    { key: 'users', meter: 'users', price: { model: 'per_unit', unitAmount: '0.5' } },
    { key: 'seats', price: { model: 'flat', amount: '20' } },
  ];
  return charges.map((charge) => ({ ...charge, proration: 'none' }));
}

/** What a charge costs at a quantity, in minor units. A total below zero is billed as zero. */
export function priceOf({ price, quantity: seats }: Charge, total: Exact): bigint {
  const quantity = total < 0n ? 0n : total;
  if (price.model === 'flat') return hundredths(exact(price.amount) * exact(seats ?? '1'));
  if (price.model === 'per_unit') return hundredths(exact(price.unitAmount) * quantity);
  if (price.model !== 'graduated') throw new Error(`a model that the auditor does not know: ${price.model}`);
  let from = 0n;
  let product = 0n;
  for (const [index, { upTo, unitAmount = '0', flatAmount = '0' }] of price.tiers.entries()) {
    const end = upTo === null || exact(upTo) > quantity ? quantity : exact(upTo);
    // The first tier's flat amount is due also at zero, the others' when they are reached.
    if (index === 0 || quantity > from) product += exact(flatAmount) * exact('1');
    if (end > from) product += exact(unitAmount) * (end - from);
    from = upTo === null ? quantity : exact(upTo);
    if (from >= quantity) break;
  }
  return hundredths(product);
}
