import type { PricedRow } from '../../domain/invoicing/priced-row.ts';
import { type Decimal, decimal } from '../../kernel/decimal.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { pricesOf } from '../invoicing/draft-page.ts';
import { type ChargeInForce, chargesInForce } from './charges-in-force.ts';
import type { PricingDeps } from './pricing-deps.ts';
import type { PricingMoment } from './pricing-moment.ts';
import type { PricingUnit } from './pricing-units.ts';
import { type RatedTotal, rateTotals } from './rate-totals.ts';

/** What was written. */
export interface PricedBatch {
  readonly rows: number;
  /** Charges that could not be priced. */
  readonly unpriced: number;
  /** By how much amounts changed, by currency: for metrics, not for books. */
  readonly changes: ReadonlyMap<string, Decimal>;
}

interface Batch {
  readonly units: PricingUnit[];
  readonly charges: ChargeInForce[];
}

/**
 * Writes the absolute amounts of units of one tenant, of at most `LIMITS.snapshotCustomers` customers, in batches. Done again,
 * in whatever order and also at the same time, it comes to the same rows.
 */
export async function* priceUnits(
  deps: PricingDeps,
  moment: PricingMoment,
  units: readonly PricingUnit[],
): AsyncGenerator<PricedBatch> {
  const { tenant } = moment;
  const subscriptions = units.map(({ subscription }) => subscription);
  const prices = await pricesOf(deps, tenant, subscriptions);
  let batch: Batch = { units: [], charges: [] };
  for (const unit of units) {
    const { subscription, period } = unit;
    const charges =
      period === null
        ? []
        : chargesInForce({ tenant, subscription, period, prices: prices(subscription.plan) });
    if (batch.units.length > 0 && batch.charges.length + charges.length > LIMITS.pricedRows) {
      yield await priceBatch(deps, moment, batch);
      batch = { units: [], charges: [] };
    }
    batch.units.push(unit);
    batch.charges.push(...charges);
  }
  if (batch.units.length > 0) yield await priceBatch(deps, moment, batch);
}

async function priceBatch(
  deps: PricingDeps,
  moment: PricingMoment,
  { units, charges }: Batch,
): Promise<PricedBatch> {
  const { tenant, fence, pricedAtMs } = moment;
  const totals = await rateTotals(deps, { tenant, fence, charges });
  const stored = new Map((await storedRows(deps, tenant, units)).map((row) => [keyOf(row), row]));
  const rows = totals.flatMap((rated) => rowOf(moment, rated) ?? []);
  const standing = new Set(rows.map(keyOf));
  const withdrawn = [...stored]
    .filter(([key]) => !standing.has(key))
    .map(([, row]) => ({ ...row, quantity: '0', amount: '0', fence, pricedAtMs, inForce: false }));
  const written = [...rows, ...withdrawn];
  for (let from = 0; from < written.length; from += LIMITS.pricedRows) {
    await deps.analytics.putPriced(written.slice(from, from + LIMITS.pricedRows));
  }
  for (const { of, reason } of totals) {
    const { subscription } = of.terms;
    if (reason !== null) deps.onUnpriced({ tenant, subscription, charge: of.charge.key, reason });
  }
  const changes = changesOf(written, stored);
  return { rows: written.length, unpriced: totals.length - rows.length, changes };
}

/** What stands of the units so far. */
async function storedRows(
  { analytics }: PricingDeps,
  tenant: string,
  units: readonly PricingUnit[],
): Promise<readonly PricedRow[]> {
  const bySubscription = Map.groupBy(units, ({ subscription }) => subscription.key);
  const query = {
    tenant,
    customers: [...new Set(units.map(({ subscription }) => subscription.customer))],
    fromMs: units.reduce((least, { fromMs }) => Math.min(least, fromMs), Number.POSITIVE_INFINITY),
    toMs: units.reduce((greatest, { toMs }) => Math.max(greatest, toMs), Number.NEGATIVE_INFINITY),
    limit: LIMITS.pricedRows,
  };
  const found: PricedRow[] = [];
  let page = await analytics.priced(query);
  for (;;) {
    found.push(...page);
    const after = page.at(-1);
    if (after === undefined || page.length < query.limit) break;
    page = await analytics.priced({ ...query, after });
  }
  const isOf = ({ segmentStartMs }: PricedRow, { fromMs, toMs }: PricingUnit) =>
    segmentStartMs >= fromMs && segmentStartMs < toMs;
  return found.filter(
    (row) => bySubscription.get(row.subscription)?.some((unit) => isOf(row, unit)) === true,
  );
}

function rowOf({ tenant, fence, pricedAtMs }: PricingMoment, { of, total }: RatedTotal): PricedRow | null {
  if (total === null) return null;
  const { terms, plan, charge, segment, period } = of;
  return {
    tenant,
    customer: terms.customer,
    subscription: terms.subscription,
    plan,
    charge: charge.key,
    planVersion: segment.version,
    segmentStartMs: segment.startMs,
    segmentEndMs: segment.endMs,
    periodStartMs: period.startMs,
    periodEndMs: period.endMs,
    quantity: total.quantity,
    unit: total.unit,
    amount: total.unrounded,
    currency: terms.currency,
    meterVersion: total.meterVersion,
    fence,
    pricedAtMs,
    inForce: true,
  };
}

function keyOf({ subscription, segmentStartMs, charge, planVersion }: PricedRow): string {
  return `${subscription}#${segmentStartMs}#${planVersion}#${charge}`;
}

function changesOf(
  written: readonly PricedRow[],
  stored: ReadonlyMap<string, PricedRow>,
): ReadonlyMap<string, Decimal> {
  const changes = new Map<string, Decimal>();
  for (const row of written) {
    const change = decimal(row.amount).minus(decimal(stored.get(keyOf(row))?.amount ?? '0'));
    changes.set(row.currency, (changes.get(row.currency) ?? decimal(0)).plus(change));
  }
  return changes;
}
