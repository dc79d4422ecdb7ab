import { TABLES } from '../../contracts/names.ts';
import type { Closing } from '../../domain/invoicing/invoice.ts';
import { invoiceId } from '../../domain/invoicing/invoice-ids.ts';
import { defined } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { TransactionOperation } from '../../ports/item-store.ts';
import { putDue } from '../due/due-operations.ts';
import {
  closingInstantMs,
  type InvoiceRecord,
  invoiceToItem,
  subscriptionInvoiceToItem,
} from '../records/invoice.ts';
import { type SubscriptionRecord, subscriptionFromItem, subscriptionKey } from '../records/subscription.ts';
import { advanceSubscription } from '../subscriptions/advance-subscription.ts';
import { readInvoiceRecords, storeLines, subscriptionInvoices } from './invoice-store.ts';
import type { InvoicingDeps } from './invoicing-deps.ts';
import { type ClosingPlan, closingDue, planClosing } from './plan-closing.ts';
import { type PlanPrices, readPlanPrices } from './plan-prices.ts';
import { quarantineOperations } from './quarantine.ts';
import { type RatedClosing, rateClosings } from './rate-closings.ts';
import { readRunPage } from './run-objects.ts';
import { settleTouched } from './settle-touched.ts';

interface DraftPageInput {
  readonly tenant: string;
  readonly dueAtMs: number;
  /** Has passed. */
  readonly fence: number;
  readonly page: string;
}

/**
 * Closes every period of the page's subscriptions that is due, one after the other: the draft, its due item and the
 * subscription's next one in one transaction. `drafted` counts all invoices that close in the page, whoever made them.
 */
export function draftPage(deps: InvoicingDeps) {
  return async (input: DraftPageInput): Promise<{ readonly page: string; readonly drafted: number }> => {
    const listed = await readRunPage(deps.objects, input.page);
    let pending: readonly string[] = listed.map(({ id }) => id);
    for (let round = 0; round < LIMITS.closingsPerRun && pending.length > 0; round += 1) {
      pending = await draftRound(deps, input, pending);
    }
    const made = await Promise.all(
      listed.map(({ id: subscription, dueAtMs: fromMs }) => {
        const { tenant, dueAtMs } = input;
        return subscriptionInvoices(deps.items, { tenant, subscription, fromMs, toMs: dueAtMs + 1 });
      }),
    );
    return { page: input.page, drafted: made.flat().length };
  };
}

/** Closes one period of each subscription; answers those of which another may be due. */
async function draftRound(
  deps: InvoicingDeps,
  { tenant, dueAtMs, fence }: DraftPageInput,
  keys: readonly string[],
): Promise<readonly string[]> {
  const due = (await readSubscriptions(deps, tenant, keys)).filter(
    (subscription) => subscription.dueAtMs !== null && subscription.dueAtMs <= dueAtMs,
  );
  const closings = await openClosings(deps, tenant, due);
  const { rated } = await rateClosings(deps, { tenant, fence, plans: [...closings.values()] });
  const byKey = new Map(rated.map((closed) => [closed.plan.terms.subscription, closed]));
  const graceEndMs = dueAtMs + LIMITS.invoiceGraceMs;
  await Promise.all(
    due.map(async (subscription) => {
      const closed = byKey.get(subscription.key);
      const { isOwed, operations } =
        closed === undefined ? NOTHING : await draftOperations(deps, { tenant, fence, graceEndMs, closed });
      const { operations: advanced } = advanceSubscription(tenant, subscription, isOwed);
      // Where it fails somebody closed the period, or canceled the subscription; the next round sees which.
      await deps.items.transact([...operations, ...advanced]);
    }),
  );
  return due.map(({ key }) => key);
}

/**
 * What is to be billed of each subscription. Nothing where it was canceled at the very instant that closed already: then its
 * invoice is there, and is rated again when it is finalized.
 */
