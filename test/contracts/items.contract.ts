import type { ItemsUnderTest } from './items-builders.ts';
import { describeConditions } from './items-conditions.ts';
import { describeLimits } from './items-limits.ts';
import { describeQueries } from './items-queries.ts';
import { describeRaces } from './items-races.ts';
import { describeRandomWrites } from './items-random.ts';
import { describeTransactions } from './items-transactions.ts';
import { describeUpdates } from './items-updates.ts';
import { describeValues } from './items-values.ts';

/** What every implementation of the port must do. */
export function itemsContract(subject: ItemsUnderTest): void {
  describeValues(subject);
  describeConditions(subject);
  describeUpdates(subject);
  describeTransactions(subject);
  describeRaces(subject);
  describeQueries(subject);
  describeLimits(subject);
  describeRandomWrites(subject);
}
