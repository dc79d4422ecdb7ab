import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cadence, recurrenceBoundary } from '../../kernel/recurrence.ts';
import { formatInstant } from '../../kernel/time.ts';
import type { PublishedVersion } from '../catalog/version-at.ts';
import { periodAt, periodsBetween } from './periods.ts';
import { segmentsOf } from './segments.ts';
import type { SubscriptionTerms } from './subscription.ts';

const ms = (text: string) => Date.parse(`${text}T00:00:00Z`);
const day = (instantMs: number) => formatInstant(instantMs).slice(0, 10);

const MONTHLY: SubscriptionTerms = {
  startsAtMs: ms('2026-01-01'),
  anchorMs: ms('2026-01-01'),
  timeZone: 'UTC',
  cadence: 'month',
  version: null,
  cancelAtMs: null,
};

const version = (number: number, from: string, apply: PublishedVersion['apply'] = 'next_period') => ({
  version: number,
  effectiveFromMs: ms(from),
  apply,
});
const FIRST = version(1, '2025-06-01');

/** The segments of three months from January as `version start end`. */
function shown(versions: readonly PublishedVersion[], more: Partial<SubscriptionTerms> = {}) {
  const subscription = { ...MONTHLY, ...more };
  const fromMs = subscription.startsAtMs;
  return periodsBetween({ subscription, fromMs, toMs: ms('2026-04-01'), limit: 9 })
    .flatMap((period) => segmentsOf({ subscription, versions, period }))
    .map((segment) => `v${segment.version} ${day(segment.startMs)} ${day(segment.endMs)}`);
}

describe('a following subscription takes a later version up', () => {
  test.each<[string, PublishedVersion[], string[]]>([
    [
      'where its next period begins',
      [FIRST, version(2, '2026-01-15')],
      ['v1 2026-01-01 2026-02-01', 'v2 2026-02-01 2026-03-01', 'v2 2026-03-01 2026-04-01'],
    ],
    [
      'at the very boundary that it takes effect at',
      [FIRST, version(2, '2026-02-01')],
      ['v1 2026-01-01 2026-02-01', 'v2 2026-02-01 2026-03-01', 'v2 2026-03-01 2026-04-01'],
    ],
    [
      'at once, in two segments of one period',
      [FIRST, version(2, '2026-01-15', 'immediately')],
      [
        'v1 2026-01-01 2026-01-15',
        'v2 2026-01-15 2026-02-01',
        'v2 2026-02-01 2026-03-01',
        'v2 2026-03-01 2026-04-01',
      ],
    ],
    [
      'several times in one period',
      [
        FIRST,
        version(2, '2026-01-10', 'immediately'),
        version(4, '2026-01-20', 'immediately'),
        version(5, '2026-01-25'),
      ],
      [
        'v1 2026-01-01 2026-01-10',
        'v2 2026-01-10 2026-01-20',
        'v4 2026-01-20 2026-02-01',
        'v5 2026-02-01 2026-03-01',
        'v5 2026-03-01 2026-04-01',
      ],
    ],
    [
      'unless a newer one came first',
      [FIRST, version(2, '2026-01-10'), version(3, '2026-01-20', 'immediately')],
      [
        'v1 2026-01-01 2026-01-20',
        'v3 2026-01-20 2026-02-01',
        'v3 2026-02-01 2026-03-01',
        'v3 2026-03-01 2026-04-01',
      ],
    ],
    [
      'of several at one boundary the newest',
      [FIRST, version(2, '2026-01-10'), version(3, '2026-01-20')],
      ['v1 2026-01-01 2026-02-01', 'v3 2026-02-01 2026-03-01', 'v3 2026-03-01 2026-04-01'],
    ],
    [
      'from the start where it takes effect then',
      [FIRST, version(2, '2026-01-01')],
      ['v2 2026-01-01 2026-02-01', 'v2 2026-02-01 2026-03-01', 'v2 2026-03-01 2026-04-01'],
    ],
    [
      'and has the first version before any takes effect',
      [version(3, '2026-02-15'), version(4, '2026-02-20')],
      ['v3 2026-01-01 2026-02-01', 'v3 2026-02-01 2026-03-01', 'v4 2026-03-01 2026-04-01'],
    ],
  ])('%s', (_name, versions, expected) => {
    expect(shown(versions)).toEqual(expected);
  });
});

test('a pinned subscription never changes', () => {
  const versions = [FIRST, version(2, '2026-01-15', 'immediately'), version(3, '2026-02-01')];
  expect(shown(versions, { version: 1 })).toEqual([
    'v1 2026-01-01 2026-02-01',
    'v1 2026-02-01 2026-03-01',
    'v1 2026-03-01 2026-04-01',
  ]);
});

