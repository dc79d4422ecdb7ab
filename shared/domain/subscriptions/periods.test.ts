import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cadence, recurrenceBoundary } from '../../kernel/recurrence.ts';
import { formatInstant } from '../../kernel/time.ts';
import { nextBoundary, periodAt, periodsBetween } from './periods.ts';
import type { BillingPeriod, SubscriptionTerms } from './subscription.ts';

const ms = (text: string) => Date.parse(text);
const text = (instantMs: number) => formatInstant(instantMs).replace(/:00\.000Z$/, '');
const shown = ({ startMs, endMs }: BillingPeriod) => `${text(startMs)} ${text(endMs)}`;

function terms(cadence: Cadence, startsAt: string, more: Partial<SubscriptionTerms> = {}): SubscriptionTerms {
  const startsAtMs = ms(startsAt);
  return {
    startsAtMs,
    anchorMs: startsAtMs,
    timeZone: 'UTC',
    cadence,
    version: null,
    cancelAtMs: null,
    ...more,
  };
}

const firstPeriods = (subscription: SubscriptionTerms, limit: number) =>
  periodsBetween({ subscription, fromMs: subscription.startsAtMs, toMs: ms('2050-01-01T00:00:00Z'), limit });

describe('periods are counted from the anchor', () => {
  test.each<[string, SubscriptionTerms, string[]]>([
    [
      'the last day of a month returns after a shorter one',
      terms('month', '2026-01-31T00:00:00Z'),
      [
        '2026-01-31T00:00 2026-02-28T00:00',
        '2026-02-28T00:00 2026-03-31T00:00',
        '2026-03-31T00:00 2026-04-30T00:00',
      ],
    ],
    [
      'a day is 23 hours long where the clocks go forward',
      terms('day', '2026-03-27T23:00:00Z', { timeZone: 'Europe/Berlin' }),
      [
        '2026-03-27T23:00 2026-03-28T23:00',
        '2026-03-28T23:00 2026-03-29T22:00',
        '2026-03-29T22:00 2026-03-30T22:00',
      ],
    ],
    [
      'a day is 25 hours long where they go back',
      terms('day', '2026-10-24T22:00:00Z', { timeZone: 'Europe/Berlin' }),
      ['2026-10-24T22:00 2026-10-25T23:00', '2026-10-25T23:00 2026-10-26T23:00'],
    ],
    [
      'hours are exact time across a change of clocks',
      terms('hour', '2026-03-29T00:15:00Z', { timeZone: 'Europe/Berlin' }),
      ['2026-03-29T00:15 2026-03-29T01:15', '2026-03-29T01:15 2026-03-29T02:15'],
    ],
    [
      'the first one is partial where the anchor is another day',
      terms('month', '2026-02-10T00:00:00Z', { anchorMs: ms('2026-01-31T00:00:00Z') }),
      ['2026-02-10T00:00 2026-02-28T00:00', '2026-02-28T00:00 2026-03-31T00:00'],
    ],
    [
      'an anchor that lies ahead counts backwards, too',
      terms('month', '2026-02-10T00:00:00Z', { anchorMs: ms('2026-05-31T00:00:00Z') }),
      ['2026-02-10T00:00 2026-02-28T00:00', '2026-02-28T00:00 2026-03-31T00:00'],
    ],
    [
      'a start on a boundary begins a whole period',
      terms('month', '2026-02-28T00:00:00Z', { anchorMs: ms('2026-01-31T00:00:00Z') }),
      ['2026-02-28T00:00 2026-03-31T00:00'],
    ],
    [
      'a date that the zone left out makes no period',
      terms('day', '2011-12-28T22:00:00Z', { timeZone: 'Pacific/Apia' }),
      [
        '2011-12-28T22:00 2011-12-29T22:00',
        '2011-12-29T22:00 2011-12-30T22:00',
        '2011-12-30T22:00 2011-12-31T22:00',
      ],
    ],
  ])('%s', (_name, subscription, expected) => {
    expect(firstPeriods(subscription, expected.length).map(shown)).toEqual(expected);
  });
});

test('the last period ends with the subscription, and the base of proration stays whole', () => {
  const subscription = terms('month', '2026-01-10T00:00:00Z', {
    anchorMs: ms('2026-01-01T00:00:00Z'),
    cancelAtMs: ms('2026-02-15T12:00:00Z'),
  });
  const full = (start: string, end: string) => ({ startMs: ms(start), endMs: ms(end) });
  expect(firstPeriods(subscription, 9)).toEqual([
    {
      startMs: ms('2026-01-10T00:00:00Z'),
      endMs: ms('2026-02-01T00:00:00Z'),
      full: full('2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'),
    },
    {
      startMs: ms('2026-02-01T00:00:00Z'),
      endMs: ms('2026-02-15T12:00:00Z'),
      full: full('2026-02-01T00:00:00Z', '2026-03-01T00:00:00Z'),
    },
  ]);
  expect(nextBoundary(subscription, ms('2026-02-01T00:00:00Z'))).toBe(ms('2026-02-15T12:00:00Z'));
  expect(nextBoundary(subscription, ms('2026-02-15T12:00:00Z'))).toBeNull();
});

