import { INDEXES, TABLES } from '../../contracts/names.ts';
import { eventFingerprint, eventKey, type UsageEvent } from '../../domain/events/event.ts';
import { type CatalogueSnapshot, countEvent } from '../../domain/metering/count-event.ts';
import { periodsBetween } from '../../domain/subscriptions/periods.ts';
import { addExact, type Decimal, decimal, decimalText } from '../../kernel/decimal.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { ok, type Result } from '../../kernel/result.ts';
import type { AnalyticsReader } from '../../ports/analytics.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { createCatalogueReader } from '../catalogue/read-catalogue.ts';
import { subscriptionInvoices } from '../invoicing/invoice-store.ts';
import { queryAll } from '../query-all.ts';
import type { BackfillRecord } from '../records/backfill.ts';
import type { InvoiceRecord } from '../records/invoice.ts';
import { subscriptionFromItem, subscriptionsOwner } from '../records/subscription.ts';
import { readBackfill, readBatch } from './read-backfills.ts';

interface PreviewDeps {
  readonly items: ItemStore;
  readonly objects: ObjectStore;
  readonly analytics: Pick<AnalyticsReader, 'standingEvents'>;
}

/** A period of a subscription that the events fall into; null: no invoice was drafted for it yet. */
export interface TouchedBilling {
  readonly customer: string;
  readonly subscription: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly invoice: Pick<InvoiceRecord, 'id' | 'number' | 'status'> | null;
}

export interface BackfillPreview {
  /** Looked at; false for `isComplete`: there are more. */
  readonly events: number;
  readonly isComplete: boolean;
  /** Stored already, the same and another payload; and several times in the backfill. */
  readonly known: number;
  readonly conflicts: number;
  readonly repeated: number;
  readonly unattributed: number;
  readonly quarantined: number;
  /** Sums of what would be counted, decimal text: raw values, whatever the aggregation. */
  readonly quantities: readonly {
    readonly customer: string;
    readonly meter: string;
    readonly events: number;
    readonly sum: string;
  }[];
  readonly periods: readonly TouchedBilling[];
}

interface Totals {
  readonly seen: Set<string>;
  readonly counts: {
    events: number;
    known: number;
    conflicts: number;
    repeated: number;
    unattributed: number;
    quarantined: number;
  };
  readonly sums: Map<
    string,
    { readonly customer: string; readonly meter: string; events: number; sum: Decimal }
  >;
  readonly times: Map<string, { fromMs: number; toMs: number }>;
}

/** What counting a backfill would do, by as many batches as a preview looks at. Changes nothing. Error `backfill.not_found`. */
export function previewBackfill(
  deps: PreviewDeps,
): (input: { readonly tenant: string; readonly id: string }) => Promise<Result<BackfillPreview>> {
  const readCatalogue = createCatalogueReader(deps);
  return async ({ tenant, id }) => {
    const found = await readBackfill(deps.items, { tenant, id });
    if (!found.ok) return found;
    const looked = Math.min(found.value.batches, LIMITS.previewPages);
    const totals: Totals = {
      seen: new Set(),
      counts: { events: 0, known: 0, conflicts: 0, repeated: 0, unattributed: 0, quarantined: 0 },
      sums: new Map(),
      times: new Map(),
    };
    for (let number = 1; number <= looked; number += 1) {
      const { events } = await readBatch(deps, { tenant, backfill: id, number });
      const references = [...new Set(events.map(({ customer }) => customer))];
      const catalogue = await readCatalogue({ tenant, references });
      await addBatch(deps, totals, { tenant, events, catalogue });
    }
    const periods = await touchedBilling(deps, tenant, totals);
    return ok(toPreview(totals, { backfill: found.value, looked, periods }));
  };
}

async function addBatch(
  { analytics }: PreviewDeps,
  totals: Totals,
  input: {
    readonly tenant: string;
    readonly events: readonly UsageEvent[];
    readonly catalogue: CatalogueSnapshot;
  },
): Promise<void> {
  const { tenant, events, catalogue } = input;
  const standing = await analytics.standingEvents({ tenant, identities: events });
  const stored = new Map(standing.map(({ event }) => [eventKey(event), event.fingerprint]));
  for (const event of events) {
    const key = eventKey(event);
    const { counts } = totals;
    counts.events += 1;
    const known = stored.get(key);
    if (known !== undefined) counts[known === eventFingerprint(event) ? 'known' : 'conflicts'] += 1;
    else if (totals.seen.has(key)) counts.repeated += 1;
    else addCounted(totals, event, catalogue);
    totals.seen.add(key);
  }
}

function addCounted(totals: Totals, event: UsageEvent, catalogue: CatalogueSnapshot): void {
  const { customer, status, rows } = countEvent(catalogue, event);
  if (status === 'unattributed') totals.counts.unattributed += 1;
  if (status === 'quarantined') totals.counts.quarantined += 1;
  for (const { meter, quantity } of rows) {
    const key = JSON.stringify([customer, meter]);
    const sum = totals.sums.get(key) ?? { customer, meter, events: 0, sum: decimal(0) };
    sum.events += 1;
    sum.sum = addExact(sum.sum, decimal(quantity));
    totals.sums.set(key, sum);
  }
  if (rows.length === 0) return;
  const times = totals.times.get(customer) ?? { fromMs: event.timeMs, toMs: event.timeMs + 1 };
  const widened = {
    fromMs: Math.min(times.fromMs, event.timeMs),
    toMs: Math.max(times.toMs, event.timeMs + 1),
  };
  totals.times.set(customer, widened);
}

async function touchedBilling(
  { items }: PreviewDeps,
  tenant: string,
  { times }: Totals,
): Promise<readonly TouchedBilling[]> {
  const touched: TouchedBilling[] = [];
  for (const [customer, { fromMs, toMs }] of [...times].slice(0, LIMITS.previewCustomers)) {
    const pk = subscriptionsOwner(tenant, customer);
    const found = await queryAll(items, { table: TABLES.main, index: INDEXES.byOwner, pk });
    for (const subscription of found.map(subscriptionFromItem)) {
      const periods = periodsBetween({ subscription, fromMs, toMs, limit: LIMITS.previewPages });
      for (const { startMs, endMs } of periods) {
        const asked = { tenant, subscription: subscription.key, fromMs: endMs, toMs: endMs + 1 };
        const [invoice] = await subscriptionInvoices(items, asked);
        const shown =
          invoice === undefined ? null : { id: invoice.id, number: invoice.number, status: invoice.status };
        touched.push({
          customer,
          subscription: subscription.key,
          fromMs: startMs,
          toMs: endMs,
          invoice: shown,
        });
      }
    }
  }
  return touched;
}

function toPreview(
  { counts, sums }: Totals,
  input: {
    readonly backfill: BackfillRecord;
    readonly looked: number;
    readonly periods: readonly TouchedBilling[];
  },
): BackfillPreview {
  const { backfill, looked, periods } = input;
  const quantities = [...sums.values()].map((total) => ({ ...total, sum: decimalText(total.sum) }));
  return { ...counts, isComplete: looked === backfill.batches, quantities, periods };
}
