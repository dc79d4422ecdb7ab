import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { envelopeEventSchema } from '../../contracts/envelope.ts';
import type { UsageEvent } from '../../domain/events/event.ts';
import { defined } from '../../kernel/assert.ts';
import type { ObjectStore } from '../../ports/object-store.ts';

interface BatchName {
  readonly tenant: string;
  readonly backfill: string;
  /** The name that its writer drew for it. */
  readonly batch: string;
}

/** The events of one batch, in the order in which they were sent. */
export async function putBatch(
  objects: ObjectStore,
  name: BatchName,
  events: readonly UsageEvent[],
): Promise<void> {
  const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
  await objects.put({ key: keyOf(name), body: zstdCompressSync(Buffer.from(text, 'utf8')) });
}

export async function getBatch(objects: ObjectStore, name: BatchName): Promise<readonly UsageEvent[]> {
  const body = defined(await objects.get(keyOf(name)), `batch ${name.batch} of ${name.backfill}`);
  const lines = zstdDecompressSync(body).toString('utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => envelopeEventSchema.parse(JSON.parse(line)));
}

function keyOf({ tenant, backfill, batch }: BatchName): string {
  return `backfills/${tenant}/${backfill}/${batch}.ndjson.zst`;
}
