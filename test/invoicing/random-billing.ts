import fc from 'fast-check';
import type { DraftInvoiceInput, EarlierCharge } from '../../shared/domain/invoicing/draft-invoice.ts';
import type { EvidenceEvent, EvidenceMeter } from '../../shared/domain/invoicing/evidence-records.ts';
import type { Invoice, Invoiced, Usage } from '../../shared/domain/invoicing/invoice.ts';
import type { Aggregation } from '../../shared/domain/metering/usage-read.ts';
import type { Charge } from '../../shared/domain/rating/charge.ts';
import type { Price } from '../../shared/domain/rating/price.ts';
import type { Segment } from '../../shared/domain/subscriptions/segments.ts';
import { decimal, decimalText, sumExact } from '../../shared/kernel/decimal.ts';
import { addMoney, money } from '../../shared/kernel/money.ts';
import { formatInstant } from '../../shared/kernel/time.ts';
import { countUsage, termsOf } from './llm-invoices.ts';

const NOVEMBER = { startMs: Date.UTC(2023, 10, 1), endMs: Date.UTC(2023, 11, 1) };
const DECEMBER = { startMs: NOVEMBER.endMs, endMs: Date.UTC(2024, 0, 1) };

/** A meter is named by how it counts. */
export const METERS: readonly Aggregation[] = ['sum', 'count', 'max', 'min', 'avg', 'latest', 'unique_count'];

const scaled = (max: number, places: number) =>
  fc.integer({ min: 0, max }).map((units) => decimalText(decimal(`${units}e-${places}`)));
const rate = fc.oneof(scaled(900, 2), scaled(2_000_000, 9));

const tiers = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { maxLength: 3 }),
    fc.array(rate, { minLength: 8, maxLength: 8 }),
  )
  .map(([bounds, rates]) =>
    [...bounds.toSorted((left, right) => left - right).map(String), null].map((upTo, index) => ({
      upTo,
      unitAmount: rates[index] ?? '1',
      ...(index % 2 === 0 ? { flatAmount: rates[index + 4] ?? '1' } : {}),
    })),
  );

const price: fc.Arbitrary<Price> = fc.oneof(
  fc.record({ model: fc.constant('flat' as const), amount: rate }),
  fc.record({ model: fc.constant('per_unit' as const), unitAmount: rate }),
  fc.record({ model: fc.constant('graduated' as const), tiers }),
  fc.record({ model: fc.constant('volume' as const), tiers }),
  fc.record({
    model: fc.constant('package' as const),
    packageSize: fc.integer({ min: 1, max: 50 }).map(String),
    packageAmount: rate,
  }),
);

const modifiers = fc.record(
  {
    includedUnits: scaled(20, 0),
    discounts: fc.array(fc.record({ type: fc.constant('percent' as const), percent: scaled(100, 0) }), {
      maxLength: 2,
    }),
    maximum: scaled(900, 0).map((text) => decimalText(decimal(text).plus(50))),
    minimum: scaled(50, 0),
    proration: fc.constantFrom('second' as const, 'day' as const, 'none' as const),
  },
  { requiredKeys: [] },
);

const charge: fc.Arbitrary<Omit<Charge, 'key'>> = fc
  .record({
    price,
    modifiers,
    use: fc.oneof(
      fc.record({ meter: fc.constantFrom(...METERS) }),
      fc.record({
        timing: fc.constantFrom('advance' as const, 'arrears' as const),
        quantity: scaled(500, 2),
      }),
    ),
  })
  .map((found) => ({ price: found.price, ...found.modifiers, ...found.use }));

export const anyCharges = fc
  .array(charge, { minLength: 1, maxLength: 4 })
  .map((list): readonly Charge[] => list.map((fields, index) => ({ key: `charge-${index}`, ...fields })));

const event = fc.record({
  meter: fc.constantFrom(...METERS),
  offsetMs: fc.integer({ min: 0, max: NOVEMBER.endMs - NOVEMBER.startMs - 1 }),
  quantity: scaled(90_000, 3),
  uniqueKey: fc.constantFrom('a', 'b', 'c', 'é', '𝒳'),
  source: fc.constantFrom('default', 'ü', '𝒳'),
  /** At which of three closings it is known. */
  knownAt: fc.integer({ min: 0, max: 2 }),
});

