import { randomUUID } from 'node:crypto';
import { type ClaimHash, createClaimHash } from '../../shared/adapters/claims/claim-hash.ts';
import { createPackedClaims } from '../../shared/adapters/claims/packed-claims.ts';
import { identityKey } from '../../shared/domain/events/staged-entry.ts';
import type { ClaimedIdentity, Claims, ClaimsMode } from '../../shared/ports/claims.ts';
import type { ItemStore } from '../../shared/ports/item-store.ts';

export interface PackedUnderTest {
  /** One store for all tests of a file: each takes seconds of its own. */
  readonly items: () => ItemStore;
  /** Deletes what is over, as the store does some time. */
  readonly expire: (nowSeconds: number) => Promise<void>;
  /** Runs of each property. */
  readonly runs: number;
  /** How many share one millisecond: a multiple of 5,000. */
  readonly eventsOfOneInstant: number;
}

export const NOW_MS = Date.UTC(2026, 10, 24, 12);
export const DAY_MS = 86_400_000;
/** Claim horizon, retention of the stream, and a day. */
export const LIFETIME_MS = (45 + 7 + 1) * DAY_MS;

export const PACKED: ClaimsMode = { kind: 'packed', exactUntilMs: 0 };

export const uniqueTenant = () => `tenant-${randomUUID()}`;

/** A UUIDv7 made at that millisecond; the same `serial` gives the same one. */
export function uuidAt(timeMs: number, serial: number): string {
  const time = timeMs.toString(16).padStart(12, '0');
  const rest = serial.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${rest}`;
}

interface Identities {
  readonly tenant: string;
  readonly count: number;
  readonly idOf: (serial: number) => string;
  readonly timeMs?: number;
  readonly timeSent?: boolean;
}

export function identitiesOf(input: Identities): readonly ClaimedIdentity[] {
  const { tenant, count, idOf, timeMs = NOW_MS, timeSent = false } = input;
  return Array.from({ length: count }, (_, index) => ({
    tenant,
    source: 's',
    id: idOf(index),
    timeMs,
    timeSent,
  }));
}

/** Claims in which whoever settles was staged before, as the consumer sees to it. Several of them share what was staged. */
export function createStaging() {
  const staged = new Map<string, Set<string>>();
  const around = (claims: Claims): Claims => ({
    settle: async (input) => {
      const known = staged.get(input.chunk) ?? new Set();
      for (const identity of input.identities) known.add(identityKey(identity));
      staged.set(input.chunk, known);
      return await claims.settle(input);
    },
  });
  const packed = (input: {
    readonly items: ItemStore;
    readonly mode?: ClaimsMode;
    readonly parts?: number;
    readonly hash?: ClaimHash;
    readonly byTime?: ReadonlySet<string>;
  }): Claims =>
    around(
      createPackedClaims({
        items: input.items,
        hash: input.hash ?? createClaimHash('a key of this deployment alone'),
        mode: input.mode ?? PACKED,
        parts: input.parts ?? 1,
        isPackedByTime: async (tenant) => input.byTime?.has(tenant) === true,
        stagedIdentities: async (chunk) => staged.get(chunk) ?? new Set(),
      }),
    );
  return { packed };
}

let instants = 0;

/** A millisecond in a second that no other test of the file uses. */
export function uniqueInstant(): number {
  instants += 1;
  return NOW_MS - instants * 7_001;
}
