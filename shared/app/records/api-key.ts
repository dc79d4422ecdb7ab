import { z } from 'zod';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs, ITEM_FORMAT, itemFormat, present } from './item-format.ts';
import { rateLimits } from './rate-limits.ts';

/** The key itself, found by the keyed hash of its whole secret. The secret is stored nowhere. */
export function apiKeyKey(secretHash: string): ItemKey {
  return { pk: `key#${secretHash}`, sk: 'key' };
}

/** Under which owner the index lists a key; keys without a tenant belong to the operator. */
export function keysOwner(tenant: string | null): string {
  return tenant === null ? 'operator#keys' : `tenant#${tenant}#keys`;
}

/** Leads from an id to the key, strongly consistent: a key can be revoked as soon as it exists. */
export function apiKeyPointerKey(id: string): ItemKey {
  return { pk: `key-id#${id}`, sk: 'key-id' };
}

const apiKeyItem = z.object({
  v: itemFormat,
  /** HMAC-SHA256 of the secret with the pepper, hex. */
  secretHash: z.string(),
  id: z.string(),
  name: z.string(),
  tenant: z.string().nullable().default(null),
  mode: z.enum(['live', 'test']),
  scopes: z.array(z.string()),
  limits: rateLimits,
  createdAtMs: epochMs,
  expiresAtMs: epochMs.nullable().default(null),
  revokedAtMs: epochMs.nullable().default(null),
});
const pointerItem = z.object({ v: itemFormat, secretHash: z.string() });

export type ApiKeyRecord = Readonly<Omit<z.output<typeof apiKeyItem>, 'v'>>;

export function apiKeyToItem(record: ApiKeyRecord): Item {
  return {
    ...apiKeyKey(record.secretHash),
    ownerPk: keysOwner(record.tenant),
    ownerSk: record.id,
    v: ITEM_FORMAT,
    ...present(record),
  };
}

export function apiKeyPointerToItem(record: ApiKeyRecord): Item {
  return { ...apiKeyPointerKey(record.id), v: ITEM_FORMAT, secretHash: record.secretHash };
}

/** Throws when the item is not a key: then the store holds something we never wrote. */
export function apiKeyFromItem(item: Item): ApiKeyRecord {
  const { v: _format, ...record } = apiKeyItem.parse(item);
  return record;
}

/** The hash that a pointer leads to. */
export function secretHashFromPointer(item: Item): string {
  return pointerItem.parse(item).secretHash;
}