export async function openClosings(
  deps: Pick<InvoicingDeps, 'items' | 'objects'>,
  tenant: string,
  due: readonly SubscriptionRecord[],
): Promise<ReadonlyMap<string, ClosingPlan>> {
  const prices = await pricesOf(deps, tenant, due);
  const closings = due.flatMap((subscription) => {
    const closing = closingDue(subscription);
    if (closing === null) return [];
    return [{ subscription, closing, id: invoiceId({ tenant, subscription: subscription.key }, closing) }];
  });
  const ids = closings.map(({ id }) => id);
  const made = new Set((await readInvoiceRecords(deps.items, tenant, ids)).map(({ id }) => id));
  const plans = await Promise.all(
    closings
      .filter(({ id }) => !made.has(id))
      .map(({ subscription, closing }) =>
        planClosing(deps, { tenant, subscription, closing, prices: prices(subscription.plan) }),
      ),
  );
  return new Map(plans.map((plan) => [plan.terms.subscription, plan]));
}

/** Strongly consistent; the order is not kept. */
export async function readSubscriptions(
  { items }: Pick<InvoicingDeps, 'items'>,
  tenant: string,
  keys: readonly string[],
): Promise<readonly SubscriptionRecord[]> {
  const found: SubscriptionRecord[] = [];
  for (let from = 0; from < keys.length; from += LIMITS.batchGetKeys) {
    const some = keys.slice(from, from + LIMITS.batchGetKeys).map((key) => subscriptionKey(tenant, key));
    found.push(...(await items.getMany({ table: TABLES.main, keys: some })).map(subscriptionFromItem));
  }
  return found;
}

/** The prices of all plans of these subscriptions, each read once. */
export async function pricesOf(
  { items }: Pick<InvoicingDeps, 'items'>,
  tenant: string,
  subscriptions: readonly Pick<SubscriptionRecord, 'plan'>[],
): Promise<(plan: string) => PlanPrices> {
  const plans = [...new Set(subscriptions.map(({ plan }) => plan))];
  const read = await Promise.all(plans.map((plan) => readPlanPrices(items, tenant, plan)));
  const byKey = new Map(plans.map((plan, index) => [plan, read[index]]));
  return (plan) => defined(byKey.get(plan), `the prices of ${plan}`);
}

interface Drafted {
  /** Nothing was drafted, and something could not be billed. */
  readonly isOwed: boolean;
  readonly operations: readonly TransactionOperation[];
}

const NOTHING: Drafted = { isOwed: false, operations: [] };

async function draftOperations(
  deps: InvoicingDeps,
  input: {
    readonly tenant: string;
    readonly fence: number;
    readonly graceEndMs: number;
    readonly closed: RatedClosing;
  },
): Promise<Drafted> {
  const { tenant, fence, graceEndMs, closed } = input;
  const { terms, closing, plan } = closed.plan;
  const id = invoiceId(terms, closing);
  const { invoice } = closed.drafted;
  const base = newRecord(closing);
  // Without an invoice nothing is rated again: this was the last word of this closing, but where it relied on drafts.
  const isFinal = invoice === null && !closed.plan.isProvisional;
  const asked = { tenant, invoice: id, closed, atMs: closingInstantMs(base), isFinal };
  const { left, operations: quarantined } = await quarantineOperations(deps, asked);
  if (invoice === null) {
    const settled = settleTouched({ tenant, plan: closed.plan, fence });
    return { isOwed: left > 0 || settled.isLeft, operations: [...quarantined, ...settled.operations] };
  }
  const record: InvoiceRecord = {
    ...base,
    ...termsOf(closed),
    id,
    plan,
    fence,
    graceEndMs,
    ...(await storeLines(deps.objects, { tenant, id }, invoice.lines)),
  };
  const table = TABLES.main;
  const operations: readonly TransactionOperation[] = [
    { op: 'put', table, item: invoiceToItem(tenant, record), condition: { kind: 'item_absent' } },
    { op: 'put', table, item: subscriptionInvoiceToItem(tenant, record) },
    putDue({ tenant, kind: 'grace_end', dueAtMs: graceEndMs, id }),
    ...quarantined,
  ];
  return { isOwed: false, operations };
}

function termsOf({ plan: { terms } }: RatedClosing) {
  const { subscription, customer, currency, planCurrency, timeZone, quantity } = terms;
  return { subscription, customer, currency, planCurrency, timeZone, quantity };
}

function newRecord({ kind, period, revision }: Closing) {
  return {
    closingKind: kind,
    startMs: period.startMs,
    endMs: period.endMs,
    revision,
    status: 'draft',
    number: null,
    issuedAtMs: null,
    dueAtMs: null,
    finalizedAtMs: null,
    evidenceObject: null,
    evidenceStart: null,
    evidenceEnd: null,
  } as const;
}