/** A month under two versions, and events that come to be known at three closings. */
export const anyBilling = fc.record({
  versions: fc.tuple(anyCharges, anyCharges),
  cutMs: fc.integer({ min: NOVEMBER.startMs + 1, max: NOVEMBER.endMs - 1 }),
  events: fc.array(event, { maxLength: 30 }),
  seats: scaled(300, 1),
});

export type Billing = Parameters<Parameters<typeof anyBilling.map>[0]>[0];

export interface KnownEvent extends EvidenceEvent {
  readonly knownAt: number;
}

export function eventsOf({ events }: Billing): readonly KnownEvent[] {
  return events.map(({ meter, offsetMs, quantity, uniqueKey, source, knownAt }, index) => ({
    kind: 'event',
    source,
    id: `event-${index}`,
    time: formatInstant(NOVEMBER.startMs + offsetMs),
    quantity,
    uniqueKey: meter === 'unique_count' ? uniqueKey : '',
    dimensions: {},
    meter,
    customer: 'acme',
    knownAt,
  }));
}

export function segmentsOfNovember({ cutMs, versions }: Billing) {
  const whole = { startMs: NOVEMBER.startMs, endMs: NOVEMBER.endMs, full: NOVEMBER };
  return [
    { segment: { ...whole, version: 1, endMs: cutMs }, charges: versions[0] },
    { segment: { ...whole, version: 2, startMs: cutMs }, charges: versions[1] },
  ];
}

export function meterOf({ meter }: Charge): EvidenceMeter | null {
  const aggregation = METERS.find((name) => name === meter);
  return aggregation === undefined ? null : { key: aggregation, version: 1, aggregation };
}

/** The events that a charge counts in a segment, as evidence has them. */
export function eventsIn(
  events: readonly KnownEvent[],
  { meter }: Charge,
  segment: Segment,
): EvidenceEvent[] {
  const [from, to] = [formatInstant(segment.startMs), formatInstant(segment.endMs)];
  return events
    .filter((known) => known.meter === meter && known.time >= from && known.time < to)
    .map(({ knownAt: _at, ...counted }) => counted);
}

function usageIn(events: readonly KnownEvent[], counted: Charge, segment: Segment): Usage | null {
  const meter = meterOf(counted);
  return meter === null ? null : countUsage(eventsIn(events, counted, segment), meter.aggregation);
}

/** The closing of November, with what was known by then. */
export function novemberInput(billing: Billing, events: readonly KnownEvent[]): DraftInvoiceInput {
  const ended = segmentsOfNovember(billing);
  const usage = ended.flatMap(({ segment, charges: ofVersion }) =>
    ofVersion.flatMap((counted) => {
      const found = usageIn(events, counted, segment);
      return found === null ? [] : [{ charge: counted.key, startMs: segment.startMs, usage: found }];
    }),
  );
  const beginning = [{ segment: { version: 2, ...DECEMBER, full: DECEMBER }, charges: billing.versions[1] }];
  const terms = { ...termsOf('acme'), quantity: billing.seats };
  const closing = { kind: 'period_end' as const, period: NOVEMBER, revision: 0 };
  return { terms, closing, ended, beginning, usage, earlier: [] };
}

/** A later closing at which only what is late of November is billed, and what was due in advance for it. */
export function laterInput(
  billing: Billing,
  events: readonly KnownEvent[],
  before: readonly (Invoice | null)[],
): DraftInvoiceInput {
  const earlier = segmentsOfNovember(billing).flatMap(({ segment, charges: ofVersion }) =>
    ofVersion.map(
      (counted): EarlierCharge => ({
        charge: counted,
        segment,
        usage: usageIn(events, counted, segment),
        invoiced: invoicedFor(before, counted.key, segment),
      }),
    ),
  );
  const { terms } = novemberInput(billing, events);
  const closing = { kind: 'period_end' as const, period: DECEMBER, revision: before.length };
  return { terms, closing, ended: [], beginning: [], usage: [], earlier };
}

/** What invoices have for a charge and segment together. */
export function invoicedFor(
  invoices: readonly (Invoice | null)[],
  key: string,
  segment: Segment,
): Invoiced<'USD'> {
  const lines = invoices
    .flatMap((invoice) => invoice?.lines ?? [])
    .filter((line) => line.charge === key && line.segment.startMs === segment.startMs);
  return {
    quantity: decimalText(sumExact(lines.map((line) => decimal(line.quantity)))),
    amount: lines.reduce((sum, line) => addMoney(sum, { ...line.amount, currency: 'USD' }), money(0n, 'USD')),
  };
}
