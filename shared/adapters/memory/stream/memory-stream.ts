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
}

/** Twin of an event stream. Positions start at 1, so that whoever compares them as text fails at the tenth record. */
export function createMemoryStream(deps: { readonly shards: number; readonly clock: Clock }): MemoryStream {
  const shards = createStreamShards(deps.shards);
  const contents: StreamRecord[][] = shards.ids.map(() => []);
  let written = 0;
  const recordsOf = (shardId: string) => contents[shards.indexOf(shardId)] ?? [];

  return {
    putRecords: async (records) => {
      assertRecordsFit(records);
      return records.map(({ partitionKey, data }) => {
        const { index, shardId } = shards.ofKey(partitionKey);
        written += 1;
        const sequenceNumber = String(written);
        const arrivedAtMs = deps.clock.nowMs();
        const record = { shardId, sequenceNumber, partitionKey, data: new Uint8Array(data), arrivedAtMs };
        contents[index]?.push(record);
        return { ok: true, shardId, sequenceNumber };
      });
    },
    shards: async () => shards.ids,
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
      contents[shards.indexOf(shardId)] = kept;
      return records.length - kept.length;
    },
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
