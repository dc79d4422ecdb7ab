import { z } from 'zod';
import { TABLES } from '../../contracts/names.ts';
import { defined } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { Claims } from '../../ports/claims.ts';
import type { Item, ItemStore } from '../../ports/item-store.ts';
import { claimKey } from './claim-key.ts';
import { mapInFlight } from './map-in-flight.ts';

const claimItem = z.object({ owner: z.string() });
const LIFETIME_MS = LIMITS.claimHorizonMs + LIMITS.streamRetentionMs + LIMITS.claimMarginMs;

/**
 * One conditional put each. Whoever put the item owns the event until the item is deleted: time alone, a `ttl` that is
 * over, takes nothing away. Throws StoreError as soon as one put fails and all that were under way have ended.
 */
export function createExactClaims(deps: { readonly items: ItemStore }): Claims {
  return {
    settle: async ({ chunk, identities, nowMs }) => {
      const ttl = Math.ceil((nowMs + LIFETIME_MS) / 1000);
      return await mapInFlight(identities, LIMITS.claimsInFlight, async (identity) => {
        const item = { ...claimKey(identity), owner: chunk, ttl };
        const put = await deps.items.put({ table: TABLES.claims, item, condition: { kind: 'item_absent' } });
        return put.ok ? chunk : ownerOf(defined(put.error.existing, 'the claim that stood in the way'));
      });
    },
  };
}

function ownerOf(item: Item): string {
  return claimItem.parse(item).owner;
}
