import { TABLES } from '../../contracts/names.ts';
import { defined } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { dayText } from '../../kernel/time.ts';
import type { TransactionOperation } from '../../ports/item-store.ts';
import { removeDue } from '../due/due-operations.ts';
import { type InvoiceRecord, invoiceToItem, subscriptionInvoiceKey } from '../records/invoice.ts';
import { readyInvoiceToItem } from '../records/invoice-series.ts';
import type { SubscriptionRecord } from '../records/subscription.ts';
import { followUpOperations } from '../subscriptions/advance-subscription.ts';
import { pricesOf, readSubscriptions } from './draft-page.ts';
import { evidenceFile } from './evidence-file.ts';
import { moveToStatus } from './invoice-status.ts';
import { readInvoiceRecords, storeLines } from './invoice-store.ts';
import type { InvoicingDeps } from './invoicing-deps.ts';
import { planClosing } from './plan-closing.ts';
import type { PlanPrices } from './plan-prices.ts';
import { type ProvedClosing, proveInvoices } from './prove-invoice.ts';
import { quarantineOperations } from './quarantine.ts';
import { type RatedClosing, rateClosings } from './rate-closings.ts';
import { readRunPage } from './run-objects.ts';
import { settleTouched } from './settle-touched.ts';

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

/** A draft with the subscription that it bills. */
interface OpenDraft {
  readonly draft: InvoiceRecord;
  readonly subscription: SubscriptionRecord;
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
  const open = new Map<string, OpenDraft>();
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
    await Promise.all(
      group.map((proof) => {
        const found = defined(open.get(proof.closed.plan.terms.subscription), 'the draft of a closing');
        return finalizeInvoice(deps, input, found, proof);
      }),
    );
  }
}

async function finalizeInvoice(
  deps: InvoicingDeps,
  { tenant, dueAtMs, fence, prices }: RoundInput,
  { draft, subscription }: OpenDraft,
  proof: ProvedClosing,
): Promise<void> {
  const made = { tenant, dueAtMs, fence, invoice: draft.id, subscription, closed: proof.closed };
  const settled = await settleEarlier(deps, made);
  const { invoice } = proof.closed.drafted;
  const issued = { issuedAtMs: dueAtMs, dueAtMs: dueAtMs + LIMITS.invoiceTermMs, finalizedAtMs: dueAtMs };
  if (invoice === null) {
    // What was drafted is not due after all, as where the subscription was canceled meanwhile: no line, no invoice.
    const nothing: InvoiceRecord = { ...draft, fence, status: 'void' };
    await deps.items.transact([
      ...replaceDraft(tenant, draft, nothing),
      moveToStatus(tenant, subscriptionInvoiceKey(tenant, draft), 'void'),
      ...settled,
    ]);
    return;
  }
  const head = { ...issued, number: null, status: 'finalized', fence } as const;
  const { versions } = prices(draft.plan);
  const { text, sha256 } = evidenceFile({ invoice, head, proved: proof.lines, versions });
  // Named by what it holds: a run that comes too late never writes over what another has made final.
  const evidenceObject = `invoices/${tenant}/evidence/${dayText(dueAtMs)}/${draft.id}-${sha256}.ndjson`;
  await deps.objects.put({ key: evidenceObject, body: new TextEncoder().encode(text), ifAbsent: true });
  const { customer, currency, planCurrency, timeZone, quantity } = invoice.terms;
  const lines = await storeLines(deps.objects, { tenant, id: draft.id }, invoice.lines);
  const terms = { customer, currency, planCurrency, timeZone, quantity };
  const ready: InvoiceRecord = {
    ...draft,
    ...terms,
    ...issued,
    ...lines,
    fence,
    evidenceObject,
    status: 'ready',
  };
  // Where it fails, another run was faster, and what it did holds.
  await deps.items.transact([
    ...replaceDraft(tenant, draft, ready),
    { op: 'put', table: TABLES.main, item: readyInvoiceToItem(tenant, ready) },
    ...settled,
  ]);
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
