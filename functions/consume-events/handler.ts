import type { KinesisStreamBatchResponse, KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import type { ConsumedBatch } from '../../shared/app/consume/consume-batch.ts';
import type { ConsumeDeps } from '../../shared/app/consume/consume-deps.ts';
import { consumeRecords } from '../../shared/app/consume/consume-records.ts';
import type { StreamRecord } from '../../shared/ports/event-stream.ts';

/**
 * Counts the events of a Kinesis batch. The response names the first record that is not durably handled, and the
 * platform delivers everything from there again.
 */
export function createHandler(
  deps: ConsumeDeps & {
    readonly onBatch: (consumed: ConsumedBatch) => void;
    readonly onFailure: (error: unknown) => void;
  },
) {
  const consume = consumeRecords(deps);
  return async (event: KinesisStreamEvent): Promise<KinesisStreamBatchResponse> => {
    const { handled, batches, failure } = await consume(event.Records.map(toRecord));
    for (const batch of batches) deps.onBatch(batch);
    const first = event.Records[handled];
    if (first === undefined) return { batchItemFailures: [] };
    deps.onFailure(failure);
    return { batchItemFailures: [{ itemIdentifier: first.kinesis.sequenceNumber }] };
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
