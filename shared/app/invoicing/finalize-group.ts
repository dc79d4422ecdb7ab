import { TABLES } from '../../contracts/names.ts';
import { defined } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { TransactionOperation } from '../../ports/item-store.ts';
import { removeDue } from '../due/due-operations.ts';
import { type InvoiceRecord, invoiceToItem, subscriptionInvoiceKey } from '../records/invoice.ts';
import { readyInvoiceToItem } from '../records/invoice-series.ts';
import type { SubscriptionRecord } from '../records/subscription.ts';
import { followUpOperations } from '../subscriptions/advance-subscription.ts';
import { evidenceFile } from './evidence-file.ts';
import { type EvidencePlace, storeEvidence } from './evidence-store.ts';
import { moveToStatus } from './invoice-status.ts';
import { storeLines } from './invoice-store.ts';
import type { InvoicingDeps } from './invoicing-deps.ts';
import type { PlanPrices } from './plan-prices.ts';
import type { ProvedClosing } from './prove-invoice.ts';
import { quarantineOperations } from './quarantine.ts';
import type { RatedClosing } from './rate-closings.ts';
import { settleTouched } from './settle-touched.ts';

/** A draft with the subscription that it bills, and what it comes to now. */
export interface ProvedDraft {
  readonly draft: InvoiceRecord;
  readonly subscription: SubscriptionRecord;
  readonly proof: ProvedClosing;
}

interface GroupInput {
  readonly tenant: string;
  readonly dueAtMs: number;
  readonly fence: number;
  readonly prices: (plan: string) => PlanPrices;
}

/** A draft as it becomes. Without a file there is nothing to bill. */
interface FinalDraft {
  readonly draft: InvoiceRecord;
  readonly next: InvoiceRecord;
  readonly file: ReturnType<typeof evidenceFile> | null;
  readonly settled: readonly TransactionOperation[];
}

/** Makes drafts of different subscriptions final but for their number, each in a transaction after all their evidence is kept. */
export async function finalizeGroup(
  deps: InvoicingDeps,
  input: GroupInput,
  group: readonly ProvedDraft[],
): Promise<void> {
  const { tenant, dueAtMs } = input;
  const made = await Promise.all(group.map((proved) => makeFinal(deps, input, proved)));
  const filed = made.filter(({ file }) => file !== null);
  const files = filed.flatMap(({ file }) => file ?? []);
  const places = await storeEvidence(deps.objects, { tenant, dueAtMs }, files);
  const placeOf = new Map(filed.map((final, index) => [final, defined(places[index], 'where evidence is')]));
  // Where one fails, another run was faster, and what it did holds.
  await Promise.all(
    made.map((final) => deps.items.transact(writeFinal(tenant, final, placeOf.get(final) ?? null))),
  );
}

async function makeFinal(
  deps: InvoicingDeps,
  { tenant, dueAtMs, fence, prices }: GroupInput,
  { draft, subscription, proof }: ProvedDraft,
): Promise<FinalDraft> {
  const made = { tenant, dueAtMs, fence, invoice: draft.id, subscription, closed: proof.closed };
  const settled = await settleEarlier(deps, made);
  const { invoice } = proof.closed.drafted;
  // What was drafted is not due after all, as where the subscription was canceled meanwhile: no line, no invoice.
  if (invoice === null) return { draft, next: { ...draft, fence, status: 'void' }, file: null, settled };
  const issued = { issuedAtMs: dueAtMs, dueAtMs: dueAtMs + LIMITS.invoiceTermMs, finalizedAtMs: dueAtMs };
  const head = { ...issued, number: null, status: 'finalized', fence } as const;
  const { versions } = prices(draft.plan);
  const { customer, currency, planCurrency, timeZone, quantity } = invoice.terms;
  const terms = { customer, currency, planCurrency, timeZone, quantity };
  const lines = await storeLines(deps.objects, { tenant, id: draft.id }, invoice.lines);
  return {
    draft,
    next: { ...draft, ...terms, ...issued, ...lines, fence, status: 'ready' },
    file: evidenceFile({ invoice, head, proved: proof.lines, versions }),
    settled,
  };
}

function writeFinal(
  tenant: string,
  { draft, next, settled }: FinalDraft,
  place: EvidencePlace | null,
): readonly TransactionOperation[] {
  if (place === null) {
    const moved = moveToStatus(tenant, subscriptionInvoiceKey(tenant, draft), 'void');
    return [...replaceDraft(tenant, draft, next), moved, ...settled];
  }
  const ready = { ...next, ...place };
  return [
    ...replaceDraft(tenant, draft, ready),
    { op: 'put', table: TABLES.main, item: readyInvoiceToItem(tenant, ready) },
    ...settled,
  ];
}

/**
 * What is missing on the invoice is listed, what was counted again is not counted once more, and what is left of both is tried
 * again after the end where nothing else would.
 */
async function settleEarlier(
  deps: InvoicingDeps,
  input: {
    readonly tenant: string;
    readonly dueAtMs: number;
    readonly fence: number;
    readonly invoice: string;
    readonly subscription: SubscriptionRecord;
    readonly closed: RatedClosing;
  },
): Promise<readonly TransactionOperation[]> {
  const { tenant, dueAtMs: atMs, fence, invoice, subscription, closed } = input;
  const made = { tenant, invoice, closed, atMs, isFinal: true };
  const { left, operations } = await quarantineOperations(deps, made);
  const settled = settleTouched({ tenant, plan: closed.plan, fence });
  const both = [...operations, ...settled.operations];
  if (left === 0 && !settled.isLeft) return both;
  return [...both, ...followUpOperations(tenant, subscription, atMs)];
}

/** The draft as it becomes; its due item goes with it. */
function replaceDraft(
  tenant: string,
  draft: InvoiceRecord,
  next: InvoiceRecord,
): readonly TransactionOperation[] {
  return [
    {
      op: 'put',
      table: TABLES.main,
      item: invoiceToItem(tenant, next),
      condition: { kind: 'equal', name: 'status', value: 'draft' },
    },
    removeDue({ tenant, kind: 'grace_end', dueAtMs: draft.graceEndMs, id: draft.id }),
  ];
}
