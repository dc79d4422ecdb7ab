import { eventPart, laneOfTenant } from '../../domain/events/lane.ts';
import { assert } from '../../kernel/assert.ts';
import type { EventIdentity } from '../../ports/claims.ts';
import type { ItemKey } from '../../ports/item-store.ts';
import type { ClaimHash } from './claim-hash.ts';

/** One identity on its way through the slots. */
export interface SlotEntry {
  /** Its position among the identities of the call. */
  readonly index: number;
  readonly hash: bigint;
  /** The time that names its place, epoch ms: the one its id carries or, for tenants that pack by time, the event's. */
  readonly timeMs: number;
}

/** A slot, and the entries that may be in it or below it. */
export interface SlotVisit {
  /** Of the slot and all slots below it. */
  readonly pk: string;
  /** Which way it went at each sealed slot above: '' for the first. */
  readonly path: string;
  readonly entries: readonly SlotEntry[];
}

export function slotKey({ pk, path }: Pick<SlotVisit, 'pk' | 'path'>): ItemKey {
  return { pk, sk: `slot${path}` };
}

/** The first slot of each place, with the entries that belong there. Stored: names never change. */
export function firstVisits(input: {
  /** Those without a time have no place. */
  readonly candidates: readonly { readonly identity: EventIdentity; readonly timeMs: number | null }[];
  readonly hash: ClaimHash;
  readonly parts: number;
}): readonly SlotVisit[] {
  const places = new Map<string, SlotEntry[]>();
  for (const [index, { identity, timeMs }] of input.candidates.entries()) {
    if (timeMs === null) continue;
    const second = Math.floor(timeMs / SECOND_MS);
    const pk = `slot#${laneOfTenant(identity.tenant)}#${second}#${eventPart(identity, input.parts)}`;
    const entries = places.get(pk) ?? [];
    entries.push({ index, hash: input.hash(identity), timeMs });
    places.set(pk, entries);
  }
  return [...places].map(([pk, entries]) => ({ pk, path: '', entries }));
}

const SECOND_MS = 1000;
/** Bits of a millisecond within its second. */
const TIME_BITS = 10;
const HASH_BITS = 64;

/**
 * The slots below a sealed one. Entries part first by the millisecond of their time, so that a chunk, whose ids were made
 * one after the other, goes few ways; only then by their hashes, which go every way.
 */
export function visitsBelow({ pk, path }: SlotVisit, entries: readonly SlotEntry[]): readonly SlotVisit[] {
  const ways = (['0', '1'] as const).map((bit) => ({
    pk,
    path: path + bit,
    entries: entries.filter((entry) => bitAt(entry, path.length) === bit),
  }));
  return ways.filter((way) => way.entries.length > 0);
}

function bitAt({ hash, timeMs }: SlotEntry, level: number): '0' | '1' {
  assert(level < TIME_BITS + HASH_BITS, 'a slot is full of one hash');
  if (level >= TIME_BITS)
    return ((hash >> BigInt(HASH_BITS - 1 - (level - TIME_BITS))) & 1n) === 1n ? '1' : '0';
  const millisecond = timeMs - Math.floor(timeMs / SECOND_MS) * SECOND_MS;
  return ((millisecond >> (TIME_BITS - 1 - level)) & 1) === 1 ? '1' : '0';
}
