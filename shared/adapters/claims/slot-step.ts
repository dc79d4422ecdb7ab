import { TABLES } from '../../contracts/names.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { Item, PutInput, UpdateInput } from '../../ports/item-store.ts';
import { itemBytes } from '../item-rules/values.ts';
import { claimTtl } from './claim-expiry.ts';
import { appendHashes, attributeOf, HASH_BYTES, holdersIn, type Slot } from './slot-item.ts';
import { type SlotEntry, type SlotVisit, slotKey } from './slot-place.ts';

export interface SlotStep {
  /** Who owns what: of entries that the slot holds already, and of those that the write adds once it is done. */
  readonly owners: readonly (readonly [index: number, chunk: string])[];
  /** On the condition that the slot is as it was read; null: nothing to write. */
  readonly write: ({ readonly op: 'put' } & PutInput) | ({ readonly op: 'update' } & UpdateInput) | null;
  /** What belongs below the slot, once the write is done. */
  readonly below: readonly SlotEntry[];
}

interface StepInput {
  readonly visit: SlotVisit;
  /** As it was read; undefined where there was none. */
  readonly slot: Slot | undefined;
  readonly chunk: string;
  readonly nowMs: number;
}

/**
 * What a chunk does at a slot: entries that are there have their owner, others are added as far as there is room. A slot
 * that has no room is sealed: it never changes again but for its `ttl`, so whoever finds it sealed looks below it.
 */
export function stepAt(input: StepInput): SlotStep {
  const { visit, slot, chunk } = input;
  const holders =
    slot === undefined
      ? new Map<bigint, string>()
      : holdersIn(slot, new Set(visit.entries.map(({ hash }) => hash)));
  const owners: [number, string][] = [];
  const missing: SlotEntry[] = [];
  for (const entry of visit.entries) {
    const holder = holders.get(entry.hash);
    if (holder === undefined) missing.push(entry);
    else owners.push([entry.index, holder]);
  }
  if (missing.length === 0) return { owners, write: null, below: [] };
  if (slot?.sealed === true) return { owners, write: keepAlive(input, slot, missing), below: missing };
  const { write, added } = fill(input, missing);
  const below: SlotEntry[] = [];
  for (const entry of missing) {
    if (added.has(entry.hash)) owners.push([entry.index, chunk]);
    else below.push(entry);
  }
  return { owners, write, below };
}

/** Room left below which a slot counts as full: the next chunk could not do much with it. */
const FULL_BYTES = 128;

function fill({ visit, slot, chunk, nowMs }: StepInput, missing: readonly SlotEntry[]) {
  const hashes = [...new Set(missing.map(({ hash }) => hash))];
  const attribute = attributeOf(chunk);
  const before = slot?.held.find(([name]) => name === attribute)?.[1];
  const ttl = Math.max(slot?.ttl ?? 0, ...missing.map(({ timeMs }) => claimTtl(nowMs, timeMs)));
  // A slot that comes after one that expired starts at a version that the other never had.
  const changed = { version: slot === undefined ? nowMs : slot.version + 1, ttl };
  const full = { ...(slot?.item ?? { ...slotKey(visit), v: 1 }), ...changed, sealed: true };
  const room = LIMITS.slotBytes - itemBytes({ [attribute]: new Uint8Array(), ...full } as Item);
  const added = new Set(hashes.slice(0, Math.max(0, Math.floor(room / HASH_BYTES))));
  const isSealed = added.size < hashes.length || room - added.size * HASH_BYTES < FULL_BYTES;
  const set = {
    ...changed,
    ...(isSealed ? { sealed: true } : {}),
    [attribute]: appendHashes(before, [...added]),
  };
  return { write: writeOf(visit, slot, set), added };
}

function writeOf(
  visit: SlotVisit,
  slot: Slot | undefined,
  set: Readonly<Record<string, Item[string]>>,
): SlotStep['write'] {
  const key = slotKey(visit);
  if (slot === undefined) {
    const item = { ...key, v: 1, ...set };
    return { op: 'put', table: TABLES.claims, item, condition: { kind: 'item_absent' } };
  }
  const condition = { kind: 'equal', name: 'version', value: slot.version } as const;
  return { op: 'update', table: TABLES.claims, key, changes: { set }, condition };
}

/**
 * Ids that are older than the horizon still come in backfills, and their claims below outlive the sealed slot that leads
 * there unless it is kept: by a day more than needed, so that this is not written with every chunk.
 */
function keepAlive(
  { visit, nowMs }: StepInput,
  slot: Slot,
  missing: readonly SlotEntry[],
): SlotStep['write'] {
  const isOld = missing.some(({ timeMs }) => timeMs < nowMs - LIMITS.claimHorizonMs);
  if (!isOld || slot.ttl >= claimTtl(nowMs)) return null;
  return writeOf(visit, slot, { version: slot.version + 1, ttl: claimTtl(nowMs + LIMITS.claimMarginMs) });
}
