import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { pageLineSchema } from '../../contracts/envelope.ts';
import type { Recount } from '../../domain/corrections/recount.ts';
import type { UsageEvent } from '../../domain/events/event.ts';
import type { StagedEntry } from '../../domain/events/staged-entry.ts';
import { defined } from '../../kernel/assert.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { PageRecord } from './decode-batch.ts';

/** An event that is counted again, one that is counted first, or one that the tables know as another chunk's. */
export type PageLine =
  | { readonly kind: 'recount'; readonly recount: Recount }
  | { readonly kind: 'event'; readonly event: UsageEvent; readonly receivedAtMs: number }
  | {
      readonly kind: 'resend';
      readonly event: UsageEvent;
      readonly receivedAtMs: number;
      readonly owner: { readonly chunk: string; readonly fingerprint: string };
    };

/** Writes what a page of a job counts, unless it is there; answers what is there. */
export async function putPageOnce(
  objects: ObjectStore,
  page: { readonly key: string; readonly lines: readonly PageLine[] },
): Promise<readonly PageLine[]> {
  const text = page.lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const body = zstdCompressSync(Buffer.from(text, 'utf8'));
  const written = await objects.put({ key: page.key, body, ifAbsent: true });
  return written.ok ? page.lines : decode(defined(await objects.get(page.key), `page ${page.key}`));
}

/** A page is written before it is sent; one that is not there would block the stream and goes to quarantine. */
export async function readPage(
  objects: ObjectStore,
  { header, shardId, position }: PageRecord,
  origin: Pick<StagedEntry, 'tenant' | 'fence' | 'receivedAtMs'>,
): Promise<readonly StagedEntry[]> {
  const place = `${shardId}/${position}`;
  const body = await objects.get(header.key);
  if (body === undefined) {
    const wrong = { code: 'envelope.malformed', message: `page ${header.key} is missing`, content: '' };
    return [{ kind: 'unreadable', ...origin, entry: place, ...wrong }];
  }
  return decode(body).map((line, index): StagedEntry => {
    const entry = `${place}/${index}`;
    if (line.kind === 'recount') return { ...origin, entry, ...line };
    const { event, receivedAtMs } = line;
    const owner = line.kind === 'resend' ? { owner: line.owner } : {};
    return { ...origin, kind: 'event', entry, receivedAtMs, event, anyTime: true, ...owner };
  });
}

function decode(body: Uint8Array): readonly PageLine[] {
  const lines = zstdDecompressSync(body).toString('utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => pageLineSchema.parse(JSON.parse(line)));
}
