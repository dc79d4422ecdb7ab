import { chargesWithout } from '../../domain/catalog/check-version.ts';
import { versionAt } from '../../domain/catalog/version-at.ts';
import type { ErrorCode } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { readCustomer } from '../customers/read-customer.ts';
import { fieldIssuesError } from '../field-issues.ts';
import { publishedVersions, readPlan, readPlanVersion } from '../plans/read-plan.ts';
import type { CustomerRecord } from '../records/customer.ts';
import type { PlanRecord } from '../records/plan.ts';
import type { PlanVersionRecord } from '../records/plan-version.ts';

interface Wanted {
  readonly items: ItemStore;
  readonly tenant: string;
  /** Keys. */
  readonly customer: string;
  readonly plan: string;
  /** Null: the one that holds at the start. */
  readonly version: number | null;
  readonly startsAtMs: number;
}

/** Who subscribes to what. */
export interface Subscribable {
  readonly customer: CustomerRecord;
  readonly plan: PlanRecord;
  /** The version at the start. */
  readonly version: PlanVersionRecord;
}

/**
 * A customer that can pay and a version that has a price for it. Errors, each with its field: `customer.not_found`,
 * `customer.archived`, `plan.not_found`, `plan.archived`, `plan.not_published`, `plan.version_not_found`,
 * `subscription.currency_missing`.
 */
export async function readSubscribable(wanted: Wanted): Promise<Result<Subscribable>> {
  const { items, tenant } = wanted;
  const customer = await readCustomer({ items, tenant, key: wanted.customer });
  if (!customer.ok) return refuse('customer', customer.error.code, 'is not the key of a customer');
  if (customer.value.archivedAtMs !== null) return refuse('customer', 'customer.archived', 'is archived');
  const plan = await readPlan({ items, tenant, key: wanted.plan });
  if (!plan.ok) return refuse('plan', plan.error.code, 'is not the key of a plan');
  if (plan.value.archivedAtMs !== null) return refuse('plan', 'plan.archived', 'is archived');
  const number = versionNumber(wanted, plan.value);
  if (!number.ok) return number;
  const version = await readPlanVersion({ items, tenant, plan: wanted.plan, version: number.value });
  if (!version.ok) return version;
  const { charges } = version.value;
  const { currency } = customer.value;
  const without = chargesWithout({ charges, currency: plan.value.currency }, currency);
  if (without.length === 0) {
    return ok({ customer: customer.value, plan: plan.value, version: version.value });
  }
  const keys = without.map((index) => charges[index]?.key).join(', ');
  const message = `pays in ${currency}, in which version ${number.value} of the plan has no price for ${keys}`;
  return refuse('customer', 'subscription.currency_missing', message);
}

function versionNumber({ version, startsAtMs }: Wanted, plan: PlanRecord): Result<number> {
  const published = publishedVersions(plan);
  if (version === null) {
    if (published.length === 0) return refuse('plan', 'plan.not_published', 'has no published version');
    return ok(versionAt(published, startsAtMs).version);
  }
  if (published.some((one) => one.version === version)) return ok(version);
  return plan.versions.some((head) => head.version === version)
    ? refuse('version', 'plan.not_published', 'is a draft')
    : refuse('version', 'plan.version_not_found', 'is not a version of the plan');
}

function refuse(path: string, code: ErrorCode, message: string) {
  return err(fieldIssuesError([{ path, code, message }]));
}
