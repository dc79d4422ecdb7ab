import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planUsageRead } from '../../shared/domain/metering/plan-usage-read.ts';
import type { UsageRow } from '../../shared/domain/metering/rows.ts';
import type { UsageReadPlan } from '../../shared/domain/metering/usage-read.ts';
import { parseWindow, windowsOf } from '../../shared/domain/metering/windows.ts';
import { canonicalJson } from '../../shared/kernel/canonical-json.ts';
import { monthPartition } from '../../shared/kernel/time.ts';
import {
  type AnalyticsUnderTest,
  DAY_MS,
  HOUR_MS,
  insertAll,
  MINUTE_MS,
  unique,
  usageRow,
} from './analytics-builders.ts';
import { expectedUsage } from './analytics-oracle.ts';

/** Two days before the clocks of Berlin change, in the last week of a month: seven days around both. */
const START_MS = Date.UTC(2026, 9, 24);
const SPAN_MS = 9 * DAY_MS;

const instant = fc.oneof(
  fc.integer({ min: 0, max: SPAN_MS / HOUR_MS }).map((hours) => START_MS + hours * HOUR_MS),
  fc.integer({ min: 0, max: SPAN_MS / MINUTE_MS }).map((minutes) => START_MS + minutes * MINUTE_MS),
  fc.integer({ min: 0, max: SPAN_MS }).map((ms) => START_MS + ms),
);
const quantity = fc
  .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.constantFrom(0, 1, 6, 12))
  .map(([value, places]) => {
    const digits = String(value < 0n ? -value : value).padStart(places + 1, '0');
    const split = digits.length - places;
    const text = places === 0 ? digits : `${digits.slice(0, split)}.${digits.slice(split)}`;
    return value < 0n ? `-${text}` : text;
  });
const region = fc.constantFrom(undefined, '', 'eu', 'us', '😀', 'ä');
const row = fc.record({
  timeMs: instant,
  quantity,
  customer: fc.constantFrom('acme', 'globex', 'initech'),
  dimensions: fc.record({ region, model: region }).map(({ region, model }) => {
    const present = Object.entries({ region, model }).filter((entry) => entry[1] !== undefined);
    return canonicalJson(Object.fromEntries(present) as Record<string, string>);
  }),
  uniqueKey: fc.constantFrom('a', 'b', 'c', 'd'),
  id: fc.constantFrom('1', '2', '10'),
  source: fc.string({ minLength: 1, maxLength: 3 }),
});
const window = fc.oneof(
  fc.constant({}),
  fc.record({
    window: fc.constantFrom('hour', 'day', 'week', 'month'),
    timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe'),
  }),
  fc.record({
    window: fc.constantFrom('24h', '90m', '3d', '1h'),
    step: fc.constantFrom('1h', '30m', '2h', '7m'),
  }),
);
const question = fc.record({
  range: fc.uniqueArray(instant, { minLength: 2, maxLength: 2 }),
  window,
  aggregation: fc.constantFrom('count', 'sum', 'min', 'max', 'avg', 'latest', 'unique_count'),
  groupBy: fc.subarray(['region', 'customer', 'model']),
  customer: fc.constantFrom(undefined, undefined, 'acme', 'nobody'),
  filters: fc.constantFrom({}, {}, { region: ['eu', '😀'] }, { model: [''], customer: ['acme', 'globex'] }),
});
type Asked = typeof question extends fc.Arbitrary<infer Q> ? Q : never;

export function describeRandomUsage({ analytics, runs }: AnalyticsUnderTest): void {
  describe('random usage', () => {
    it('equals a fold over the rows, in any window, zone, group and filter, beside dirty hours', async () => {
      let answered = 0;
      const rows = fc.array(row, { minLength: 1, maxLength: 40 });
      const removed = fc.array(row, { maxLength: 4 });
      const questions = fc.array(question, { minLength: 6, maxLength: 6 });
      const property = fc.asyncProperty(rows, removed, questions, async (kept, gone, asked) => {
        const tenant = unique('tenant');
        const stored = kept.map((fields) => usageRow({ ...fields, tenant, chunk: 'kept' }));
        await insertAll(analytics(), 'usage', stored);
        // Their rows go, the rollups keep what they counted: such hours are dirty.
        const lost = gone.map((fields) => usageRow({ ...fields, tenant, chunk: 'gone' }));
        await insertAll(analytics(), 'usage', lost);
        for (const partition of new Set(lost.map(({ timeMs }) => monthPartition(timeMs)))) {
          await analytics().removePart({ table: 'usage', partition, chunk: 'gone', tenant });
        }
        const dirtyHoursMs = lost.map(({ timeMs }) => Math.floor(timeMs / HOUR_MS) * HOUR_MS);
        for (const each of asked) {
          const plan = planOf(each, tenant, dirtyHoursMs);
          const found = await analytics().usage(plan);
          const answer = found.map(({ windowStartMs, group, value }) => [windowStartMs, group, value]);
          expect(answer).toEqual(expectedUsage(stored, plan));
          answered += answer.length;
          await checkGroups(plan, stored, dirtyHoursMs);
        }
      });
      await fc.assert(property, { numRuns: runs });
      expect(answered).toBeGreaterThan(runs);
    });
  });

  async function checkGroups(
    plan: UsageReadPlan,
    stored: readonly UsageRow[],
    dirtyHoursMs: readonly number[],
  ) {
    if (plan.groupBy.length === 0) return;
    const whole = planUsageRead({ ...plan, windows: { kind: 'single' }, aggregation: 'count', dirtyHoursMs });
    const expected = expectedUsage(stored, whole).map(([, group]) => group);
    expect(await analytics().usageGroups(whole, 1_000)).toEqual(expected);
  }
}

function planOf(asked: Asked, tenant: string, dirtyHoursMs: readonly number[]): UsageReadPlan {
  const [first = 0, second = 0] = asked.range;
  const range = { fromMs: Math.min(first, second), toMs: Math.max(first, second) };
  const spec = parseWindow(asked.window);
  const windows = spec.ok ? windowsOf(spec.value, range) : spec;
  if (!windows.ok) throw new Error(windows.error.detail);
  const { aggregation, groupBy, filters, customer } = asked;
  return planUsageRead({
    ...{ tenant, meter: 'tokens', generation: 0, aggregation, ...range, windows: windows.value },
    ...{ groupBy, filters: filters as Record<string, string[]>, dirtyHoursMs },
    ...(customer === undefined ? {} : { customer }),
  });
}
