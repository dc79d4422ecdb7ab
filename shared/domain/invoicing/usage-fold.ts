import { assert } from '../../kernel/assert.ts';
import { type Decimal, decimal, decimalText, runningSum } from '../../kernel/decimal.ts';
import { runningSha256 } from '../../kernel/hash.ts';
import { averageOf } from '../metering/average.ts';
import { compareUtf8 } from '../metering/group-order.ts';
import type { Aggregation } from '../metering/usage-read.ts';
import { compareEvents, type EvidenceEvent, evidenceText } from './evidence-records.ts';
import type { EvidenceDigest } from './invoice.ts';

export interface UsageFold {
  /** In the order of `compareEvents`. Answers the record of the event, which its digest is made of. */
  add(event: EvidenceEvent): string;
  /** Of all events so far. The quantity is what a meter answers for them, and "0" where that is nothing. */
  result(): { readonly quantity: string; readonly evidence: EvidenceDigest };
}

/**
 * What a meter counts, event by event, and the digest of these events. Events that were corrected are given as they are
 * now; those that were taken back are not given at all.
 */
export function usageFold(aggregation: Aggregation): UsageFold {
  const digest = runningSha256();
  const quantities = quantityFold(aggregation);
  let events = 0;
  let last: EvidenceEvent | null = null;
  return {
    add: (event) => {
      assert(last === null || compareEvents(last, event) < 0, 'events are in order, and each is there once');
      last = event;
      events += 1;
      const text = evidenceText(event);
      digest.add(text);
      quantities.add(event);
      return text;
    },
    result: () => ({ quantity: quantities.value() ?? '0', evidence: { sha256: digest.hex(), events } }),
  };
}

interface QuantityFold {
  add(event: EvidenceEvent): void;
  value(): string | null;
}

function quantityFold(aggregation: Aggregation): QuantityFold {
  switch (aggregation) {
    case 'count':
      return countFold();
    case 'sum':
      return sumFold((total) => decimalText(total));
    case 'avg':
      return sumFold((total, count) => averageOf(total, decimal(count)));
    case 'min':
      return choosingFold((kept, next) => quantityOf(next).lessThan(quantityOf(kept)));
    case 'max':
      return choosingFold((kept, next) => quantityOf(next).greaterThan(quantityOf(kept)));
    case 'latest':
      return choosingFold(isLater);
    case 'unique_count':
      return uniqueFold();
  }
}

function quantityOf({ quantity }: EvidenceEvent): Decimal {
  return decimal(quantity);
}

function countFold(): QuantityFold {
  let count = 0;
  return {
    add: () => {
      count += 1;
    },
    value: () => String(count),
  };
}

function sumFold(answer: (total: Decimal, count: number) => string | null): QuantityFold {
  const sum = runningSum();
  let count = 0;
  return {
    add: ({ quantity }) => {
      sum.add(quantity);
      count += 1;
    },
    value: () => answer(sum.total(), count),
  };
}

function choosingFold(takes: (kept: EvidenceEvent, next: EvidenceEvent) => boolean): QuantityFold {
  let kept: EvidenceEvent | null = null;
  return {
    add: (event) => {
      if (kept === null || takes(kept, event)) kept = event;
    },
    value: () => (kept === null ? null : decimalText(quantityOf(kept))),
  };
}

/** The latest of a meter is that by time, then id, then source; events come by time, then source, then id. */
function isLater(kept: EvidenceEvent, next: EvidenceEvent): boolean {
  return next.time !== kept.time || compareUtf8(next.id, kept.id) >= 0;
}

function uniqueFold(): QuantityFold {
  const keys = new Set<string>();
  return {
    add: ({ uniqueKey }) => {
      keys.add(uniqueKey);
    },
    value: () => String(keys.size),
  };
}
