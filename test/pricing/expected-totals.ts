import type { EvidenceEvent } from '../../shared/domain/invoicing/evidence-records.ts';
import { periodPart } from '../../shared/domain/invoicing/period-part.ts';
import type { UsageRow } from '../../shared/domain/metering/rows.ts';
import type { Aggregation } from '../../shared/domain/metering/usage-read.ts';
import { type Charge, chargeInCurrency, prorationOf } from '../../shared/domain/rating/charge.ts';
import { rateCharge } from '../../shared/domain/rating/rate-charge.ts';
import { periodsBetween } from '../../shared/domain/subscriptions/periods.ts';
import { type Segment, segmentsOf } from '../../shared/domain/subscriptions/segments.ts';
import type { BillingPeriod } from '../../shared/domain/subscriptions/subscription.ts';
import { defined } from '../../shared/kernel/assert.ts';
import { decimal, decimalText, multiplyExact } from '../../shared/kernel/decimal.ts';
import { moneyText } from '../../shared/kernel/money.ts';
import { formatInstant } from '../../shared/kernel/time.ts';
import { countUsage } from '../invoicing/llm-invoices.ts';
import { PLAN, type PricingWorld, type Version } from './pricing-world.ts';

/** What an amount in force must be. */
export interface ExpectedTotal {
  readonly customer: string;
  readonly subscription: string;
  readonly plan: string;
  readonly charge: string;
  readonly planVersion: number;
  readonly segmentStartMs: number;
  readonly segmentEndMs: number;
  readonly periodStartMs: number;
  readonly periodEndMs: number;
  readonly quantity: string;
  /** Before rounding. */
  readonly amount: string;
  readonly rounded: string;
}

/** All periods of all subscriptions that have begun, rated from the rows that a test counted: no store is asked. */
export async function expectedTotals(
  world: PricingWorld,
  belowFence: number,
): Promise<readonly ExpectedTotal[]> {
  const toMs = world.clock.nowMs() + 1;
  const usage = standing(world.usage.filter(({ fence }) => fence < belowFence));
  return (await world.subscriptions()).flatMap((subscription) =>
    periodsBetween({ subscription, fromMs: 0, toMs, limit: 1_000 }).flatMap((period) =>
      segmentsOf({ subscription, versions: world.versions, period }).flatMap((segment) =>
        versionOf(world.versions, segment).charges.map((charge) => {
          const { customer, key, quantity } = subscription;
          const names = { customer, subscription: key, plan: PLAN, charge: charge.key };
          const counted = usage.filter((row) => row.customer === customer && isIn(row, charge, segment));
          return {
            ...names,
            ...placeOf(segment, period),
            ...totalOf({ charge, segment, counted, seats: quantity }),
          };
        }),
      ),
    ),
  );
}

function versionOf(versions: readonly Version[], segment: Segment): Version {
  return defined(
    versions.find(({ version }) => version === segment.version),
    'the version of a segment',
  );
}

/** Without rows that others take back. */
function standing(rows: readonly UsageRow[]): readonly UsageRow[] {
  const takenBack = new Set(rows.filter(({ sign }) => sign === -1).map(({ id }) => id));
  return rows.filter(({ id }) => !takenBack.has(id));
}

function isIn(row: UsageRow, charge: Charge, { startMs, endMs }: Segment): boolean {
  return row.meter === charge.meter && row.timeMs >= startMs && row.timeMs < endMs;
}

function placeOf(segment: Segment, period: BillingPeriod) {
  return {
    planVersion: segment.version,
    segmentStartMs: segment.startMs,
    segmentEndMs: segment.endMs,
    periodStartMs: period.startMs,
    periodEndMs: period.endMs,
  };
}

function totalOf(input: {
  readonly charge: Charge;
  readonly segment: Segment;
  readonly counted: readonly UsageRow[];
  readonly seats: string;
}) {
  const { charge, segment, counted, seats } = input;
  const priced = defined(chargeInCurrency({ charge, planCurrency: 'USD', currency: 'USD' }), 'a price');
  const ratio = periodPart({ segment, proration: prorationOf(charge), timeZone: 'UTC' });
  const used = charge.meter === undefined ? null : quantityOf(counted, charge.meter as Aggregation);
  const rated = rateCharge({
    ...{ charge: priced, currency: 'USD', ratio, seats: decimal(seats) },
    ...(used === null ? {} : { quantity: decimal(used) }),
  });
  const own = decimalText(multiplyExact(decimal(charge.quantity ?? '1'), decimal(seats)));
  return {
    quantity: used ?? own,
    amount: decimalText(rated.unrounded),
    rounded: moneyText(rated.amount),
  };
}

function quantityOf(rows: readonly UsageRow[], aggregation: Aggregation): string {
  const events = rows.map(
    ({ source, id, timeMs, quantity, uniqueKey, meter, customer }): EvidenceEvent => ({
      kind: 'event',
      ...{ source, id, time: formatInstant(timeMs), quantity, uniqueKey, dimensions: {}, meter, customer },
    }),
  );
  return countUsage(events, aggregation).quantity;
}
