import { TABLES } from '../../contracts/names.ts';
import type { Lane } from '../../domain/events/lane.ts';
import type { StagedEntry } from '../../domain/events/staged-entry.ts';
import { defined } from '../../kernel/assert.ts';
import { fenceBefore, markLaneStaged, recordFence } from '../fences/record-fences.ts';
import { type ChunkRecord, chunkToItem, openChunkToItem } from '../records/chunk.ts';
import type { FenceMark } from '../records/lane.ts';
import type { ConsumeDeps } from './consume-deps.ts';
import type { DecodedBatch, EnvelopeRecord, FenceRecord, PageRecord } from './decode-batch.ts';
import { readPage } from './page-file.ts';
import { putStagedChunk, putStagedChunkOnce, type StagedChunk, type StagedHead } from './staged-chunk.ts';

export interface Staged {
  readonly record: ChunkRecord;
  readonly chunk: StagedChunk;
}

type Placed = EnvelopeRecord & { readonly fence: FenceMark };

/**
 * Makes a batch durable as chunks: from here on the stream is not needed for it. Events, corrections and each page of a job
 * are chunks of their own, so that a chunk of events never waits for another. Fences are written down first, so that every
 * envelope knows the one it lies behind. Leaves out pages that were staged before: others work on them.
 */
export async function stageBatch(deps: ConsumeDeps, batch: DecodedBatch): Promise<readonly Staged[]> {
  await deps.runStep('record_fences', async () => {
    for (const fence of batch.fences) await recordFence(deps.items, fence);
  });
  const placed: Placed[] = [];
  for (const envelope of batch.envelopes) {
    placed.push({ ...envelope, fence: await fenceBefore(deps.items, envelope.lane, envelope.position) });
  }
  const staged: Staged[] = [];
  const [corrections, events] = partition(placed, isOfCorrections);
  for (const envelopes of [events, corrections]) {
    if (envelopes.length > 0) staged.push(await stage(deps, envelopes));
  }
  for (const page of batch.pages) staged.push(...(await stagePage(deps, page)));
  await deps.runStep('advance_lanes', async () => {
    const latest = new Map<Lane, FenceRecord>();
    for (const fence of batch.fences) {
      if (fence.number > (latest.get(fence.lane)?.number ?? 0)) latest.set(fence.lane, fence);
    }
    for (const { lane, number, timeMs } of latest.values()) {
      await markLaneStaged(deps.items, lane, { number, timeMs });
    }
  });
  return staged;
}

function isOfCorrections({ content }: Placed): boolean {
  return content.ok && content.value.header.kind === 'corrections';
}

function partition<T>(values: readonly T[], belongs: (value: T) => boolean): readonly [T[], T[]] {
  return [values.filter(belongs), values.filter((value) => !belongs(value))];
}

async function stage(deps: ConsumeDeps, placed: readonly Placed[]): Promise<Staged> {
  const chunk = deps.ids.uuid();
  const staged: StagedChunk = {
    head: { v: 1, chunk, createdAtMs: deps.clock.nowMs(), envelopes: placed.flatMap(auditOf) },
    entries: placed.flatMap(entriesOf),
  };
  await deps.runStep('put_candidates', () => putStagedChunk(deps.objects, staged));
  const record = await deps.runStep('open_chunk', () => openChunk(deps, chunk, lowest(placed)));
  return { record: defined(record, 'a chunk with an id of its own'), chunk: staged };
}

/** A page is the same chunk however often it comes: its candidates are written once, and one delivery opens it. */
async function stagePage(deps: ConsumeDeps, page: PageRecord): Promise<readonly Staged[]> {
  const { chunk, sentAtMs, tenant } = page.header;
  const fence = await fenceBefore(deps.items, page.lane, page.position);
  const origin = { tenant, fence: fence.number, receivedAtMs: sentAtMs };
  const entries = await readPage(deps.objects, page, origin);
  const head: StagedHead = { v: 1, chunk, createdAtMs: deps.clock.nowMs(), envelopes: [] };
  const staged = await deps.runStep('put_candidates', () =>
    putStagedChunkOnce(deps.objects, { head, entries }),
  );
  // Of an earlier delivery, where there was one: that fence has not passed before this chunk is opened.
  const number = staged.entries[0]?.fence ?? fence.number;
  const held = { [page.lane]: { ...fence, number: Math.min(number, fence.number) } };
  const record = await deps.runStep('open_chunk', () => openChunk(deps, chunk, held));
  return record === null ? [] : [{ record, chunk: staged }];
}

/** Null where the chunk was opened before. */
async function openChunk(
  deps: ConsumeDeps,
  chunk: string,
  lanes: Record<Lane, FenceMark>,
): Promise<ChunkRecord | null> {
  const nowMs = deps.clock.nowMs();
  const record: ChunkRecord = {
    chunk,
    status: 'STAGED',
    stagedAtMs: nowMs,
    executor: chunk,
    executorReadAtMs: nowMs,
    executions: 1,
    splitParts: [],
  };
  const opened = await deps.items.transact([
    { op: 'put', table: TABLES.main, item: chunkToItem(record), condition: { kind: 'item_absent' } },
    { op: 'put', table: TABLES.main, item: openChunkToItem({ chunk, stagedAtMs: nowMs, lanes }) },
  ]);
  return opened.ok ? record : null;
}

function lowest(placed: readonly Placed[]): Record<Lane, FenceMark> {
  const lanes: Record<Lane, FenceMark> = {};
  for (const { lane, fence } of placed) {
    const known = lanes[lane];
    if (known === undefined || fence.number < known.number) lanes[lane] = fence;
  }
  return lanes;
}

function auditOf(envelope: Placed): StagedHead['envelopes'] {
  if (!envelope.content.ok) return [];
  const { tenant, producer, seq, unacknowledged, count, traceId } = envelope.content.value.header;
  const { lane, shardId, position, receivedAtMs, fence } = envelope;
  const sent = { tenant, producer, seq, unacknowledged, count, traceId };
  return [{ lane, shardId, position, receivedAtMs, fence: fence.number, ...sent }];
}

function entriesOf(envelope: Placed): StagedEntry[] {
  const { receivedAtMs, fence } = envelope;
  const place = `${envelope.shardId}/${envelope.position}`;
  if (!envelope.content.ok) {
    const { tenant, error, kept: content } = envelope.content.error;
    const wrong = { code: error.code, message: error.detail, content };
    return [{ kind: 'unreadable', entry: place, tenant, fence: fence.number, receivedAtMs, ...wrong }];
  }
  const { header, lines } = envelope.content.value;
  const origin = { tenant: header.tenant, fence: fence.number, receivedAtMs };
  return lines.map((line): StagedEntry => {
    const entry = `${place}/${line.index}`;
    if (line.ok) return { ...origin, entry, ...line.content };
    const { code, detail: message } = line.error;
    return { kind: 'unreadable', ...origin, entry, code, message, content: line.content };
  });
}
