import { TABLES } from '../../contracts/names.ts';
import type { ChargedSegment } from '../../domain/invoicing/draft-invoice.ts';
import type { VersionCharges } from '../../domain/invoicing/evidence-reader.ts';
import { segmentsOf } from '../../domain/subscriptions/segments.ts';
import type { BillingPeriod, SubscriptionTerms } from '../../domain/subscriptions/subscription.ts';
import { assert, defined } from '../../kernel/assert.ts';
import { type CurrencyCode, isCurrency } from '../../kernel/currency.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { publishedVersions, readPlan } from '../plans/read-plan.ts';
import { planVersionFromItem, planVersionKey } from '../records/plan-version.ts';

/** The published versions of a plan, read at one time. */
export interface PlanPrices {
  readonly currency: CurrencyCode;
  readonly versions: readonly VersionCharges[];
  /** The period's segments with the charges of the version that holds in each. */
  segments(subscription: SubscriptionTerms, period: BillingPeriod): readonly ChargedSegment[];
}

export async function readPlanPrices(items: ItemStore, tenant: string, key: string): Promise<PlanPrices> {
  const plan = await readPlan({ items, tenant, key });
  assert(plan.ok, `plan ${key} of a subscription exists`);
  const heads = publishedVersions(plan.value);
  const versions: VersionCharges[] = [];
  for (let from = 0; from < heads.length; from += LIMITS.batchGetKeys) {
    const keys = heads
      .slice(from, from + LIMITS.batchGetKeys)
      .map(({ version }) => planVersionKey({ tenant, plan: key, version }));
    const found = await items.getMany({ table: TABLES.main, keys });
    versions.push(...found.map(planVersionFromItem).map(({ version, charges }) => ({ version, charges })));
  }
  const charges = new Map(versions.map((version) => [version.version, version.charges]));
  return {
    currency: currencyOf(plan.value.currency),
    versions,
    segments: (subscription, period) =>
      segmentsOf({ subscription, versions: heads, period }).map((segment) => ({
        segment,
        charges: defined(charges.get(segment.version), `charges of version ${segment.version}`),
      })),
  };
}

export function currencyOf(text: string): CurrencyCode {
  assert(isCurrency(text), `${text} is a currency`);
  return text;
}
