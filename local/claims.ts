import { createClaimHash } from '../shared/adapters/claims/claim-hash.ts';
import { createPackedClaims } from '../shared/adapters/claims/packed-claims.ts';
import {
  type SettleDeploymentInput,
  settleClaimsDeployment,
} from '../shared/app/claims/settle-deployment.ts';
import { readStagedIdentities } from '../shared/app/consume/staged-identities.ts';
import { createPackedByTime } from '../shared/app/tenants/packed-by-time.ts';
import type { AppError, ErrorCode } from '../shared/kernel/errors.ts';
import { hmacSha256Hex } from '../shared/kernel/hash.ts';
import type { Claims } from '../shared/ports/claims.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { ItemStore } from '../shared/ports/item-store.ts';
import type { ObjectStore } from '../shared/ports/object-store.ts';

export type WantedClaims = SettleDeploymentInput['wanted'];

/** The data folder holds claims of another kind than wanted. */
class ClaimsRefusedError extends Error {
  override readonly name = 'ClaimsRefusedError';
  readonly code: ErrorCode;
  constructor({ code, detail }: AppError) {
    super(detail);
    this.code = code;
  }
}

/** The claims of a data folder. An error whose code is `claims.…` where they cannot be kept as wanted; throws StoreError. */
export async function openClaims(input: {
  readonly items: ItemStore;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  /** The secret that the key of the hashes is made of. */
  readonly pepper: string;
  readonly wanted: WantedClaims;
}): Promise<Claims> {
  const { items, objects, clock, pepper, wanted } = input;
  const key = hmacSha256Hex(pepper, 'the key of packed claims');
  const keyCheck = hmacSha256Hex(key, 'its check');
  const settled = await settleClaimsDeployment({ items, clock })({ wanted, keyCheck, isAlone: true });
  if (!settled.ok) throw new ClaimsRefusedError(settled.error);
  return createPackedClaims({
    items,
    hash: createClaimHash(key),
    ...settled.value,
    isPackedByTime: createPackedByTime({ items }),
    stagedIdentities: readStagedIdentities({ objects }),
  });
}
