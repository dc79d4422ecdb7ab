import { Buffer } from 'node:buffer';
import { z } from 'zod';
import { assert } from '../../kernel/assert.ts';
import type { Item } from '../../ports/item-store.ts';

const slotFields = z.object({
  v: z.literal(1),
  version: z.int(),
  ttl: z.int(),
  sealed: z.boolean().default(false),
});

/** A slot as stored: which chunks claimed which hashes in it. */
export interface Slot extends Readonly<Omit<z.output<typeof slotFields>, 'v'>> {
  /** Hashes of a chunk, eight bytes each, by the attribute that holds them. */
  readonly held: readonly (readonly [attribute: string, hashes: Uint8Array])[];
  readonly item: Item;
}

export const HASH_BYTES = 8;

export function slotFromItem(item: Item): Slot {
  const { v: _format, ...fields } = slotFields.parse(item);
  const held: (readonly [string, Uint8Array])[] = [];
  for (const [name, value] of Object.entries(item)) {
    if (!isChunkAttribute(name)) continue;
    assert(value instanceof Uint8Array && value.length % HASH_BYTES === 0, `${name} of a slot holds hashes`);
    held.push([name, value]);
  }
  return { ...fields, held, item };
}

/** The chunk that holds each of the wanted hashes, for those that are in the slot. */
export function holdersIn(slot: Slot, wanted: ReadonlySet<bigint>): ReadonlyMap<bigint, string> {
  const holders = new Map<bigint, string>();
  for (const [attribute, hashes] of slot.held) {
    const bytes = Buffer.from(hashes.buffer, hashes.byteOffset, hashes.byteLength);
    for (let offset = 0; offset < bytes.length; offset += HASH_BYTES) {
      const hash = bytes.readBigUInt64BE(offset);
      if (wanted.has(hash)) holders.set(hash, chunkOf(attribute));
    }
  }
  return holders;
}

/** `before` with more hashes behind it. */
export function appendHashes(before: Uint8Array | undefined, hashes: readonly bigint[]): Uint8Array {
  const kept = before ?? new Uint8Array();
  const bytes = Buffer.alloc(kept.length + hashes.length * HASH_BYTES);
  bytes.set(kept);
  for (const [index, hash] of hashes.entries()) {
    bytes.writeBigUInt64BE(hash, kept.length + index * HASH_BYTES);
  }
  return new Uint8Array(bytes);
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const UUID_PREFIX = 'c';
const NAME_PREFIX = 'n';

function isChunkAttribute(name: string): boolean {
  return name.startsWith(UUID_PREFIX) || name.startsWith(NAME_PREFIX);
}

/** A chunk's id as the name of its attribute: a UUID takes 22 characters instead of 36. */
export function attributeOf(chunk: string): string {
  if (!UUID.test(chunk)) return NAME_PREFIX + chunk;
  return UUID_PREFIX + Buffer.from(chunk.replaceAll('-', ''), 'hex').toString('base64url');
}

function chunkOf(attribute: string): string {
  const name = attribute.slice(1);
  if (attribute.startsWith(NAME_PREFIX)) return name;
  const hex = Buffer.from(name, 'base64url').toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
