import { type ChargeTotal, chargeTotal } from '../../domain/invoicing/charge-total.ts';
import { kindOf } from '../../domain/rating/charge.ts';
import type { InvoicingDeps } from '../invoicing/invoicing-deps.ts';
import { readDuplicates } from '../invoicing/read-duplicates.ts';
import { readMeters, readUsage } from '../invoicing/read-usage.ts';
import type { ChargeInForce } from './charges-in-force.ts';

/**
 * `total` null: the charge cannot be rated, or its events were counted more than once, for a reason that is not for customers.
 * It is never counted as zero.
 */
export type RatedTotal =
  | { readonly of: ChargeInForce; readonly total: ChargeTotal; readonly reason: null }
  | { readonly of: ChargeInForce; readonly total: null; readonly reason: string };

/** The absolute amounts of charges, by what was counted ahead of a fence that has passed. In the order asked. */
export async function rateTotals(
  deps: Pick<InvoicingDeps, 'items' | 'analytics'>,
  input: { readonly tenant: string; readonly fence: number; readonly charges: readonly ChargeInForce[] },
): Promise<readonly RatedTotal[]> {
  const { tenant, fence, charges } = input;
  const needs = charges
    .filter(({ charge }) => kindOf(charge) === 'usage')
    .map(({ terms, charge, segment }) => ({ customer: terms.customer, charge, segment }));
  const meters = await readMeters(deps.items, tenant, needs);
  const { usageOf } = await readUsage(deps, { tenant, fence, needs, meters });
  const duplicateIn = await readDuplicates(deps, { tenant, fence, needs });
  return charges.map((of) => {
    const { terms, charge, segment } = of;
    const { customer } = terms;
    const isUsage = kindOf(charge) === 'usage';
    const usage = isUsage ? usageOf({ customer, charge, segment }) : null;
    const duplicate = isUsage ? duplicateIn({ customer, charge, segment }) : null;
    if (duplicate !== null) return { of, total: null, reason: duplicate };
    try {
      return { of, total: chargeTotal(terms, { charge, segment, usage }), reason: null };
    } catch (thrown) {
      // One charge that cannot be rated must not hold back the others.
      return { of, total: null, reason: thrown instanceof Error ? thrown.message : String(thrown) };
    }
  });
}
