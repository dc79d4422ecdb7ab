import { TABLES } from '../../contracts/names.ts';
import { defined } from '../../kernel/assert.ts';
import { LIMITS } from '../../kernel/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdSource } from '../../ports/id-source.ts';
import type { Condition, ItemStore } from '../../ports/item-store.ts';
import {
  type ChunkRecord,
  type ChunkStatus,
  chunkFromItem,
  chunkKey,
  openChunkKey,
} from '../records/chunk.ts';

interface StateDeps {
  readonly items: ItemStore;
  readonly clock: Clock;
}

/** Another executor works on the chunk, or took it over: whatever we were about to do is theirs to do. */
export class ChunkLostError extends Error {
  override readonly name = 'ChunkLostError';
}

export type Acquired =
  | { readonly kind: 'acquired'; readonly record: ChunkRecord }
  | { readonly kind: 'busy' | 'committed' };

/**
 * Takes a chunk over from an executor that stopped. Without `force`, only when its last read is so long ago that it
 * starts nothing any more; with it (at the start of the only process), at once.
 */
export async function acquireChunk(
  deps: StateDeps & { readonly ids: IdSource },
  input: { readonly chunk: string; readonly force: boolean },
): Promise<Acquired> {
  const key = chunkKey(input.chunk);
  const item = await deps.items.get({ table: TABLES.main, key });
  const read = chunkFromItem(defined(item, `chunk ${input.chunk}`));
  const nowMs = deps.clock.nowMs();
  if (read.status === 'COMMITTED') return { kind: 'committed' };
  if (!input.force && nowMs < read.executorReadAtMs + LIMITS.chunkTakeoverMs) return { kind: 'busy' };
  const taken = await deps.items.update({
    table: TABLES.main,
    key,
    changes: { set: { executor: deps.ids.uuid(), executorReadAtMs: nowMs }, add: { executions: 1 } },
    condition: {
      kind: 'all',
      of: [
        { kind: 'equal', name: 'executions', value: read.executions },
        { kind: 'not_equal', name: 'status', value: 'COMMITTED' },
      ],
    },
  });
  return taken.ok ? { kind: 'acquired', record: chunkFromItem(taken.value) } : { kind: 'busy' };
}

/** Lets the next executor start without waiting; harmless when somebody else has the chunk by now. */
export async function releaseChunk(items: ItemStore, record: ChunkRecord): Promise<void> {
  await items.update({
    table: TABLES.main,
    key: chunkKey(record.chunk),
    changes: { set: { executorReadAtMs: 0 } },
    condition: { kind: 'equal', name: 'executor', value: record.executor },
  });
}

/** Moves the chunk forward, or throws ChunkLostError. */
export async function advanceChunk(
  items: ItemStore,
  record: ChunkRecord,
  to: ChunkStatus,
): Promise<ChunkRecord> {
  const advanced = await items.update({
    table: TABLES.main,
    key: chunkKey(record.chunk),
    changes: { set: { status: to } },
    condition: stillOurs(record),
  });
  if (!advanced.ok) throw new ChunkLostError(`chunk ${record.chunk} is no longer ours at ${to}`);
  return chunkFromItem(advanced.value);
}

/** Records once that a part goes in tenant by tenant. */
export async function recordSplit(items: ItemStore, record: ChunkRecord, part: string): Promise<ChunkRecord> {
  const split = await items.update({
    table: TABLES.main,
    key: chunkKey(record.chunk),
    changes: { set: { splitParts: [...record.splitParts, part] } },
    condition: stillOurs(record),
  });
  if (!split.ok) throw new ChunkLostError(`chunk ${record.chunk} is no longer ours at the split of ${part}`);
  return chunkFromItem(split.value);
}

/** Everything of the chunk is counted: the open item goes with it, so that its fences may pass. */
export async function commitChunk(items: ItemStore, record: ChunkRecord): Promise<void> {
  const committed = await items.transact([
    {
      op: 'update',
      table: TABLES.main,
      key: chunkKey(record.chunk),
      changes: { set: { status: 'COMMITTED' satisfies ChunkStatus } },
      condition: stillOurs(record),
    },
    { op: 'delete', table: TABLES.main, key: openChunkKey(record.chunk) },
  ]);
  if (!committed.ok) throw new ChunkLostError(`chunk ${record.chunk} is no longer ours at its commit`);
}

/** Effects outside the item store start only while nobody else can have taken the chunk over. */
export function mayStillStart(clock: Clock, record: ChunkRecord): boolean {
  return clock.nowMs() < record.executorReadAtMs + LIMITS.chunkExecutionMs;
}

function stillOurs(record: ChunkRecord): Condition {
  return {
    kind: 'all',
    of: [
      { kind: 'equal', name: 'executor', value: record.executor },
      { kind: 'equal', name: 'status', value: record.status },
    ],
  };
}
