import { idTimeMs } from '../../domain/events/id-time.ts';
import { identityKey } from '../../domain/events/staged-entry.ts';
import { defined } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { ClaimedIdentity, Claims, ClaimsMode } from '../../ports/claims.ts';
import type { ItemStore } from '../../ports/item-store.ts';
import { claimTtl } from './claim-expiry.ts';
import type { ClaimHash } from './claim-hash.ts';
import { claimKey } from './claim-key.ts';
import { claimExactly, type ExactClaim, readExactOwners } from './exact-claims.ts';
import { mapInFlight } from './map-in-flight.ts';
import { firstVisits } from './slot-place.ts';
import { createSlots } from './slots.ts';

export interface PackedClaimsDeps {
  readonly items: ItemStore;
  readonly hash: ClaimHash;
  readonly mode: ClaimsMode;
  /** Slots of one second and lane: 1, 4 or 16, for ever the same, and at least as many as a tenant has sub-lanes. */
  readonly parts: number;
  readonly isPackedByTime: (tenant: string) => Promise<boolean>;
  /** `identityKey` of everything that a chunk was staged with. */
  readonly stagedIdentities: (chunk: string) => Promise<ReadonlySet<string>>;
}

/** An identity, where the chunk named it first, and the time that names the place of its claim; null: it is claimed exactly. */
interface Candidate {
  readonly key: string;
  readonly identity: ClaimedIdentity;
  readonly timeMs: number | null;
}

interface Settling {
  readonly chunk: string;
  readonly nowMs: number;
}

/**
 * Claims of ids that carry their time share slots, eight bytes each; all others are exact. A slot only tells hashes apart:
 * where a chunk holds a hash but was not staged with the identity, two identities share the hash, and the later one is
 * claimed exactly.
 */
export function createPackedClaims(deps: PackedClaimsDeps): Claims {
  const slots = createSlots(deps);
  return {
    settle: async ({ chunk, identities, nowMs }) => {
      const settling = { chunk, nowMs };
      const keys = identities.map(identityKey);
      const candidates = await placeAll(deps, settling, firstOfEach(keys, identities));
      const visits = firstVisits({ ...deps, candidates });
      const holders = await slots.settle({ ...settling, visits });
      const known = await withoutCollisions(deps, { chunk, candidates, holders });
      const owners = await settleExactly(deps, settling, { candidates, holders: known });
      return keys.map((key) => defined(owners.get(key), 'the owner of a claim'));
    },
  };
}

function firstOfEach(
  keys: readonly string[],
  identities: readonly ClaimedIdentity[],
): ReadonlyMap<string, ClaimedIdentity> {
  const first = new Map<string, ClaimedIdentity>();
  for (const [index, key] of keys.entries()) {
    if (!first.has(key)) first.set(key, defined(identities[index], 'an identity'));
  }
  return first;
}

async function placeAll(
  deps: PackedClaimsDeps,
  settling: Settling,
  identities: ReadonlyMap<string, ClaimedIdentity>,
): Promise<readonly Candidate[]> {
  const candidates: Candidate[] = [];
  for (const [key, identity] of identities) {
    const carriedMs = idTimeMs(identity.id);
    const timeMs = carriedMs ?? (await sentTimeMs(deps, identity));
    candidates.push({ key, identity, timeMs: usesSlots(deps, settling, carriedMs) ? timeMs : null });
  }
  return candidates;
}

/**
 * An exact claim ends by the wall clock, and so before the id that it is of can no longer come, where that carries a time
 * far ahead: such an id also gets its slot, which ends later.
 */
function usesSlots({ mode }: PackedClaimsDeps, { nowMs }: Settling, carriedMs: number | null): boolean {
  return mode.kind !== 'exact' || (carriedMs !== null && carriedMs > nowMs + LIMITS.eventFutureMs);
}

async function sentTimeMs(deps: PackedClaimsDeps, identity: ClaimedIdentity): Promise<number | null> {
  const { tenant, timeMs, timeSent } = identity;
  return timeSent && deps.mode.kind !== 'exact' && (await deps.isPackedByTime(tenant)) ? timeMs : null;
}

/** The chunk that holds each candidate, by key, for those that are in a slot; without those that only share a hash. */
async function withoutCollisions(
  deps: PackedClaimsDeps,
  input: {
    readonly chunk: string;
    readonly candidates: readonly Candidate[];
    readonly holders: ReadonlyMap<number, string>;
  },
): Promise<ReadonlyMap<string, string>> {
  const known = new Map<string, string>();
  const ofOthers = new Map<string, string[]>();
  for (const [index, holder] of input.holders) {
    const { key } = defined(input.candidates[index], 'a candidate');
    if (holder === input.chunk) known.set(key, holder);
    else ofOthers.set(holder, [...(ofOthers.get(holder) ?? []), key]);
  }
  await mapInFlight([...ofOthers], LIMITS.stagedInFlight, async ([holder, keys]) => {
    const staged = await deps.stagedIdentities(holder);
    for (const key of keys) if (staged.has(key)) known.set(key, holder);
  });
  return known;
}

/** What the slots do not decide alone. */
async function settleExactly(
  deps: PackedClaimsDeps,
  { chunk, nowMs }: Settling,
  input: { readonly candidates: readonly Candidate[]; readonly holders: ReadonlyMap<string, string> },
): Promise<ReadonlyMap<string, string>> {
  const owners = new Map(input.holders);
  const claims: (ExactClaim & { readonly key: string })[] = [];
  const looked: Candidate[] = [];
  for (const candidate of input.candidates) {
    const { key, identity, timeMs } = candidate;
    const holder = input.holders.get(key);
    if (holder === undefined || deps.mode.kind !== 'packed') {
      claims.push({ key, identity, owner: holder ?? chunk, ttl: claimTtl(nowMs, timeMs ?? nowMs) });
    } else if (nowMs < deps.mode.exactUntilMs) looked.push(candidate);
  }
  const claimed = await claimExactly(deps.items, claims);
  for (const [index, { key }] of claims.entries()) owners.set(key, defined(claimed[index], 'an owner'));
  const exact = await readExactOwners(
    deps.items,
    looked.map(({ identity }) => identity),
  );
  for (const { key, identity } of looked) {
    const owner = exact.get(claimKey(identity).pk);
    if (owner !== undefined) owners.set(key, owner);
  }
  return owners;
}
