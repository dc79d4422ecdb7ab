import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { z } from 'zod';
import { envelopeCorrectionSchema, envelopeEventSchema, recountSchema } from '../../contracts/envelope.ts';
import type { StagedEntry } from '../../domain/events/staged-entry.ts';
import { assert, defined } from '../../kernel/assert.ts';
import { uuidTimeMs } from '../../kernel/ids.ts';
import { dayText } from '../../kernel/time.ts';
import type { ObjectStore } from '../../ports/object-store.ts';

const integer = z.int();
const sharedFields = { tenant: z.string(), fence: integer, receivedAtMs: integer };

const headSchema = z.strictObject({
  v: z.literal(1),
  chunk: z.string(),
  createdAtMs: integer,
  /** The envelopes taken in, kept for the audit of producers' sequence numbers. */
  envelopes: z.array(
    z.strictObject({
      ...sharedFields,
      lane: z.string(),
      shardId: z.string(),
      position: z.string(),
      producer: z.string(),
      seq: integer,
      unacknowledged: z.array(integer),
      count: integer,
      traceId: z.string(),
    }),
  ),
});

const entrySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('event'),
    ...sharedFields,
    entry: z.string(),
    event: envelopeEventSchema,
    anyTime: z.exactOptional(z.literal(true)),
    owner: z.exactOptional(z.strictObject({ chunk: z.string(), fingerprint: z.string() })),
  }),
  z.strictObject({
    kind: z.literal('correction'),
    ...sharedFields,
    entry: z.string(),
    correction: envelopeCorrectionSchema,
  }),
  z.strictObject({ kind: z.literal('recount'), ...sharedFields, entry: z.string(), recount: recountSchema }),
  z.strictObject({
    kind: z.literal('unreadable'),
    ...sharedFields,
    entry: z.string(),
    code: z.string(),
    message: z.string(),
    content: z.string(),
  }),
]);

export type StagedHead = z.output<typeof headSchema>;

/** Everything that one consumer invocation took in, in stream order: the archive that counting starts from. */
export interface StagedChunk {
  readonly head: StagedHead;
  readonly entries: readonly StagedEntry[];
}

/** `chunks/<day>/<chunk>.ndjson.zst`; the day is the one in the chunk's id, so that the key follows from the id. */
function stagedChunkKey(chunk: string): string {
  return `chunks/${dayText(defined(uuidTimeMs(chunk), 'the time of a chunk id'))}/${chunk}.ndjson.zst`;
}

export async function putStagedChunk(objects: ObjectStore, staged: StagedChunk): Promise<void> {
  await objects.put({ key: stagedChunkKey(staged.head.chunk), body: encode(staged) });
}

/** For a chunk that may be staged more than once: answers what was written first. */
export async function putStagedChunkOnce(objects: ObjectStore, staged: StagedChunk): Promise<StagedChunk> {
  const { chunk } = staged.head;
  const written = await objects.put({ key: stagedChunkKey(chunk), body: encode(staged), ifAbsent: true });
  return written.ok ? staged : await getStagedChunk(objects, chunk);
}

function encode(staged: StagedChunk): Uint8Array {
  const lines = [staged.head, ...staged.entries].map((line) => `${JSON.stringify(line)}\n`);
  return zstdCompressSync(Buffer.from(lines.join(''), 'utf8'));
}

/** Throws when it is not there or not readable: staged means that it is. */
export async function getStagedChunk(objects: ObjectStore, chunk: string): Promise<StagedChunk> {
  const body = defined(await objects.get(stagedChunkKey(chunk)), `staged chunk ${chunk}`);
  const [first, ...rest] = zstdDecompressSync(body).toString('utf8').trimEnd().split('\n');
  const head = headSchema.parse(JSON.parse(defined(first, 'the first line of a chunk')));
  assert(head.chunk === chunk, `chunk ${chunk} holds chunk ${head.chunk}`);
  return { head, entries: rest.map((line) => entrySchema.parse(JSON.parse(line))) };
}
