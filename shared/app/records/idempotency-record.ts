import { z } from 'zod';
import { sha256Hex } from '../../kernel/hash.ts';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs, ITEM_FORMAT, itemFormat } from './item-format.ts';

/** Of one API key: nobody else's idempotency keys can be met, not even by guessing them. */
export function idempotencyKey(input: {
  readonly tenant: string | null;
  readonly keyId: string;
  readonly idempotencyKey: string;
}): ItemKey {
  const owner = input.tenant === null ? 'operator' : `tenant#${input.tenant}`;
  return { pk: `${owner}#idempotency#${input.keyId}#${sha256Hex(input.idempotencyKey)}`, sk: 'idempotency' };
}

const idempotencyItem = z.object({
  v: itemFormat,
  /** SHA-256 of the request that was answered, hex. */
  fingerprint: z.string(),
  salt: z.string(),
  /** The answer, encrypted: it may hold a secret. */
  sealed: z.custom<Uint8Array>((value) => value instanceof Uint8Array),
  expiresAtMs: epochMs,
});

type IdempotencyRecord = Readonly<Omit<z.output<typeof idempotencyItem>, 'v'>>;

export function idempotencyToItem(key: ItemKey, record: IdempotencyRecord): Item {
  return { ...key, v: ITEM_FORMAT, ...record, ttl: Math.ceil(record.expiresAtMs / 1000) };
}

/** Throws when the item is no such record: then the store holds something we never wrote. */
export function idempotencyFromItem(item: Item): IdempotencyRecord {
  const { v: _format, ...record } = idempotencyItem.parse(item);
  return record;
}
