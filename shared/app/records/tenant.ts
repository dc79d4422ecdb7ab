import { z } from 'zod';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs, ITEM_FORMAT, itemFormat, metadataAttribute, present } from './item-format.ts';
import { rateLimits } from './rate-limits.ts';

/** All tenants are found under this owner in the index. */
export const TENANTS_OWNER = 'tenants';

export function tenantKey(key: string): ItemKey {
  return { pk: `tenant#${key}`, sk: 'tenant' };
}

/** A tenant as stored. Absent attributes read as null, an absent `inUse` as false. */
const tenantItem = z.object({
  v: itemFormat,
  key: z.string(),
  name: z.string(),
  mode: z.enum(['live', 'test']),
  /** Never changes; tenants from before there was a choice are `exact`. */
  claims: z.enum(['exact', 'packed-by-time']).default('exact'),
  metadata: metadataAttribute,
  limits: rateLimits,
  /** Raised by every change that the API shows; the ETag. */
  etag: z.int(),
  createdAtMs: epochMs,
  archivedAtMs: epochMs.nullable().default(null),
  /** The frozen present of a test tenant; null: real time. */
  clockMs: epochMs.nullable().default(null),
  /** Number of the fence that was drawn after `clockMs` was set. */
  clockFence: z.int().nullable().default(null),
  /** Where the clock is being advanced to; null while it stands. */
  advancingToMs: epochMs.nullable().default(null),
  /** Set, for ever, before the first event or subscription: from then on the clock cannot be set. */
  inUse: z.boolean().default(false),
});

export type TenantRecord = Readonly<Omit<z.output<typeof tenantItem>, 'v'>>;

/** Only for new tenants: changes are updates of single attributes, so that `inUse` is never overwritten. */
export function tenantToItem(record: TenantRecord): Item {
  const { inUse, ...attributes } = record;
  return {
    ...tenantKey(record.key),
    ownerPk: TENANTS_OWNER,
    ownerSk: record.key,
    v: ITEM_FORMAT,
    ...present(attributes),
    ...(inUse ? { inUse } : {}),
  };
}

/** Throws when the item is not a tenant: then the store holds something we never wrote. */
export function tenantFromItem(item: Item): TenantRecord {
  const { v: _format, ...record } = tenantItem.parse(item);
  return record;
}
