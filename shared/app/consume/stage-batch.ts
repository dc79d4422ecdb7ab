import { TABLES } from '../../contracts/names.ts';
import type { Lane } from '../../domain/events/lane.ts';
import type { StagedEntry } from '../../domain/events/staged-entry.ts';
import { assert } from '../../kernel/assert.ts';
import { fenceBefore, markLaneStaged, recordFence } from '../fences/record-fences.ts';
import { type ChunkRecord, chunkToItem, openChunkToItem } from '../records/chunk.ts';
import type { FenceMark } from '../records/lane.ts';
import type { ConsumeDeps } from './consume-deps.ts';
import type { DecodedBatch, EnvelopeRecord, FenceRecord } from './decode-batch.ts';
import { putStagedChunk, type StagedChunk, type StagedHead } from './staged-chunk.ts';

export interface Staged {
  readonly record: ChunkRecord;
  readonly chunk: StagedChunk;
}

type Placed = EnvelopeRecord & { readonly fence: FenceMark };

/**
 * Makes a batch durable as a chunk: from here on the stream is not needed for it. Answers null when there was
 * nothing but fences. Fences are written down first, so that every envelope knows the one it lies behind.
 */
export async function stageBatch(deps: ConsumeDeps, batch: DecodedBatch): Promise<Staged | null> {
  await deps.runStep('record_fences', async () => {
    for (const fence of batch.fences) await recordFence(deps.items, fence);
  });
  const placed: Placed[] = [];
  for (const envelope of batch.envelopes) {
    placed.push({ ...envelope, fence: await fenceBefore(deps.items, envelope.lane, envelope.position) });
  }
  const staged = placed.length === 0 ? null : await stage(deps, placed);
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

async function stage(deps: ConsumeDeps, placed: readonly Placed[]): Promise<Staged> {
  const chunk = deps.ids.uuid();
  const nowMs = deps.clock.nowMs();
  const staged: StagedChunk = {
    head: { v: 1, chunk, createdAtMs: nowMs, envelopes: placed.flatMap(auditOf) },
    entries: placed.flatMap(entriesOf),
  };
  await deps.runStep('put_candidates', () => putStagedChunk(deps.objects, staged));
  const record: ChunkRecord = {
    chunk,
    status: 'STAGED',
    stagedAtMs: nowMs,
    executor: chunk,
    executorReadAtMs: nowMs,
    executions: 1,
    splitParts: [],
  };
  await deps.runStep('open_chunk', async () => {
    const opened = await deps.items.transact([
      { op: 'put', table: TABLES.main, item: chunkToItem(record), condition: { kind: 'item_absent' } },
      {
        op: 'put',
        table: TABLES.main,
        item: openChunkToItem({ chunk, stagedAtMs: nowMs, lanes: lowest(placed) }),
      },
    ]);
    assert(opened.ok, `chunk ${chunk} was opened before: its id is not unique`);
  });
  return { record, chunk: staged };
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
  return lines.map((line): StagedEntry => {
    const origin = {
      entry: `${place}/${line.index}`,
      tenant: header.tenant,
      fence: fence.number,
      receivedAtMs,
    };
    if (line.ok) return { kind: 'event', ...origin, event: line.event };
    return {
      kind: 'unreadable',
      ...origin,
      code: line.error.code,
      message: line.error.detail,
      content: line.content,
    };
  });
}
