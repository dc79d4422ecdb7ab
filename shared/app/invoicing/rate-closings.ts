import { type DraftedInvoice, draftInvoice } from '../../domain/invoicing/draft-invoice.ts';
import { kindOf } from '../../domain/rating/charge.ts';
import type { InvoicingDeps } from './invoicing-deps.ts';
import { type ClosingPlan, type UsageNeed, usageNeeds } from './plan-closing.ts';
import { readDuplicates } from './read-duplicates.ts';
import { type Meters, readMeters, readUsage } from './read-usage.ts';

export interface RatedClosing {
  readonly plan: ClosingPlan;
  readonly drafted: DraftedInvoice;
}

export interface RatedClosings {
  readonly rated: readonly RatedClosing[];
  readonly meters: Meters;
  /** How many events a need counts. */
  eventsOf(need: UsageNeed): number;
}

/** Rates closings by what was counted ahead of a fence. Lines have no evidence yet. */
export async function rateClosings(
  deps: Pick<InvoicingDeps, 'items' | 'analytics'>,
  input: { readonly tenant: string; readonly fence: number; readonly plans: readonly ClosingPlan[] },
): Promise<RatedClosings> {
  const { tenant, fence, plans } = input;
  const needs = plans.flatMap(usageNeeds);
  const meters = await readMeters(deps.items, tenant, needs);
  const { usageOf, eventsOf } = await readUsage(deps, { tenant, fence, needs, meters });
  const duplicateIn = await readDuplicates(deps, { tenant, fence, needs });
  const rated = plans.map((plan) => {
    const { terms, closing, ended, beginning, earlier } = plan;
    const { customer } = terms;
    const usage = ended.flatMap(({ segment, charges }) =>
      charges.flatMap((charge) => {
        const counted = usageOf({ customer, charge, segment });
        const isUsage = kindOf(charge) === 'usage' && counted !== null;
        return isUsage ? [{ charge: charge.key, startMs: segment.startMs, usage: counted }] : [];
      }),
    );
    const before = earlier.map((charge) => ({
      ...charge,
      usage: kindOf(charge.charge) === 'usage' ? usageOf({ customer, ...charge }) : null,
    }));
    const duplicated = usageNeeds(plan).flatMap((need) => {
      const reason = duplicateIn(need);
      return reason === null ? [] : [{ charge: need.charge.key, startMs: need.segment.startMs, reason }];
    });
    const drafted = draftInvoice({ terms, closing, ended, beginning, usage, earlier: before, duplicated });
    return { plan, drafted: withoutEvidence(drafted) };
  });
  return { rated, meters, eventsOf };
}

function withoutEvidence(drafted: DraftedInvoice): DraftedInvoice {
  if (drafted.invoice === null) return drafted;
  const lines = drafted.invoice.lines.map((line) => ({ ...line, evidence: null }));
  return { ...drafted, invoice: { ...drafted.invoice, lines } };
}
