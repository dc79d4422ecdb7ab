import { assert } from '../kernel/assert.ts';
import { LIMITS } from '../kernel/limits.ts';
import type { StreamRecordInput } from '../ports/event-stream.ts';
import { withinBytes } from './within-bytes.ts';

const POSITION = /^(?:0|[1-9]\d*)$/;

/** What counts towards the limits of a record, a put and a read. */
export function recordBytes(record: StreamRecordInput): number {
  return record.data.byteLength + Buffer.byteLength(record.partitionKey);
}

/** Kinesis' limits of one PutRecords, so that nothing works embedded that fails on AWS. */
export function assertRecordsFit(records: readonly StreamRecordInput[]): void {
  assert(
    records.length >= 1 && records.length <= LIMITS.streamRecordsPerPut,
    `a put has 1 to ${LIMITS.streamRecordsPerPut} records`,
  );
  let bytesInAll = 0;
  for (const record of records) {
    const { partitionKey } = record;
    const isKey = partitionKey.length >= 1 && partitionKey.length <= LIMITS.streamPartitionKeyLength;
    assert(
      isKey && partitionKey.isWellFormed(),
      `a partition key has 1 to ${LIMITS.streamPartitionKeyLength} characters of Unicode`,
    );
    const bytes = recordBytes(record);
    assert(
      bytes <= LIMITS.streamRecordBytes,
      `a record has at most ${LIMITS.streamRecordBytes} bytes, its key included`,
    );
    bytesInAll += bytes;
  }
  assert(
    bytesInAll <= LIMITS.streamPutBytes,
    `the records of a put have at most ${LIMITS.streamPutBytes} bytes`,
  );
}

export function assertReadFits(input: { readonly limit: number; readonly after?: string }): void {
  const { limit, after } = input;
  assert(
    Number.isInteger(limit) && limit >= 1 && limit <= LIMITS.streamReadRecords,
    `a read takes 1 to ${LIMITS.streamReadRecords} records`,
  );
  if (after !== undefined) assertPosition(after);
}

export function assertPosition(position: string): void {
  assert(POSITION.test(position), 'a position is decimal digits without leading zeros');
}

/** The first of them that one read may answer: at least one if there is one. */
export function withinReadBytes<T extends StreamRecordInput>(records: Iterable<T>): readonly T[] {
  return withinBytes({ records, bytesOf: recordBytes, bytesMax: LIMITS.streamReadBytes });
}
