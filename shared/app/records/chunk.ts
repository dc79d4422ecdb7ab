import { z } from 'zod';
import type { Item, ItemKey } from '../../ports/item-store.ts';
import { epochMs } from './item-format.ts';
import { type FenceMark, fenceMarkSchema } from './lane.ts';

/** A chunk only ever moves to the right. */
export const CHUNK_STATUSES = ['STAGED', 'PLANNED', 'APPLIED', 'COMMITTED'] as const;
export type ChunkStatus = (typeof CHUNK_STATUSES)[number];

export function chunkKey(chunk: string): ItemKey {
  return { pk: `chunk#${chunk}`, sk: 'state' };
}

const chunkItem = z.object({
  chunk: z.string(),
  status: z.enum(CHUNK_STATUSES),
  stagedAtMs: epochMs,
  /** Who works on it, since when, and how many did: no two executions share a number. */
  executor: z.string(),
  executorReadAtMs: epochMs,
  executions: z.int().positive(),
  /** Parts that are inserted tenant by tenant, because the store refused them whole. */
  splitParts: z.array(z.string()).default([]),
});
export type ChunkRecord = Readonly<z.output<typeof chunkItem>>;

export function chunkToItem(record: ChunkRecord): Item {
  return { ...chunkKey(record.chunk), ...record };
}

export function chunkFromItem(item: Item): ChunkRecord {
  return chunkItem.parse(item);
}

/** Chunks that are not committed: each holds back the fences above its lowest one in each of its lanes. */
export const OPEN_CHUNKS_PARTITION = 'open';

export function openChunkKey(chunk: string): ItemKey {
  return { pk: OPEN_CHUNKS_PARTITION, sk: chunk };
}

const openChunkItem = z.object({
  sk: z.string(),
  stagedAtMs: epochMs,
  lanes: z.record(z.string(), fenceMarkSchema),
});
export interface OpenChunkRecord {
  readonly chunk: string;
  readonly stagedAtMs: number;
  readonly lanes: Readonly<Record<string, FenceMark>>;
}

export function openChunkToItem(record: OpenChunkRecord): Item {
  return { ...openChunkKey(record.chunk), stagedAtMs: record.stagedAtMs, lanes: record.lanes };
}

export function openChunkFromItem(item: Item): OpenChunkRecord {
  const { sk: chunk, stagedAtMs, lanes } = openChunkItem.parse(item);
  return { chunk, stagedAtMs, lanes };
}
