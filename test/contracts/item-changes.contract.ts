import type { ChangesUnderTest } from './item-changes-builders.ts';
import { describeChangeOrder } from './item-changes-order.ts';
import { describeRandomChanges } from './item-changes-random.ts';
import { describeChangeReads } from './item-changes-reads.ts';
import { describeChangeWrites } from './item-changes-writes.ts';

/** What every implementation of the port must do. Its feed may hold changes of others, and may lag. */
export function itemChangesContract(subject: ChangesUnderTest): void {
  describeChangeWrites(subject);
  describeChangeOrder(subject);
  describeChangeReads(subject);
  describeRandomChanges(subject);
}
