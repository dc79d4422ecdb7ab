import type { KinesisStreamEvent } from 'aws-lambda';
import { LIMITS } from '../shared/kernel/limits.ts';
import type { ReadableStream, StreamRecord } from '../shared/ports/event-stream.ts';
import type { EventSource } from './event-source.ts';

/** The stream as Lambda reads it. */
export function kinesisSource(stream: ReadableStream): EventSource<StreamRecord, KinesisStreamEvent> {
  return {
    readMax: LIMITS.streamReadRecords,
    shards: () => stream.shards(),
    read: (input) => stream.read(input),
    isFull: (batch) => {
      const bytes = batch.reduce((sum, { data }) => sum + data.byteLength, 0);
      return bytes > LIMITS.streamReadBytes - LIMITS.streamRecordBytes;
    },
    toEvent: toKinesisEvent,
  };
}

/** The event that Lambda gets for a batch of one shard. */
export function toKinesisEvent(batch: readonly StreamRecord[]): KinesisStreamEvent {
  return {
    Records: batch.map((record) => ({
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `${record.shardId}:${record.sequenceNumber}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: 'arn:aws:iam::000000000000:role/local',
      awsRegion: 'local',
      eventSourceARN: 'arn:aws:kinesis:local:000000000000:stream/events',
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: record.partitionKey,
        sequenceNumber: record.sequenceNumber,
        data: Buffer.from(record.data).toString('base64'),
        approximateArrivalTimestamp: record.arrivedAtMs / 1000,
      },
    })),
  };
}
