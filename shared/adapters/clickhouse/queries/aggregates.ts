import { averageOf } from '../../../domain/metering/average.ts';
import type { Aggregation } from '../../../domain/metering/usage-read.ts';
import { canonicalDecimal, decimal } from '../../../kernel/decimal.ts';
import type { UsageAggregate } from '../../../ports/analytics.ts';

type AdditiveAggregation = 'count' | 'sum' | 'avg';
type FoldedAggregation = Exclude<Aggregation, AdditiveAggregation>;

/** How an aggregation is answered that counts and sums do not answer. */
interface Folded {
  /** What is folded, of a single row (ms, source, id, quantity, unique_key), and where rollups have it. */
  readonly ofRow: string;
  readonly column: string;
  readonly fold: (folded: string) => string;
}

const FOLDED: Readonly<Record<FoldedAggregation, Folded>> = {
  min: { ofRow: 'quantity', column: 'min_quantity', fold: (folded) => `toString(min(${folded}))` },
  max: { ofRow: 'quantity', column: 'max_quantity', fold: (folded) => `toString(max(${folded}))` },
  // Of several at one instant the greatest id, then the greatest source.
  latest: {
    ofRow: '(ms, id, source, quantity)',
    column: 'latest',
    fold: (folded) => `toString(max(${folded}).4)`,
  },
  unique_count: {
    ofRow: `if(unique_key = '', [], [sipHash128(unique_key)])`,
    column: 'unique_hashes',
    fold: (folded) => `toString(uniqExactArray(${folded}))`,
  },
};

/** Whether counts `n` and sums `q` of rows are enough. */
export function isAdditive(aggregation: Aggregation): aggregation is AdditiveAggregation {
  return aggregation === 'count' || aggregation === 'sum' || aggregation === 'avg';
}

/** What to select as `value`; of rows that have `q` where the aggregation is additive. */
export function valueExpression(aggregation: Aggregation): string {
  if (isAdditive(aggregation)) return 'toString(sum(q))';
  const { ofRow, fold } = FOLDED[aggregation];
  return fold(ofRow);
}

export function foldedBy(aggregation: FoldedAggregation): Folded {
  return FOLDED[aggregation];
}

/** The answer, from the sum of signs and the value as text. */
export function aggregateOf(
  aggregation: Aggregation,
  { count, value }: { readonly count: string; readonly value: string },
): Pick<UsageAggregate, 'count' | 'sum' | 'value'> {
  const number = canonicalDecimal(value);
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