test('segments of a partial period keep the whole one as the base of proration', () => {
  const subscription = { ...MONTHLY, startsAtMs: ms('2026-01-10'), cancelAtMs: ms('2026-01-25') };
  const period = periodAt(subscription, ms('2026-01-20'));
  const versions = [FIRST, version(2, '2026-01-15', 'immediately')];
  const full = { startMs: ms('2026-01-01'), endMs: ms('2026-02-01') };
  expect(period && segmentsOf({ subscription, versions, period })).toEqual([
    { version: 1, startMs: ms('2026-01-10'), endMs: ms('2026-01-15'), full },
    { version: 2, startMs: ms('2026-01-15'), endMs: ms('2026-01-25'), full },
  ]);
});

test('a following subscription of a plan without a published version throws', () => {
  const period = periodAt(MONTHLY, MONTHLY.startsAtMs);
  expect(() => period && segmentsOf({ subscription: MONTHLY, versions: [], period })).toThrow('missing');
});

test('versions in another order than they were published in throw', () => {
  const disordered = [version(1, '2026-01-01'), version(2, '2025-12-31')];
  expect(() => shown(disordered)).toThrow('later versions take effect later');
  expect(() => shown([version(2, '2026-01-01'), version(1, '2026-01-01')])).toThrow('ascend');
});

const HOUR_MS = 3_600_000;
const START_MS = ms('2026-01-31');
const hoursFromStart = (min: number, max: number) =>
  fc.integer({ min, max }).map((hours) => START_MS + hours * HOUR_MS);

const randomCase = fc.record({
  subscription: fc.record({
    startsAtMs: hoursFromStart(-2_000, 2_000),
    anchorMs: hoursFromStart(-2_000, 2_000),
    timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York'),
    cadence: fc.constantFrom<Cadence>('hour', 'day', 'week', 'month', 'quarter'),
    version: fc.constant(null),
    cancelAtMs: fc.option(hoursFromStart(2_001, 4_000)),
  }),
  versions: fc
    .array(
      fc.record({
        effectiveFromMs: hoursFromStart(-2_500, 3_000),
        apply: fc.constantFrom<PublishedVersion['apply']>('next_period', 'immediately'),
      }),
      { minLength: 1, maxLength: 6 },
    )
    .map((list) =>
      list
        .toSorted((a, b) => a.effectiveFromMs - b.effectiveFromMs)
        .map((one, index) => ({ ...one, version: index * 2 + 1 })),
    ),
  atMs: hoursFromStart(-2_000, 4_000),
});

test('segments tile their period, and every instant has the version that the rules name', () => {
  fc.assert(
    fc.property(randomCase, ({ subscription, versions, atMs }) => {
      const period = periodAt(subscription, atMs);
      fc.pre(period !== null);
      const segments = segmentsOf({ subscription, versions, period });
      expect(segments[0]?.startMs).toBe(period.startMs);
      expect(segments.at(-1)?.endMs).toBe(period.endMs);
      for (const [index, segment] of segments.entries()) {
        const next = segments[index + 1];
        if (next !== undefined) {
          expect(next.startMs).toBe(segment.endMs);
          expect(next.version).toBeGreaterThan(segment.version);
        }
        expect(segment.full).toEqual(period.full);
        for (const instantMs of [segment.startMs, segment.endMs - 1]) {
          expect(segment.version).toBe(versionByTheRules(subscription, versions, instantMs));
        }
      }
    }),
    { numRuns: 300 },
  );
});

/** Word by word, without any shortcut: all boundaries up to the instant are walked from the anchor. */
function versionByTheRules(
  subscription: SubscriptionTerms,
  versions: readonly PublishedVersion[],
  atMs: number,
): number {
  const { startsAtMs } = subscription;
  const inEffect = versions.filter(({ effectiveFromMs }) => effectiveFromMs <= startsAtMs);
  const first = inEffect.at(-1) ?? versions[0];
  const boundaries = boundariesUntil(subscription, atMs).filter((boundaryMs) => boundaryMs > startsAtMs);
  const takenUp = versions.filter(({ version: number, effectiveFromMs, apply }) => {
    if (first === undefined || number <= first.version) return false;
    if (apply === 'immediately') return effectiveFromMs <= atMs;
    return boundaries.some((boundaryMs) => boundaryMs >= effectiveFromMs);
  });
  return Math.max(first?.version ?? 0, ...takenUp.map((one) => one.version));
}

/** All of them from before the start, which is at most 4,000 hours from the anchor. */
function boundariesUntil(subscription: SubscriptionTerms, atMs: number): readonly number[] {
  const hours = { hour: 1, day: 24, week: 168, month: 720, quarter: 2_160, year: 8_760 };
  const boundaries: number[] = [];
  for (let index = -Math.ceil(4_000 / hours[subscription.cadence]) - 2; ; index += 1) {
    const boundaryMs = recurrenceBoundary(subscription, index);
    if (boundaryMs > atMs) return boundaries;
    boundaries.push(boundaryMs);
  }
}
