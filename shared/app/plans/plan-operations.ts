import { TABLES } from '../../contracts/names.ts';
import { checkVersion, type VersionTerms } from '../../domain/catalog/check-version.ts';
import type { Charge } from '../../domain/rating/charge.ts';
import { appError } from '../../kernel/errors.ts';
import { LIMITS } from '../../kernel/limits.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { TransactionOperation } from '../../ports/item-store.ts';
import { fieldIssuesError } from '../field-issues.ts';
import { type PlanRecord, planToItem, type VersionHead } from '../records/plan.ts';
import {
  chargesText,
  type PlanVersionRecord,
  planVersionKey,
  planVersionToItem,
} from '../records/plan-version.ts';

/** What a plan and what is done to its versions have in common. */
export interface PlanVersionName {
  readonly plan: string;
  readonly version: number;
}

/** Writes the plan over the state that was read, so that no two changes of its versions meet. */
export function replacePlan(tenant: string, next: PlanRecord, readEtag: number): TransactionOperation {
  const condition = { kind: 'equal', name: 'etag', value: readEtag } as const;
  return { op: 'put', table: TABLES.main, item: planToItem(tenant, next), condition };
}

export function addVersion(tenant: string, version: PlanVersionRecord): TransactionOperation {
  const item = planVersionToItem(tenant, version);
  return { op: 'put', table: TABLES.main, item, condition: { kind: 'item_absent' } };
}

export function replaceVersion(
  tenant: string,
  next: PlanVersionRecord,
  readEtag: number,
): TransactionOperation {
  const condition = { kind: 'equal', name: 'etag', value: readEtag } as const;
  return { op: 'put', table: TABLES.main, item: planVersionToItem(tenant, next), condition };
}

export function removeVersion(tenant: string, read: PlanVersionRecord): TransactionOperation {
  const condition = { kind: 'equal', name: 'etag', value: read.etag } as const;
  return { op: 'delete', table: TABLES.main, key: planVersionKey({ tenant, ...read }), condition };
}

export function newDraft(input: {
  readonly plan: string;
  readonly version: number;
  readonly charges: readonly Charge[];
  readonly nowMs: number;
}): PlanVersionRecord {
  return {
    plan: input.plan,
    version: input.version,
    status: 'draft',
    charges: input.charges,
    effectiveFromMs: null,
    apply: null,
    reason: null,
    createdAtMs: input.nowMs,
    publishedAtMs: null,
    etag: 1,
  };
}

/** The part of a version that the plan itself keeps. */
export function headOf(record: PlanVersionRecord): VersionHead {
  const { version, status, effectiveFromMs, apply, reason, createdAtMs, publishedAtMs } = record;
  return { version, status, effectiveFromMs, apply, reason, createdAtMs, publishedAtMs };
}

/** Errors of the charges, each with its field, and `plan.too_large`. */
export function checkCharges(terms: VersionTerms): Result<void> {
  const issues = checkVersion(terms);
  if (issues.length > 0) return err(fieldIssuesError(issues));
  const bytes = Buffer.byteLength(chargesText(terms.charges));
  if (bytes <= LIMITS.planVersionBytes) return ok(undefined);
  const message = `have ${bytes} bytes as JSON, at most ${LIMITS.planVersionBytes}`;
  return err(fieldIssuesError([{ path: 'charges', code: 'plan.too_large', message }]));
}

export const PLAN_ARCHIVED = appError('plan.archived');
export const VERSION_PUBLISHED = appError(
  'plan.version_published',
  'The version is published and never changes; draft a new version.',
);
