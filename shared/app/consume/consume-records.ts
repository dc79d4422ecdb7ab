import type { StreamRecord } from '../../ports/event-stream.ts';
import { type ConsumedBatch, consumeBatch } from './consume-batch.ts';
import type { ConsumeDeps } from './consume-deps.ts';
import { splitBatch } from './split-batch.ts';

/** `handled` records from the start are durably handled; `failure` is why the next one is not, null when all are. */
export interface ConsumedRecords {
  readonly handled: number;
  readonly batches: readonly ConsumedBatch[];
  readonly failure: unknown | null;
}

/** Counts what one delivery of the stream holds, chunk by chunk in order, and stops at the first that cannot be staged. */
export function consumeRecords(deps: ConsumeDeps) {
  const consume = consumeBatch(deps);
  return async (records: readonly StreamRecord[]): Promise<ConsumedRecords> => {
    const batches: ConsumedBatch[] = [];
    let handled = 0;
    for (const group of splitBatch(records)) {
      try {
        batches.push(await consume(group));
        handled += group.length;
      } catch (thrown) {
        return { handled, batches, failure: thrown };
      }
    }
    return { handled, batches, failure: null };
  };
}
