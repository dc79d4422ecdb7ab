import { TABLES } from '../../contracts/names.ts';
import type { Closing } from '../../domain/invoicing/invoice.ts';
import { invoiceId } from '../../domain/invoicing/invoice-ids.ts';
import { defined } from '../../kernel/assert.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { TransactionOperation } from '../../ports/item-store.ts';
import { putDue } from '../due/due-operations.ts';
import {
  type InvoiceRecord,
  invoiceToItem,
  quarantinedLinesToItem,
  subscriptionInvoiceToItem,
} from '../records/invoice.ts';
import { type SubscriptionRecord, subscriptionFromItem, subscriptionKey } from '../records/subscription.ts';
import { advanceSubscription } from '../subscriptions/advance-subscription.ts';
import { readInvoiceRecords, storeLines, subscriptionInvoices } from './invoice-store.ts';
import type { InvoicingDeps } from './invoicing-deps.ts';
import { type ClosingPlan, closingDue, planClosing } from './plan-closing.ts';
import { type PlanPrices, readPlanPrices } from './plan-prices.ts';
import { type RatedClosing, rateClosings } from './rate-closings.ts';
import { readRunPage } from './run-objects.ts';

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
  for (const subscription of due) {
    const closed = byKey.get(subscription.key);
    const operations =
      closed === undefined ? [] : await draftOperations(deps, { tenant, fence, graceEndMs, closed });
    // Where it fails somebody closed the period, or canceled the subscription; the next round sees which.
    await deps.items.transact([...operations, ...advanceSubscription(tenant, subscription).operations]);
  }
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

async function readSubscriptions(
  { items }: InvoicingDeps,
  tenant: string,
  keys: readonly string[],
): Promise<readonly SubscriptionRecord[]> {
  const found = await items.getMany({
    table: TABLES.main,
    keys: keys.map((key) => subscriptionKey(tenant, key)),
  });
  return found.map(subscriptionFromItem);
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

async function draftOperations(
  deps: InvoicingDeps,
  input: {
    readonly tenant: string;
    readonly fence: number;
    readonly graceEndMs: number;
    readonly closed: RatedClosing;
  },
): Promise<readonly TransactionOperation[]> {
  const { tenant, fence, graceEndMs, closed } = input;
  const { terms, closing, plan } = closed.plan;
  const id = invoiceId(terms, closing);
  const quarantined = quarantineOperations(deps, { tenant, invoice: id, closed });
  const { invoice } = closed.drafted;
  if (invoice === null) return quarantined;
  const record: InvoiceRecord = {
    ...newRecord(closing),
    ...termsOf(closed),
    id,
    plan,
    fence,
    graceEndMs,
    ...(await storeLines(deps.objects, { tenant, id }, invoice.lines)),
  };
  const table = TABLES.main;
  return [
    { op: 'put', table, item: invoiceToItem(tenant, record), condition: { kind: 'item_absent' } },
    { op: 'put', table, item: subscriptionInvoiceToItem(tenant, record) },
    putDue({ tenant, kind: 'grace_end', dueAtMs: graceEndMs, id }),
    ...quarantined,
  ];
}

/** Writes down which lines could not be made, with their reasons; nothing where all could. */
export function quarantineOperations(
  deps: Pick<InvoicingDeps, 'onQuarantined'>,
  input: { readonly tenant: string; readonly invoice: string; readonly closed: RatedClosing },
): readonly TransactionOperation[] {
  const { tenant, invoice, closed } = input;
  const { drafted } = closed;
  if (drafted.quarantined.length === 0) return [];
  for (const { charge, reason } of drafted.quarantined)
    deps.onQuarantined({ tenant, invoice, charge, reason });
  const lines = canonicalJson(
    drafted.quarantined.map(({ charge, kind, planVersion, period, reason }) => {
      const { startMs, endMs } = period;
      return { charge, kind, planVersion, period: { startMs, endMs }, reason };
    }),
  );
  return [{ op: 'put', table: TABLES.main, item: quarantinedLinesToItem(tenant, { invoice, lines }) }];
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
  } as const;
}
