import { describe, expect, test } from 'vitest';
import { cancellationMs, dueOnceCanceled } from './cancellation.ts';
import { dueAfter, firstDue } from './due.ts';
import type { SubscriptionTerms } from './subscription.ts';

const ms = (text: string) => Date.parse(`${text}T00:00:00Z`);
const MONTHLY: SubscriptionTerms = {
  startsAtMs: ms('2026-01-10'),
  anchorMs: ms('2026-01-01'),
  timeZone: 'UTC',
  cadence: 'month',
  version: null,
  cancelAtMs: null,
};

describe('where a canceled subscription ends', () => {
  test.each([
    ['now', '2026-02-15', null, '2026-02-15'],
    ['period_end', '2026-02-15', null, '2026-03-01'],
    ['now, which is a boundary', '2026-02-01', null, '2026-02-01'],
    ['period_end at a boundary: the period that begins there', '2026-02-01', null, '2026-03-01'],
    ['now, before the start', '2026-01-05', null, '2026-01-05'],
    ['period_end, before the start', '2026-01-05', null, '2026-01-05'],
    ['now, when it was to end with the period', '2026-02-15', '2026-03-01', '2026-02-15'],
    ['period_end, when it has ended before', '2026-02-15', '2026-02-10', '2026-02-10'],
    ['now, when it has ended before', '2026-02-15', '2026-02-10', '2026-02-10'],
    ['period_end, when it ends in that period', '2026-02-15', '2026-02-20', '2026-02-20'],
  ])('%s', (name, now, before, expected) => {
    const at = name.startsWith('now') ? 'now' : 'period_end';
    const subscription = { ...MONTHLY, cancelAtMs: before === null ? null : ms(before) };
    expect(cancellationMs({ subscription, at, nowMs: ms(now) })).toBe(ms(expected));
  });
});

const due = (kind: 'period_start' | 'period_end', at: string) => ({ kind, dueAtMs: ms(at) });

describe('what is due first', () => {
  test.each([
    ['the end of the first period', {}, false, '2026-01-10', due('period_end', '2026-02-01')],
    ['of a past start, that long ago', {}, false, '2026-07-01', due('period_end', '2026-02-01')],
    [
      'the start, where something is charged in advance',
      {},
      true,
      '2026-07-01',
      due('period_start', '2026-01-10'),
    ],
    ['the start, where it lies ahead', {}, false, '2026-01-09', due('period_start', '2026-01-10')],
    ['nothing without a period', { cancelAtMs: ms('2026-01-10') }, true, '2026-01-09', null],
  ])('%s', (_name, more, chargesInAdvance, now, expected) => {
    const subscription = { ...MONTHLY, ...more };
    expect(firstDue({ subscription, chargesInAdvance, nowMs: ms(now) })).toEqual(expected);
  });
});

test('after each end the next one is due, and nothing after the last', () => {
  const subscription = { ...MONTHLY, cancelAtMs: ms('2026-03-15') };
  const dates = ['2026-01-10', '2026-02-01', '2026-03-01', '2026-03-15'];
  expect(dates.map((date) => dueAfter(subscription, ms(date)))).toEqual([
    due('period_end', '2026-02-01'),
    due('period_end', '2026-03-01'),
    due('period_end', '2026-03-15'),
    null,
  ]);
});

describe('what is due once a subscription is canceled', () => {
  test.each([
    ['the end moves here', '2026-02-15', due('period_end', '2026-03-01'), due('period_end', '2026-02-15')],
    ['an earlier end stays', '2026-02-15', due('period_end', '2026-02-01'), due('period_end', '2026-02-01')],
    [
      'a start before it stays',
      '2026-02-15',
      due('period_start', '2026-01-10'),
      due('period_start', '2026-01-10'),
    ],
    ['a start that never comes goes', '2026-01-05', due('period_start', '2026-01-10'), null],
    ['a start at the end itself goes', '2026-01-10', due('period_start', '2026-01-10'), null],
    [
      'what was charged at the start is looked at again',
      '2026-01-10',
      due('period_end', '2026-02-01'),
      due('period_end', '2026-01-10'),
    ],
    ['nothing stays nothing', '2026-02-15', null, null],
  ])('%s', (_name, cancelAt, pending, expected) => {
    expect(dueOnceCanceled({ ...MONTHLY, cancelAtMs: ms(cancelAt) }, pending)).toEqual(expected);
  });
});
