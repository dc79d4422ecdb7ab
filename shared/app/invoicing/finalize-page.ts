import { defined } from '../../kernel/assert.ts';
import type { InvoiceRecord } from '../records/invoice.ts';
import { pricesOf, readSubscriptions } from './draft-page.ts';
import { finalizeGroup, type ProvedDraft } from './finalize-group.ts';
import { readInvoiceRecords } from './invoice-store.ts';
import type { InvoicingDeps } from './invoicing-deps.ts';
import { planClosing } from './plan-closing.ts';
import type { PlanPrices } from './plan-prices.ts';
import { proveInvoices } from './prove-invoice.ts';
import { rateClosings } from './rate-closings.ts';
import { readRunPage } from './run-objects.ts';

interface FinalizePageInput {
  readonly tenant: string;
  readonly dueAtMs: number;
  /** Has passed. */
  readonly fence: number;
  readonly page: string;
}

/**
 * Makes the page's drafts final but for their number: rates each again by all that lies ahead of the fence, and keeps its
 * evidence. Those of one subscription one after the other: each adjusts what those before it have. `finalized` counts
 * what is no draft any more, whoever did it.
 */
export function finalizePage(deps: InvoicingDeps) {
  return async (input: FinalizePageInput): Promise<{ readonly page: string; readonly finalized: number }> => {
    const ids = (await readRunPage(deps.objects, input.page)).map(({ id }) => id);
    const records = await readInvoiceRecords(deps.items, input.tenant, ids);
    const byId = new Map(records.map((record) => [record.id, record]));
    const prices = await pricesOf(deps, input.tenant, records);
    for (const round of roundsOf(ids.flatMap((id) => byId.get(id) ?? []))) {
      const drafts = round.filter(({ status }) => status === 'draft');
      await finalizeRound(deps, { ...input, prices }, drafts);
    }
    const after = await readInvoiceRecords(deps.items, input.tenant, ids);
    return { page: input.page, finalized: after.filter(({ status }) => status !== 'draft').length };
  };
}

type RoundInput = FinalizePageInput & { readonly prices: (plan: string) => PlanPrices };

/**
 * First the first invoice of each subscription, then the second ones, and so on, whatever became of them: another attempt has the
 * same rounds.
 */
function roundsOf(records: readonly InvoiceRecord[]): readonly (readonly InvoiceRecord[])[] {
  const rounds: InvoiceRecord[][] = [];
  for (const ofOne of Map.groupBy(records, ({ subscription }) => subscription).values()) {
    for (const [index, record] of ofOne.entries()) {
      const round = rounds[index] ?? [];
      round.push(record);
      rounds[index] = round;
    }
  }
  return rounds;
}

/** Drafts of different subscriptions: none of them adjusts what another has. */
async function finalizeRound(
  deps: InvoicingDeps,
  input: RoundInput,
  drafts: readonly InvoiceRecord[],
): Promise<void> {
  const { tenant, fence, prices } = input;
  const keys = drafts.map((draft) => draft.subscription);
  const subscriptions = new Map(
    (await readSubscriptions(deps, tenant, keys)).map((subscription) => [subscription.key, subscription]),
  );
  const open = new Map<string, Omit<ProvedDraft, 'proof'>>();
  const plans = await Promise.all(
    drafts.map(async (draft) => {
      const { closingKind: kind, startMs, endMs, revision } = draft;
      const subscription = defined(subscriptions.get(draft.subscription), 'the subscription of an invoice');
      open.set(draft.subscription, { draft, subscription });
      const closing = { kind, period: { startMs, endMs }, revision };
      return await planClosing(deps, { tenant, subscription, closing, prices: prices(draft.plan) });
    }),
  );
  // One that is provisional stays due: the run that finalizes the one before it, or the next run, comes back to it.
  const final = plans.filter(({ isProvisional }) => !isProvisional);
  const closings = await rateClosings(deps, { tenant, fence, plans: final });
  const versionsOf = (plan: string) => prices(plan).versions;
  for await (const group of proveInvoices(deps, { ...closings, tenant, fence, versionsOf })) {
    const drafted = group.map((proof) => {
      const found = defined(open.get(proof.closed.plan.terms.subscription), 'the draft of a closing');
      return { ...found, proof };
    });
    await finalizeGroup(deps, input, drafted);
  }
}
