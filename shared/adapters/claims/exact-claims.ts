import { z } from 'zod';
import { TABLES } from '../../contracts/names.ts';
import { defined } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { Claims, EventIdentity } from '../../ports/claims.ts';
import type { Item, ItemStore } from '../../ports/item-store.ts';
import { claimTtl } from './claim-expiry.ts';
import { claimKey } from './claim-key.ts';
import { mapInFlight } from './map-in-flight.ts';

const claimItem = z.object({ owner: z.string() });

/**
 * One conditional put each. Whoever put the item owns the event until the item is deleted: time alone, a `ttl` that is
 * over, takes nothing away. Throws StoreError as soon as one put fails and all that were under way have ended.
 */
export function createExactClaims(deps: { readonly items: ItemStore }): Claims {
  return {
    settle: async ({ chunk, identities, nowMs }) => {
      const ttl = claimTtl(nowMs);
      return await claimExactly(
        deps.items,
        identities.map((identity) => ({ identity, owner: chunk, ttl })),
      );
    },
  };
}

export interface ExactClaim {
  readonly identity: EventIdentity;
  /** Who owns the event if nobody has it yet. */
  readonly owner: string;
  /** Epoch seconds. */
  readonly ttl: number;
}

/** The owner of each, in order, once it has one. */
export async function claimExactly(
  items: ItemStore,
  claims: readonly ExactClaim[],
): Promise<readonly string[]> {
  return await mapInFlight(claims, LIMITS.claimsInFlight, async ({ identity, owner, ttl }) => {
    const item = { ...claimKey(identity), owner, ttl };
    const put = await items.put({ table: TABLES.claims, item, condition: { kind: 'item_absent' } });
    return put.ok ? owner : ownerOf(defined(put.error.existing, 'the claim that stood in the way'));
  });
}

/** The owners that exact claims name, by the `pk` of `claimKey`. */
export async function readExactOwners(
  items: ItemStore,
  identities: readonly EventIdentity[],
): Promise<ReadonlyMap<string, string>> {
  const keys = identities.map(claimKey);
  const batches = Array.from({ length: Math.ceil(keys.length / LIMITS.batchGetKeys) }, (_, index) =>
    keys.slice(index * LIMITS.batchGetKeys, (index + 1) * LIMITS.batchGetKeys),
  );
  const found = await mapInFlight(batches, LIMITS.slotsInFlight, (batch) =>
    items.getMany({ table: TABLES.claims, keys: batch }),
  );
  return new Map(found.flat().map((item) => [item.pk, ownerOf(item)]));
}

function ownerOf(item: Item): string {
  return claimItem.parse(item).owner;
}
