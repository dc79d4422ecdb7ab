import type { Aggregation } from '../../../shared/domain/metering/usage-read.ts';
import { divideHalfAway, type Exact, exact, exactText } from './exact.ts';

/** One event as a meter counts it. */
export interface CountedEvent {
  readonly source: string;
  readonly id: string;
  readonly timeMs: number;
  readonly quantity: Exact;
  readonly uniqueKey: string;
}

/** What a meter says of these events, each of them counted once: plain text, null where there is no value. */
export function fold(aggregation: Aggregation, events: readonly CountedEvent[]): string | null {
  const quantities = events.map(({ quantity }) => quantity);
  const sum = quantities.reduce((total, quantity) => total + quantity, 0n);
  switch (aggregation) {
    case 'count':
      return String(events.length);
    case 'unique_count':
      return String(new Set(events.map(({ uniqueKey }) => uniqueKey)).size);
    case 'sum':
      return exactText(sum);
    case 'avg':
      return events.length === 0 ? null : exactText(divideHalfAway(sum, BigInt(events.length)));
    case 'min':
      return extreme(quantities, (left, right) => left < right);
    case 'max':
      return extreme(quantities, (left, right) => left > right);
    case 'latest':
      return latest(events);
  }
}

function extreme(
  quantities: readonly Exact[],
  isBetter: (left: Exact, right: Exact) => boolean,
): string | null {
  const [first, ...others] = quantities;
  if (first === undefined) return null;
  return exactText(others.reduce((best, quantity) => (isBetter(quantity, best) ? quantity : best), first));
}

/** By time, then id, then source, as their UTF-8 orders. */
function latest(events: readonly CountedEvent[]): string | null {
  const [last] = events.toSorted(
    (left, right) =>
      right.timeMs - left.timeMs ||
      Buffer.compare(Buffer.from(right.id), Buffer.from(left.id)) ||
      Buffer.compare(Buffer.from(right.source), Buffer.from(left.source)),
  );
  return last === undefined ? null : exactText(last.quantity);
}

/** Whether the value can only rise when events are added (-1: only fall); 0: it may do either. */
export function directionOf(aggregation: Aggregation, events: readonly CountedEvent[]): -1 | 0 | 1 {
  if (aggregation === 'count' || aggregation === 'unique_count' || aggregation === 'max') return 1;
  if (aggregation === 'min') return -1;
  const isNonNegative = events.every(({ quantity }) => quantity >= exact('0'));
  return aggregation === 'sum' && isNonNegative ? 1 : 0;
}
