import { assert } from '../../kernel/assert.ts';
import { addExact, canonicalDecimal, decimal, decimalText, multiplyExact } from '../../kernel/decimal.ts';
import { subtractMoney } from '../../kernel/money.ts';
import { type Charge, chargeInCurrency, kindOf, prorationOf } from '../rating/charge.ts';
import { rateExactly } from '../rating/rate-charge.ts';
import type { Segment } from '../subscriptions/segments.ts';
import type { BillingTerms, Invoiced, InvoiceId, InvoiceLine, Usage } from './invoice.ts';
import { invoiceLineId } from './invoice-ids.ts';
import { invoiceTiers } from './invoice-tiers.ts';
import { periodPart } from './period-part.ts';

/** What one line is made of. */
export interface LineBasis {
  readonly charge: Charge;
  readonly segment: Segment;
  /** Of a usage charge; null for a recurring one. */
  readonly usage: Usage | null;
  /** What was invoiced so far: then the line is an adjustment to it. */
  readonly invoiced: Invoiced | null;
}

/**
 * The amount of a charge for a segment, rounded once; for an adjustment, that rounded amount without what was invoiced
 * so far, so that all invoices together have the price of the total. Throws where there is no such amount.
 */
export function rateLine(invoice: InvoiceId, terms: BillingTerms, basis: LineBasis): InvoiceLine {
  const { charge, segment, usage, invoiced } = basis;
  const kind = invoiced === null ? kindOf(charge) : 'adjustment';
  const { quantity, rated } = rateBasis(terms, basis);
  return {
    id: invoiceLineId({ invoice, kind, charge: charge.key, segment }),
    kind,
    charge: charge.key,
    description: charge.name ?? charge.key,
    segment,
    quantity:
      invoiced === null
        ? quantity
        : decimalText(addExact(decimal(quantity), decimal(invoiced.quantity).negated())),
    unit: usage?.unit ?? null,
    amount: invoiced === null ? rated.amount : subtractMoney(rated.amount, invoiced.amount),
    meterVersion: usage?.meterVersion ?? null,
    tiers: invoiced === null ? invoiceTiers(rated.lines, rated.amount) : [],
    evidence: usage?.evidence ?? null,
    invoiced,
  };
}

/** What a charge is worth in a segment, by all of its usage. Throws where there is no such amount. */
export function rateBasis(terms: BillingTerms, { charge, segment, usage }: Omit<LineBasis, 'invoiced'>) {
  const { currency, planCurrency, timeZone } = terms;
  const isMetered = kindOf(charge) === 'usage';
  assert(isMetered === (usage !== null), isMetered ? 'its usage is not known' : 'it has no usage');
  const priced = chargeInCurrency({ charge, planCurrency, currency });
  assert(priced !== null, `it has no price in ${currency}`);
  const ratio = periodPart({ segment, proration: prorationOf(charge), timeZone });
  const input = { charge: priced, currency, ratio };
  if (usage !== null) {
    const { quantity } = usage;
    return { quantity: canonicalDecimal(quantity), rated: rateExactly({ ...input, quantity }) };
  }
  const seats = decimal(terms.quantity);
  const quantity = decimalText(multiplyExact(decimal(charge.quantity ?? '1'), seats));
  return { quantity, rated: rateExactly({ ...input, seats }) };
}
