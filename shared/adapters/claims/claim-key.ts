import { Buffer } from 'node:buffer';
import { sha256Hex } from '../../kernel/hash.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { EventIdentity } from '../../ports/claims.ts';
import type { ItemKey } from '../../ports/item-store.ts';

const SORT_KEY = 'claim';

/**
 * The key of an event's claim: no two identities share one, whatever characters they have, half surrogate pairs
 * included, for JSON escapes them. What is too long for a key is hashed, under a name of its own. Stored: it never changes.
 */
export function claimKey({ tenant, source, id }: EventIdentity): ItemKey {
  const identity = JSON.stringify([tenant, source, id]);
  const key = `claim#${identity}`;
  const isTooLong = Buffer.byteLength(key) > LIMITS.partitionKeyBytes;
  return { pk: isTooLong ? `claim-hash#${sha256Hex(identity)}` : key, sk: SORT_KEY };
}
