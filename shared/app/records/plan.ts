import { z } from 'zod';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs, ITEM_FORMAT, itemFormat, metadataAttribute, present } from './item-format.ts';

/** The partition of a tenant's plans; the sort key is the plan's key. */
export function plansPartition(tenant: string): string {
  return `tenant#${tenant}#plans`;
}

export function planKey(tenant: string, key: string): ItemKey {
  return { pk: plansPartition(tenant), sk: key };
}

/** What is true of a version beside its charges; of a draft, all that publishing decides is null. */
export const versionHeadSchema = z.object({
  version: z.int().positive(),
  status: z.enum(['draft', 'published']),
  effectiveFromMs: epochMs.nullable(),
  apply: z.enum(['next_period', 'immediately']).nullable(),
  reason: z.string().nullable(),
  createdAtMs: epochMs,
  publishedAtMs: epochMs.nullable(),
});
export type VersionHead = Readonly<z.output<typeof versionHeadSchema>>;

const planItem = z.object({
  v: itemFormat,
  key: z.string(),
  name: z.string(),
  /** ISO 4217; with the cadence it is fixed by the first publish. */
  currency: z.string(),
  cadence: z.enum(['hour', 'day', 'week', 'month', 'quarter', 'year']),
  /** Whether a customer may have several subscriptions of it at a time. */
  overlap: z.enum(['forbid', 'allow']),
  metadata: metadataAttribute,
  /** All versions, ascending. One read shows which of them hold when, as one state. */
  versions: z.array(versionHeadSchema),
  /** The greatest number ever given to a version, deleted drafts included: a number names one version for ever. */
  lastVersion: z.int(),
  /** Raised by every change that the API shows; the ETag. */
  etag: z.int(),
  createdAtMs: epochMs,
  archivedAtMs: epochMs.nullable().default(null),
});

export type PlanRecord = Readonly<Omit<z.output<typeof planItem>, 'v'>>;

export function planToItem(tenant: string, record: PlanRecord): Item {
  return { ...planKey(tenant, record.key), v: ITEM_FORMAT, ...present(record) };
}

/** Throws when the item is not a plan: then the store holds something we never wrote. */
export function planFromItem(item: Item): PlanRecord {
  const { v: _format, ...record } = planItem.parse(item);
  return record;
}
