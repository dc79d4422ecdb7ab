import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { z } from 'zod';
import {
  envelopeCorrectionSchema,
  envelopeEventSchema,
  eventVersionSchema,
  standingRowSchema,
} from '../../contracts/envelope.ts';
import { type Chain, type ChainOutcome, NEW_CHAIN } from '../../domain/corrections/chain.ts';
import { CHANGE_ACTIONS, CHANGE_STATUSES } from '../../domain/metering/rows.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { EventIdentity } from '../../ports/claims.ts';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { ITEM_FORMAT, itemFormat } from './item-format.ts';

const standing = z.array(standingRowSchema);
const refusals = z.array(z.strictObject({ meter: z.string(), code: z.string(), message: z.string() }));

const chainSchema = z.strictObject({
  link: z.int(),
  isStarted: z.boolean(),
  correction: z.int(),
  state: z.enum(['event', 'revoked']),
  shown: eventVersionSchema.nullable(),
  eventLink: z.int(),
  standing,
  fingerprints: z.record(z.string(), z.string()),
  waiting: z.array(z.strictObject({ correction: envelopeCorrectionSchema, receivedAtMs: z.int() })),
}) satisfies z.ZodType<Chain>;

const outcomeSchema = z.strictObject({
  link: z.int(),
  fence: z.int(),
  revision: z.int(),
  negated: standing,
  added: standing,
  refused: eventVersionSchema
    .pick({ event: true, receivedAtMs: true, customer: true })
    .extend({ refusals })
    .nullable(),
  events: z.array(eventVersionSchema),
  changes: z.array(
    z.strictObject({
      revision: z.int(),
      action: z.enum(CHANGE_ACTIONS),
      status: z.enum(CHANGE_STATUSES),
      reason: z.string(),
      job: z.string(),
      fingerprint: z.string(),
      event: envelopeEventSchema.nullable(),
      receivedAtMs: z.int(),
    }),
  ),
}) satisfies z.ZodType<ChainOutcome>;

/** What became of an event, and what each chunk that may still have to plan does to it. */
export interface ChainRecord {
  readonly chain: Chain;
  readonly links: readonly { readonly chunk: string; readonly outcome: ChainOutcome }[];
}

export const NO_CHAIN: ChainRecord = { chain: NEW_CHAIN, links: [] };

const contentSchema = z.strictObject({
  chain: chainSchema,
  links: z.array(z.strictObject({ chunk: z.string(), outcome: outcomeSchema })),
});

/** Hashed: an identity may be longer than a key, and hold any character. */
export function chainKey({ tenant, source, id }: EventIdentity): ItemKey {
  return { pk: `tenant#${tenant}#chains`, sk: sha256Hex(JSON.stringify([source, id])) };
}

const chainItem = z.object({
  v: itemFormat,
  link: z.int(),
  /** Compressed; absent where it is an object. */
  content: z.instanceof(Uint8Array).optional(),
  object: z.string().optional(),
});

export type StoredChain = Readonly<z.output<typeof chainItem>>;

export function chainFromItem(item: Item): StoredChain {
  return chainItem.parse(item);
}

/** The item, and the object that it needs where the content is too large for it. */
export function chainToItem(
  identity: EventIdentity,
  record: ChainRecord,
): { readonly item: Item; readonly object: { readonly key: string; readonly body: Uint8Array } | null } {
  const { link } = record.chain;
  const body = zstdCompressSync(Buffer.from(JSON.stringify(record), 'utf8'));
  const item = { ...chainKey(identity), v: ITEM_FORMAT, link };
  if (body.byteLength <= LIMITS.chainBytes) {
    return { item: { ...item, content: new Uint8Array(body) }, object: null };
  }
  const key = `chains/${identity.tenant}/${sha256Hex(body)}.json.zst`;
  return { item: { ...item, object: key }, object: { key, body } };
}

export function chainContent(body: Uint8Array): ChainRecord {
  return contentSchema.parse(JSON.parse(zstdDecompressSync(body).toString('utf8')));
}
