import { averageOf } from '../../../domain/metering/average.ts';
import type { Aggregation } from '../../../domain/metering/usage-read.ts';
import { decimal, decimalText } from '../../../kernel/decimal.ts';
import type { UsageAggregate } from '../../../ports/analytics.ts';

type AdditiveAggregation = 'count' | 'sum' | 'avg';

/** The value of each aggregation that is made from the rows themselves: (ms, source, id, quantity, unique_key). */
const VALUES: Readonly<Record<Exclude<Aggregation, AdditiveAggregation>, string>> = {
  min: 'toString(min(quantity))',
  max: 'toString(max(quantity))',
  // Of several at one instant the greatest id, then the greatest source.
  latest: 'toString(argMax(quantity, (ms, id, source)))',
  unique_count: 'toString(uniqExact(unique_key))',
};

/** Whether counts `n` and sums `q` of rows are enough. */
export function isAdditive(aggregation: Aggregation): aggregation is AdditiveAggregation {
  return aggregation === 'count' || aggregation === 'sum' || aggregation === 'avg';
}

/** What to select as `value`; of rows that have `q` where the aggregation is additive. */
export function valueExpression(aggregation: Aggregation): string {
  return isAdditive(aggregation) ? 'toString(sum(q))' : VALUES[aggregation];
}

/** The answer, from the sum of signs and what `valueExpression` came to. */
export function aggregateOf(
  aggregation: Aggregation,
  { count, value }: { readonly count: string; readonly value: string },
): Pick<UsageAggregate, 'count' | 'sum' | 'value'> {
  const number = decimalText(decimal(value));
  switch (aggregation) {
    case 'count':
      return { count, sum: null, value: count };
    case 'sum':
      return { count, sum: number, value: number };
    case 'avg':
      return { count, sum: number, value: averageOf(decimal(number), decimal(count)) };
    default:
      return { count, sum: null, value: number };
  }
}