test('a subscription that ended before it began has no period', () => {
  const startsAtMs = ms('2026-01-10T00:00:00Z');
  for (const cancelAtMs of [startsAtMs, startsAtMs - 1]) {
    const subscription = terms('day', '2026-01-10T00:00:00Z', { cancelAtMs });
    expect(periodAt(subscription, startsAtMs)).toBeNull();
    expect(firstPeriods(subscription, 5)).toEqual([]);
    expect(nextBoundary(subscription, startsAtMs - 5)).toBeNull();
  }
});

const FROM_MS = ms('2024-01-01T00:00:00Z');
const TO_MS = ms('2025-01-01T00:00:00Z');
const DAY_MS = 86_400_000;
const instant = fc.integer({ min: FROM_MS, max: TO_MS - 1 });
const randomTerms = fc
  .record({
    startsAtMs: instant,
    anchorMs: fc.integer({ min: FROM_MS - 900 * DAY_MS, max: TO_MS + 900 * DAY_MS }),
    timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'),
    cadence: fc.constantFrom<Cadence>('hour', 'day', 'week', 'month', 'quarter', 'year'),
    lastsMs: fc.option(fc.integer({ min: 1, max: 200 * DAY_MS })),
  })
  .map(({ lastsMs, ...rest }) => ({
    ...rest,
    version: null,
    cancelAtMs: lastsMs === null ? null : rest.startsAtMs + lastsMs,
  }));

test('periods tile the time from the start to the end, and each inner edge is a boundary of the anchor', () => {
  fc.assert(
    fc.property(randomTerms, (subscription) => {
      const limit = 40;
      const periods = firstPeriods(subscription, limit);
      expect(periods[0]?.startMs).toBe(subscription.startsAtMs);
      for (const [index, period] of periods.entries()) {
        const next = periods[index + 1];
        if (next === undefined) break;
        expect(next.startMs).toBe(period.endMs);
        expect(period.endMs).toBe(period.full.endMs);
        expect(isBoundary(subscription, period.endMs)).toBe(true);
      }
      if (periods.length === limit) return;
      const listedUntilMs = ms('2050-01-01T00:00:00Z');
      const endMs = subscription.cancelAtMs ?? listedUntilMs;
      expect(periods.at(-1)?.startMs).toBeLessThan(endMs);
      expect(periods.at(-1)?.endMs).toBeGreaterThanOrEqual(endMs);
      if (subscription.cancelAtMs !== null) expect(periods.at(-1)?.endMs).toBe(endMs);
    }),
    { numRuns: 100 },
  );
});

test('every instant has the period that the list shows, wherever the list begins', () => {
  fc.assert(
    fc.property(randomTerms, instant, (subscription, atMs) => {
      const found = periodAt(subscription, atMs);
      const isAlive = atMs >= subscription.startsAtMs && atMs < (subscription.cancelAtMs ?? TO_MS);
      expect(found !== null).toBe(isAlive);
      if (found === null) return;
      expect(periodsBetween({ subscription, fromMs: atMs, toMs: atMs + 1, limit: 5 })).toEqual([found]);
      expect(nextBoundary(subscription, atMs)).toBe(found.endMs);
      expect(nextBoundary(subscription, found.startMs)).toBe(found.endMs);
      expect(nextBoundary(subscription, found.endMs)).not.toBe(found.endMs);
    }),
    { numRuns: 200 },
  );
});

/** Found by walking all boundaries around, with a step that is the shortest a period may be. */
function isBoundary(subscription: SubscriptionTerms, atMs: number): boolean {
  const shortestMs = { hour: 1, day: 23, week: 166, month: 670, quarter: 2_150, year: 8_750 };
  const stepMs = shortestMs[subscription.cadence] * 3_600_000;
  const furthest = Math.trunc((atMs - subscription.anchorMs) / stepMs);
  const slack = Math.ceil(Math.abs(furthest) / 10) + 2;
  for (let index = furthest - slack; index <= furthest + slack; index += 1) {
    if (recurrenceBoundary(subscription, index) === atMs) return true;
  }
  return false;
}
