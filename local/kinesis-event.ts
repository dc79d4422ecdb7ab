import type { KinesisStreamEvent } from 'aws-lambda';
import type { StreamRecord } from '../shared/ports/event-stream.ts';

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
