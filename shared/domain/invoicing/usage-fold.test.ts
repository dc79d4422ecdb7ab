import { describe, expect, test } from 'vitest';
import type { Aggregation } from '../metering/usage-read.ts';
import { compareEvents, type EvidenceEvent } from './evidence-records.ts';
import { usageFold } from './usage-fold.ts';

const event = (id: string, fields: Partial<EvidenceEvent> = {}): EvidenceEvent => ({
  kind: 'event',
  source: 'default',
  id,
  time: '2026-06-01T00:00:00.000Z',
  quantity: '1',
  uniqueKey: '',
  dimensions: {},
  meter: 'calls',
  customer: 'acme',
  ...fields,
});

function fold(aggregation: Aggregation, events: readonly EvidenceEvent[]) {
  const folded = usageFold(aggregation);
  for (const one of events) folded.add(one);
  return folded.result();
}

const EVENTS = [
  event('a', { quantity: '3.5', uniqueKey: 'x' }),
  event('b', { quantity: '-10', uniqueKey: 'y' }),
  event('c', { quantity: '8.000000000001', uniqueKey: 'x' }),
  event('a', { quantity: '1', uniqueKey: 'X', time: '2026-06-02T00:00:00.000Z' }),
];
const HUGE = Array.from({ length: 3 }, (_, index) =>
  event(`e${index}`, { quantity: `${'9'.repeat(15)}.${'9'.repeat(12)}` }),
);

describe('a quantity is what the meter answers for the events', () => {
  test.each<[Aggregation, string, string]>([
    ['count', '4', '0'],
    ['sum', '2.500000000001', '0'],
    ['avg', '0.625', '0'],
    ['min', '-10', '0'],
    ['max', '8.000000000001', '0'],
    ['latest', '1', '0'],
    ['unique_count', '3', '0'],
  ])('%s', (aggregation, quantity, ofNothing) => {
    expect(fold(aggregation, EVENTS)).toMatchObject({ quantity, evidence: { events: 4 } });
    expect(fold(aggregation, [])).toEqual({
      quantity: ofNothing,
      evidence: {
        sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
        events: 0,
      },
    });
  });

  test('sums of the largest quantities are exact', () => {
    expect(fold('sum', HUGE).quantity).toBe('2999999999999999.999999999997');
  });

  test('the last of several at one instant is the one with the greatest id', () => {
    const events = [
      event('a', { quantity: '1' }),
      event('c', { quantity: '2', source: 'x' }),
      event('b', { quantity: '3', source: 'y' }),
      event('c', { quantity: '4', source: 'z' }),
      event('a', { quantity: '5', source: 'zz' }),
    ];
    expect(fold('latest', events).quantity).toBe('4');
  });
});

test('an event out of order or there twice stops the count', () => {
  expect(() => fold('count', [event('b'), event('a')])).toThrow('in order');
  expect(() => fold('count', [event('a'), event('a')])).toThrow('in order');
});

test('the order is by time, source and id, by code point', () => {
  const ordered = [
    event('z', { time: '2026-05-31T23:59:59.999Z' }),
    event('\uFFFD'),
    event('\u{1D4B3}'),
    event('b', { source: 'x' }),
    event('a', { source: 'y' }),
  ];
  expect(ordered.toReversed().toSorted(compareEvents)).toEqual(ordered);
});
