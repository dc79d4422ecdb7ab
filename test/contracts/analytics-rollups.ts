import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planUsageRead } from '../../shared/domain/metering/plan-usage-read.ts';
import type { UsageRow } from '../../shared/domain/metering/rows.ts';
import {
  type Aggregation,
  ROLLUP_GRAINS,
  type UsageReadPlan,
} from '../../shared/domain/metering/usage-read.ts';
import { monthPartition } from '../../shared/kernel/time.ts';
import {
  type AnalyticsUnderTest,
  DAY_MS,
  dayPlan,
  HOUR_MS,
  insertAll,
  MINUTE_MS,
  NOON_MS,
  unique,
  usageRow,
} from './analytics-builders.ts';
import { expectedUsage } from './analytics-oracle.ts';
import { AGGREGATIONS, planOf, usageQuestion, usageRowFields } from './analytics-usage-arbitraries.ts';

export function describeRollups({ analytics, runs }: AnalyticsUnderTest): void {
  /** Rows and counts that the plan is answered with, whatever its aggregation. */
  const check = async (stored: readonly UsageRow[], plan: UsageReadPlan) => {
    const counts = expectedUsage(stored, { ...plan, aggregation: 'count' });
    const found = await analytics().usage(plan);
    const answer = found.map(({ windowStartMs, group, value }) => [windowStartMs, group, value]);
    expect(answer).toEqual(expectedUsage(stored, plan));
    expect(found.map(({ count }) => count)).toEqual(counts.map(([, , count]) => count));
    return found.length;
  };
  const remove = async (rows: readonly UsageRow[], chunk: string) => {
    const gone = rows.filter((row) => row.chunk === chunk);
    for (const partition of new Set(gone.map(({ timeMs }) => monthPartition(timeMs)))) {
      await analytics().removePart({ table: 'usage', partition, chunk });
    }
  };

  describe('rollups', () => {
    const rowsOf = (tenant: string, chunk: string): readonly UsageRow[] => {
      const at = (minute: number, fields: Partial<UsageRow>) =>
        usageRow({ tenant, chunk, timeMs: NOON_MS + minute * MINUTE_MS, ...fields });
      return [
        at(0, { quantity: '3', uniqueKey: 'a', customer: 'initech' }),
        at(0, { quantity: '-0.000000000001', uniqueKey: 'b' }),
        at(1, { quantity: '12345678901234567890123456.5', uniqueKey: 'a' }),
        at(61, { quantity: '0', uniqueKey: '' }),
        // The latest of one instant: by id, then by source.
        at(300, { quantity: '7', uniqueKey: 'c', id: 'b', source: 'x' }),
        at(300, { quantity: '9', uniqueKey: 'b', id: 'b', source: 'y' }),
        at(300, { quantity: '8', uniqueKey: 'b', id: 'B', source: 'z' }),
        at(299, { quantity: '10', uniqueKey: 'b', id: 'z', source: 'z' }),
        at(300, { quantity: '1', uniqueKey: '', customer: 'initech', id: 'a' }),
      ];
    };

    it('alone answer every aggregation, also of rows that are no longer there', async () => {
      const [tenant, chunk] = [unique('tenant'), unique('chunk')];
      const rows = rowsOf(tenant, chunk);
      // The later half first: a rollup merges what came in any order.
      await insertAll(analytics(), 'usage', rows.slice(5));
      await insertAll(analytics(), 'usage', rows.slice(0, 5));
      await remove(rows, chunk);
      for (const aggregation of AGGREGATIONS) {
        expect(await analytics().usage(dayPlan(tenant, { aggregation, grain: 'usage' }))).toEqual([]);
        for (const grain of ROLLUP_GRAINS[aggregation]) {
          expect(await check(rows, dayPlan(tenant, { aggregation, grain }))).toBe(1);
          expect(await check(rows, dayPlan(tenant, { aggregation, grain, groupBy: ['customer'] }))).toBe(2);
        }
      }
    });

    it('that do not hold an aggregation are no answer to it', async () => {
      const plan = dayPlan(unique('tenant'), { aggregation: 'latest', grain: 'minute' });
      await expect(analytics().usage(plan)).rejects.toThrow('latest');
    });

    it('before 1970 are those of their minute, hour and day', async () => {
      const [tenant, chunk] = [unique('tenant'), unique('chunk')];
      const timesMs = [-1, -MINUTE_MS, -MINUTE_MS - 1, -HOUR_MS, -HOUR_MS - 1].map(
        (ms) => Date.UTC(1950, 0, 2) + ms,
      );
      const rows = timesMs.map((timeMs, index) => usageRow({ tenant, chunk, timeMs, quantity: `${index}` }));
      await insertAll(analytics(), 'usage', rows);
      await remove(rows, chunk);
      const range = { fromMs: Date.UTC(1950, 0, 1), toMs: Date.UTC(1950, 0, 2) };
      for (const aggregation of AGGREGATIONS) {
        for (const grain of ROLLUP_GRAINS[aggregation]) {
          expect(await check(rows, dayPlan(tenant, { ...range, aggregation, grain }))).toBe(1);
        }
      }
    });

    it('and rows in very many stretches are each read once, up to their edges', async () => {
      const [tenant, kept, gone] = [unique('tenant'), unique('kept'), unique('gone')];
      const hours = Array.from({ length: 120 }, (_, hour) => NOON_MS - 2 * DAY_MS + hour * HOUR_MS);
      const dirtyHoursMs = hours.filter((_, index) => index % 2 === 1);
      const range = { fromMs: NOON_MS - 2 * DAY_MS + 1, toMs: NOON_MS + 3 * DAY_MS - 1 };
      const rows = hours.flatMap((hourMs, index) => {
        return [hourMs, hourMs + 1, hourMs + HOUR_MS - 1].map((timeMs) => {
          const fields = { quantity: `${(index * 7) % 120}`, uniqueKey: `${index % 50}` };
          return usageRow({ tenant, timeMs, chunk: kept, ...fields });
        });
      });
      const wrong = dirtyHoursMs.map((timeMs) => usageRow({ tenant, timeMs, chunk: gone, quantity: '-1' }));
      await insertAll(analytics(), 'usage', [...rows, ...wrong]);
      await remove(wrong, gone);
      const whole = { ...range, windows: { kind: 'single' } as const, dirtyHoursMs };
      const boundariesMs = [range.fromMs, ...hours.slice(1), range.toMs];
      const hourly = { ...whole, windows: { kind: 'boundaries', boundariesMs } as const };
      for (const aggregation of AGGREGATIONS) {
        const plan = planUsageRead({ ...dayPlan(tenant, { aggregation }), ...whole });
        expect(plan.segments.filter(({ grain }) => grain === 'usage').length).toBeGreaterThan(50);
        expect(await check(rows, plan)).toBe(1);
        expect(await check(rows, planUsageRead({ ...plan, ...hourly }))).toBe(120);
      }
    });

    it('and rows make up any answer together: nothing that a rollup answers is read from rows', async () => {
      let answered = 0;
      const fields = usageRowFields({ minLength: 20, maxLength: 40 });
      const property = fc.asyncProperty(fields, usageQuestion, async (all, asked) => {
        const [tenant, kept, gone] = [unique('tenant'), unique('kept'), unique('gone')];
        const rolledUp = planOf(asked, tenant).segments.filter(({ grain }) => grain !== 'usage');
        const rows = all.map((each) => {
          const isRolledUp = rolledUp.some(({ fromMs, toMs }) => fromMs <= each.timeMs && each.timeMs < toMs);
          return usageRow({ ...each, tenant, chunk: isRolledUp ? gone : kept });
        });
        await insertAll(analytics(), 'usage', rows);
        await remove(rows, gone);
        for (const aggregation of alike(asked.aggregation)) {
          answered += await check(rows, planOf({ ...asked, aggregation }, tenant));
        }
      });
      // Each run asks several questions, and removes rows, which takes its time.
      await fc.assert(property, { numRuns: Math.ceil(runs / 2) });
      expect(answered).toBeGreaterThan(runs);
    });
  });
}

/** The aggregations that are answered from the same rollups. */
function alike(aggregation: Aggregation): readonly Aggregation[] {
  return AGGREGATIONS.filter((other) => isDeepStrictEqual(ROLLUP_GRAINS[other], ROLLUP_GRAINS[aggregation]));
}
