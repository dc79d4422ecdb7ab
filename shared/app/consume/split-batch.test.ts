import { expect, test } from 'vitest';
import { LIMITS } from '../../kernel/limits.ts';
import type { StreamRecord } from '../../ports/event-stream.ts';
import { encodeHeader } from '../stream/envelope-codec.ts';
import { splitBatch } from './split-batch.ts';

let position = 0;
function record(data: Buffer): StreamRecord {
  position += 1;
  return { shardId: 's', sequenceNumber: String(position), partitionKey: '1', data, arrivedAtMs: 0 };
}
const envelope = (count: number) =>
  record(
    encodeHeader({
      ...{ v: 1, kind: 'events', tenant: 't', lane: '1', producer: 'p', traceId: '' },
      ...{ seq: 0, unacknowledged: [], receivedAtMs: 0, count },
    }),
  );
const fence = () => record(encodeHeader({ v: 1, kind: 'fence', lane: '1', number: 1, timeMs: 0 }));
const sizes = (records: readonly StreamRecord[]) => splitBatch(records).map((group) => group.length);

test('a batch is cut in order, between envelopes, into chunks of bounded size', () => {
  const half = LIMITS.chunkEvents / 2;
  const records = [envelope(half), envelope(half), envelope(1), envelope(half)];
  expect(sizes(records)).toEqual([2, 2]);
  expect(splitBatch(records).flat()).toEqual(records);
});

test('an envelope larger than a chunk is one by itself', () => {
  expect(sizes([envelope(LIMITS.chunkEvents * 2), envelope(1)])).toEqual([1, 1]);
  expect(sizes([fence(), envelope(LIMITS.chunkEvents * 2)])).toEqual([2]);
});

test('fences cost nothing, and records that nobody can read count as one event', () => {
  expect(sizes([...Array.from({ length: LIMITS.chunkEvents }, fence), envelope(1)])).toHaveLength(1);
  const unreadable = Array.from({ length: LIMITS.chunkEvents + 1 }, () => record(Buffer.from('?')));
  expect(sizes(unreadable)).toEqual([LIMITS.chunkEvents, 1]);
  expect(sizes([])).toEqual([]);
});
