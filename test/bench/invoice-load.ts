import { chargesSchema } from '../../shared/contracts/http/charges.ts';
import type { EvidenceEvent } from '../../shared/domain/invoicing/evidence-records.ts';
import type { Charge } from '../../shared/domain/rating/charge.ts';
import { assert, defined } from '../../shared/kernel/assert.ts';

const DAY_MS = 86_400_000;
export const START_MS = Date.UTC(2026, 0, 1);
/** Where the clock stands while events are sent: they are at most 30 days old. */
export const SENDING_MS = Date.UTC(2026, 0, 31);
export const PERIOD_END_MS = Date.UTC(2026, 1, 1);
export const GRACE_END_MS = PERIOD_END_MS + DAY_MS;
export const PLAN = 'thirty_lines';

export interface Load {
  /** Key. */
  readonly tenant: string;
  readonly customers: number;
  /** Of every line. */
  readonly eventsPerLine: number;
}

const SERVICES = Array.from({ length: 10 }, (_, index) => `service_${index}`);
const REGIONS = ['ap', 'eu', 'us'];
/** Ten meters, each charged by region: 30 lines. */
export const LINES_PER_INVOICE = SERVICES.length * REGIONS.length;

/** One a line, by turns: a minor unit is 1e-8 USD, so that expected amounts need integers only. */
const PRICES = [
  {
    json: { price: { model: 'per_unit', unitAmount: '0.00012345' } },
    amount: (units: bigint) => units * 12_345n,
  },
  {
    json: {
      price: {
        model: 'graduated',
        tiers: [
          { upTo: '1000', unitAmount: '0.01' },
          { upTo: '5000', unitAmount: '0.008' },
          { upTo: null, unitAmount: '0.005' },
        ],
      },
    },
    amount: (units: bigint) =>
      within(units, 0n, 1_000n) * 1_000_000n +
      within(units, 1_000n, 5_000n) * 800_000n +
      within(units, 5_000n, units) * 500_000n,
  },
  {
    json: { price: { model: 'package', packageSize: '100', packageAmount: '0.25', freeUnits: '100' } },
    amount: (units: bigint) => ((within(units, 100n, units) + 99n) / 100n) * 25_000_000n,
  },
  {
    json: {
      price: {
        model: 'volume',
        tiers: [
          { upTo: '4000', unitAmount: '0.012' },
          { upTo: null, unitAmount: '0.009' },
        ],
      },
    },
    amount: (units: bigint) => units * (units > 4_000n ? 900_000n : 1_200_000n),
  },
  {
    json: {
      price: { model: 'per_unit', unitAmount: '0.02' },
      includedUnits: '500',
      discounts: [{ type: 'percent', percent: '10' }],
    },
    amount: (units: bigint) => within(units, 500n, units) * 1_800_000n,
  },
] as const;

function within(units: bigint, above: bigint, upTo: bigint): bigint {
  const top = units < upTo ? units : upTo;
  return top > above ? top - above : 0n;
}

const LINES = SERVICES.flatMap((service) => REGIONS.map((region) => ({ service, region }))).map(
  (line, index) => ({ ...line, ...defined(PRICES[index % PRICES.length], 'a price') }),
);

export const METERS = SERVICES.map((service) => ({
  key: service,
  definition: {
    eventType: service,
    aggregation: 'sum',
    value: '$.units',
    groupBy: { region: '$.region' },
    filter: null,
  } as const,
}));

export const CHARGES: readonly Charge[] = chargesSchema.parse(
  LINES.map(({ service, region, json }) => ({
    key: `${service}_${region}`,
    name: `${service} in ${region}`,
    meter: service,
    filters: { region: [region] },
    ...json,
  })),
);

export function customerKey(index: number): string {
  return `customer_${String(index).padStart(5, '0')}`;
}

export function subscriptionKey(customer: string): string {
  return `sub_${customer}`;
}

/** The units of one event: 1 to 2,000, the same in every run. */
function unitsOf(customer: number, line: number, event: number): number {
  let state = (customer * 31 + line) * 131 + event + 1;
  for (let round = 0; round < 3; round += 1) state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return 1 + (state % 2_000);
}

export interface LoadEvent {
  readonly id: string;
  readonly type: string;
  readonly customer: string;
  readonly time: string;
  readonly properties: { readonly units: number; readonly region: string };
}

/** When the n-th event of a line happens: all of them are spread over the period. */
function timeOf(load: Load, customer: number, line: number, event: number): string {
  const { customers, eventsPerLine } = load;
  const spanMs = SENDING_MS - START_MS - DAY_MS;
  const part = (event * LINES.length + line) * customers + customer;
  const offsetMs = Math.floor((part / (eventsPerLine * LINES.length * customers)) * spanMs);
  return new Date(START_MS + DAY_MS + offsetMs).toISOString();
}

/** All events, in the order of their times. */
export function* loadEvents(load: Load): Generator<LoadEvent> {
  const { customers, eventsPerLine } = load;
  for (let event = 0; event < eventsPerLine; event += 1) {
    for (const [line, { service, region }] of LINES.entries()) {
      for (let customer = 0; customer < customers; customer += 1) {
        yield {
          id: idOf(customer, line, event),
          type: service,
          customer: customerKey(customer),
          time: timeOf(load, customer, line, event),
          properties: { units: unitsOf(customer, line, event), region },
        };
      }
    }
  }
}

function idOf(customer: number, line: number, event: number): string {
  return `${customer}-${line}-${event}`;
}

/** The events of a line as its evidence has them. */
export function lineEvents(customer: number, line: number, load: Load): readonly EvidenceEvent[] {
  const { service: meter, region } = defined(LINES[line], 'a line');
  return Array.from({ length: load.eventsPerLine }, (_, event) => ({
    customer: customerKey(customer),
    dimensions: { region },
    id: idOf(customer, line, event),
    kind: 'event' as const,
    meter,
    quantity: String(unitsOf(customer, line, event)),
    source: 'default',
    time: timeOf(load, customer, line, event),
    uniqueKey: '',
  }));
}

export interface ExpectedLine {
  readonly charge: string;
  readonly quantity: string;
  /** With two decimals. */
  readonly amount: string;
  readonly events: number;
}

/** What a customer's invoice must say, from integers alone. */
export function expectedLines(customer: number, { eventsPerLine }: Load): readonly ExpectedLine[] {
  return LINES.map(({ service, region, amount }, line) => {
    const events = Array.from({ length: eventsPerLine }, (_, event) => unitsOf(customer, line, event));
    const units = BigInt(events.reduce((sum, one) => sum + one, 0));
    const cents = (amount(units) + 500_000n) / 1_000_000n;
    return {
      charge: `${service}_${region}`,
      quantity: String(units),
      amount: centsText(cents),
      events: eventsPerLine,
    };
  });
}

export function centsText(cents: bigint): string {
  assert(cents >= 0n, 'no line of this load is negative');
  return `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;
}
