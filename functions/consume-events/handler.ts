import type { KinesisStreamBatchResponse, KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import { type ConsumedBatch, consumeBatch } from '../../shared/app/consume/consume-batch.ts';
import type { ConsumeDeps } from '../../shared/app/consume/consume-deps.ts';
import type { StreamRecord } from '../../shared/ports/event-stream.ts';

/**
 * Counts the events of a Kinesis batch. A batch is handled whole or not at all: what fails names its first record,
 * and the platform delivers everything from there again.
 */
export function createHandler(
  deps: ConsumeDeps & {
    readonly onBatch: (consumed: ConsumedBatch) => void;
    readonly onFailure: (error: unknown) => void;
  },
) {
  const consume = consumeBatch(deps);
  return async (event: KinesisStreamEvent): Promise<KinesisStreamBatchResponse> => {
    const [first] = event.Records;
    if (first === undefined) return { batchItemFailures: [] };
    try {
      deps.onBatch(await consume(event.Records.map(toRecord)));
      return { batchItemFailures: [] };
    } catch (thrown) {
      deps.onFailure(thrown);
      return { batchItemFailures: [{ itemIdentifier: first.kinesis.sequenceNumber }] };
    }
  };
}

function toRecord(record: KinesisStreamRecord): StreamRecord {
  const { sequenceNumber, partitionKey, data, approximateArrivalTimestamp } = record.kinesis;
  return {
    // AWS names the shard only in the event's id: `<shard>:<sequence number>`.
    shardId: record.eventID.slice(0, record.eventID.lastIndexOf(':')),
    sequenceNumber,
    partitionKey,
    data: Buffer.from(data, 'base64'),
    arrivedAtMs: Math.round(approximateArrivalTimestamp * 1000),
  };
}
