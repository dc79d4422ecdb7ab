import type { StreamUnderTest } from './stream-builders.ts';
import { describeStreamLimits } from './stream-limits.ts';
import { describeStreamOrder } from './stream-order.ts';

/** What every implementation of the two ports of a stream must do. Its stream may hold records of others. */
export function streamContract(subject: StreamUnderTest): void {
  describeStreamOrder(subject);
  describeStreamLimits(subject);
}
