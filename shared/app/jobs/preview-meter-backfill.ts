import { eventKey } from '../../domain/events/event.ts';
import { type CatalogueSnapshot, countEvent } from '../../domain/metering/count-event.ts';
import { addExact, type Decimal, decimal, decimalText } from '../../kernel/decimal.ts';
import { appError } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { AnalyticsReader, EventPosition } from '../../ports/analytics.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { createCatalogueReader } from '../catalogue/read-catalogue.ts';
import { eventVersion } from '../consume/chains/chain-base.ts';
import { readMeter } from '../meters/read-meter.ts';
import type { MeterRecord } from '../records/meter.ts';

export interface PreviewDeps {
  readonly items: ItemStore;
  readonly analytics: Pick<AnalyticsReader, 'jobEvents' | 'standingEvents'>;
}

interface PreviewInput {
  readonly tenant: string;
  readonly meter: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Sums of quantities, decimal text, by customer in the order of their keys. */
interface BackfillPreview {
  readonly meter: string;
  readonly version: number;
  readonly events: number;
  readonly changed: number;
  readonly isComplete: boolean;
  readonly customers: readonly {
    readonly customer: string;
    readonly takenBack: string;
    readonly added: string;
  }[];
}

/** What `backfillMeter` would change, by as many events as a preview looks at. Errors as there. */
export function previewMeterBackfill(
  deps: PreviewDeps,
): (input: PreviewInput) => Promise<Result<BackfillPreview>> {
  const readCatalogue = createCatalogueReader(deps);
  return async (input) => {
    const found = await readMeter({ items: deps.items, tenant: input.tenant, key: input.meter });
    if (!found.ok) return found;
    if (found.value.archivedRevision !== null) return err(appError('meter.archived'));
    if (input.fromMs >= input.toMs) {
      const issue = { path: 'to', code: 'usage.invalid_range', message: 'must be after from' } as const;
      return err(appError('usage.invalid_range', undefined, [issue]));
    }
    const totals = createTotals();
    let after: EventPosition | null = null;
    for (let page = 0; page < LIMITS.previewPages; page += 1) {
      const events = await readPage(deps, input, { meter: found.value, after });
      const references = [...new Set(events.map(({ event }) => event.customerReference))];
      const catalogue = await readCatalogue({ tenant: input.tenant, references });
      for (const event of events) compare(totals, event, { meter: input.meter, catalogue });
      if (events.length < LIMITS.jobPageEvents) return ok(toPreview(totals, found.value, true));
      after = events.at(-1)?.event ?? null;
    }
    return ok(toPreview(totals, found.value, false));
  };
}

type Found = Awaited<ReturnType<AnalyticsReader['standingEvents']>>[number];

/** In the order of positions. */
async function readPage(
  { analytics }: PreviewDeps,
  { tenant, fromMs, toMs }: PreviewInput,
  asked: { readonly meter: MeterRecord; readonly after: EventPosition | null },
): Promise<readonly Found[]> {
  const { meter, after } = asked;
  const types = [meter, ...meter.earlier].map(({ definition }) => definition.eventType);
  const range = { tenant, types, fromMs, toMs, belowRevision: meter.revision, after };
  const events = await analytics.jobEvents({ ...range, limit: LIMITS.jobPageEvents });
  if (events.length === 0) return [];
  const standing = await analytics.standingEvents({ tenant, identities: events });
  const rows = new Map(standing.map((found) => [eventKey(found.event), found.rows]));
  return events.map((event) => ({ event, rows: rows.get(eventKey(event)) ?? [] }));
}

interface Totals {
  events: number;
  changed: number;
  readonly customers: Map<string, { takenBack: Decimal; added: Decimal }>;
}

function createTotals(): Totals {
  return { events: 0, changed: 0, customers: new Map() };
}

function compare(
  totals: Totals,
  { event, rows }: Found,
  { meter, catalogue }: { readonly meter: string; readonly catalogue: CatalogueSnapshot },
): void {
  totals.events += 1;
  if (event.customer === '') return;
  const counted = countEvent(catalogue, eventVersion(event).event, event.customer);
  const content = (row: {
    readonly customer: string;
    readonly quantity: string;
    readonly uniqueKey: string;
    readonly dimensions: string;
  }) => JSON.stringify([row.customer, row.quantity, row.uniqueKey, row.dimensions]);
  const before = rows.filter((row) => row.meter === meter);
  const now = counted.rows.filter((row) => row.meter === meter);
  const known = new Set(before.map(content));
  const same = new Set(now.map(content));
  const gone = before.filter((row) => !same.has(content(row)));
  const added = now.filter((row) => !known.has(content(row)));
  if (gone.length + added.length > 0) totals.changed += 1;
  for (const row of gone) add(totals, row, 'takenBack');
  for (const row of added) add(totals, row, 'added');
}

function add(
  { customers }: Totals,
  { customer, quantity }: { readonly customer: string; readonly quantity: string },
  side: 'takenBack' | 'added',
): void {
  const sums = customers.get(customer) ?? { takenBack: decimal(0), added: decimal(0) };
  sums[side] = addExact(sums[side], decimal(quantity));
  customers.set(customer, sums);
}

function toPreview(
  { events, changed, customers }: Totals,
  meter: MeterRecord,
  isComplete: boolean,
): BackfillPreview {
  const sums = [...customers].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    meter: meter.key,
    version: meter.version,
    events,
    changed,
    isComplete,
    customers: sums.map(([customer, { takenBack, added }]) => {
      return { customer, takenBack: decimalText(takenBack), added: decimalText(added) };
    }),
  };
}
