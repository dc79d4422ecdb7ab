import { hmacSha256Hex } from '../../kernel/hash.ts';
import type { EventIdentity } from '../../ports/claims.ts';

/** 64 bits that stand for an identity in a slot, as an unsigned integer. */
export type ClaimHash = (identity: EventIdentity) => bigint;

const HEX_DIGITS = 16;

/**
 * The first 64 bits of HMAC-SHA-256 under a key of the deployment, so that no client can make two ids that collide.
 * Stored hashes depend on the key and on this: neither ever changes.
 */
export function createClaimHash(key: string): ClaimHash {
  return ({ tenant, source, id }) => {
    const hex = hmacSha256Hex(key, JSON.stringify([tenant, source, id]));
    return BigInt(`0x${hex.slice(0, HEX_DIGITS)}`);
  };
}
