import type { CurrencyCode } from '../../kernel/currency.ts';
import { addMoney, type Money, money, subtractMoney } from '../../kernel/money.ts';
import type { InvoiceLine, InvoiceTotals } from './invoice.ts';

/** What changes a total beside its lines: none when absent. */
export type TotalChanges = Partial<Pick<InvoiceTotals, 'discountTotal' | 'taxTotal' | 'creditTotal'>>;

/** Sums of amounts that are already rounded: exact. The total of a credit is negative. */
export function invoiceTotals(
  lines: readonly Pick<InvoiceLine, 'amount'>[],
  currency: CurrencyCode,
  changes: TotalChanges = {},
): InvoiceTotals {
  const nothing = money(0n, currency);
  const { discountTotal = nothing, taxTotal = nothing, creditTotal = nothing } = changes;
  const subtotal = lines.reduce<Money>((sum, { amount }) => addMoney(sum, amount), nothing);
  const taxed = addMoney(subtractMoney(subtotal, discountTotal), taxTotal);
  return { subtotal, discountTotal, taxTotal, creditTotal, total: subtractMoney(taxed, creditTotal) };
}
