import { assert } from '../../../kernel/assert.ts';
import type { Clock } from '../../../ports/clock.ts';
import {
  compareSequence,
  type EventStream,
  type ReadableStream,
  type StreamRecord,
} from '../../../ports/event-stream.ts';
import { assertPosition, assertReadFits, assertRecordsFit, withinReadBytes } from '../../stream-limits.ts';
import { createStreamShards } from '../../stream-shards.ts';

export interface MemoryStream extends EventStream, ReadableStream {
  /**
   * Deletes records that arrived before the instant `before` (epoch ms) and are not behind the position `upTo`;
   * answers how many.
   */
  trim(input: { readonly shardId: string; readonly before: number; readonly upTo: string }): Promise<number>;
  /**
   * Closes all shards and opens others that take their place, as Kinesis does when its shards are split and merged. What
   * a closed one holds must be read to its end before its children are.
   */
  reshard(count: number): void;
  /** Every shard there was; an open one takes records. */
  lineage(): readonly ShardLineage[];
}

export interface ShardLineage {
  readonly shardId: string;
  readonly parents: readonly string[];
  readonly isOpen: boolean;
}

/** Twin of an event stream. Positions start at 1, so that whoever compares them as text fails at the tenth record. */
export function createMemoryStream(deps: { readonly shards: number; readonly clock: Clock }): MemoryStream {
  const contents = new Map<string, StreamRecord[]>();
  const lineage: ShardLineage[] = [];
  let written = 0;
  const open = (count: number) => {
    const opened = createStreamShards(count, lineage.length);
    const parents = lineage.filter(({ isOpen }) => isOpen).map(({ shardId }) => shardId);
    for (const [index, shard] of lineage.entries()) lineage[index] = { ...shard, isOpen: false };
    for (const shardId of opened.ids) {
      lineage.push({ shardId, parents, isOpen: true });
      contents.set(shardId, []);
    }
    return opened;
  };
  let shards = open(deps.shards);
  const recordsOf = (shardId: string) => {
    const records = contents.get(shardId);
    assert(records !== undefined, `the stream has no shard ${shardId}`);
    return records;
  };

  return {
    putRecords: async (records) => {
      assertRecordsFit(records);
      return records.map(({ partitionKey, data }) => {
        const { shardId } = shards.ofKey(partitionKey);
        written += 1;
        const sequenceNumber = String(written);
        const arrivedAtMs = deps.clock.nowMs();
        const record = { shardId, sequenceNumber, partitionKey, data: new Uint8Array(data), arrivedAtMs };
        recordsOf(shardId).push(record);
        return { ok: true, shardId, sequenceNumber };
      });
    },
    shards: async () => lineage.map(({ shardId }) => shardId),
    read: async ({ shardId, after, limit }) => {
      assertReadFits({ limit, ...(after === undefined ? {} : { after }) });
      const records = recordsOf(shardId);
      const start = after === undefined ? 0 : firstBehind(records, after);
      const answered = withinReadBytes(records.slice(start, start + limit));
      return answered.map((record) => ({ ...record, data: new Uint8Array(record.data) }));
    },
    trim: async ({ shardId, before, upTo }) => {
      assertPosition(upTo);
      const records = recordsOf(shardId);
      const kept = records.filter(
        (record) => record.arrivedAtMs >= before || compareSequence(record.sequenceNumber, upTo) > 0,
      );
      contents.set(shardId, kept);
      return records.length - kept.length;
    },
    reshard: (count) => {
      shards = open(count);
    },
    lineage: () => [...lineage],
  };
}

/** The index of the first record whose position is greater. */
function firstBehind(records: readonly StreamRecord[], position: string): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const record = records[middle];
    if (record !== undefined && compareSequence(record.sequenceNumber, position) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}
