import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planUsageRead } from '../../shared/domain/metering/plan-usage-read.ts';
import type { UsageRow } from '../../shared/domain/metering/rows.ts';
import type { UsageReadPlan } from '../../shared/domain/metering/usage-read.ts';
import { monthPartition } from '../../shared/kernel/time.ts';
import { type AnalyticsUnderTest, HOUR_MS, insertAll, unique, usageRow } from './analytics-builders.ts';
import { expectedUsage } from './analytics-oracle.ts';
import { planOf, usageQuestion, usageRowFields } from './analytics-usage-arbitraries.ts';

/** How many of the rows are taken back, and how many of those counted again. */
const corrections = fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 2 }));

export function describeRandomUsage({ analytics, runs }: AnalyticsUnderTest): void {
  describe('random usage', () => {
    it('equals a fold over the rows, in any window, zone, group and filter, beside dirty hours', async () => {
      let answered = 0;
      const rows = usageRowFields({ minLength: 1, maxLength: 40 });
      const removed = usageRowFields({ maxLength: 4 });
      const questions = fc.array(usageQuestion, { minLength: 6, maxLength: 6 });
      const property = fc.asyncProperty(
        rows,
        removed,
        corrections,
        questions,
        async (kept, gone, [takenBack, countedAgain], asked) => {
          const tenant = unique('tenant');
          const first = kept.map((fields) => usageRow({ ...fields, tenant, chunk: 'kept' }));
          const negated = first.slice(0, takenBack).map((row) => usageRow({ ...row, sign: -1, revision: 4 }));
          const again = first.slice(0, Math.min(takenBack, countedAgain)).map((row) => usageRow(row));
          const stored = [...first, ...negated, ...again];
          await insertAll(analytics(), 'usage', stored);
          const lost = gone.map((fields) => usageRow({ ...fields, tenant, chunk: 'gone' }));
          await insertAndRemove(lost);
          // Rollups keep what was lost, and know no way to take a value back.
          const dirtyHoursMs = [...lost, ...negated].map(hourOf);
          for (const each of asked) {
            const plan = planOf(each, tenant, dirtyHoursMs);
            const found = await analytics().usage(plan);
            const answer = found.map(({ windowStartMs, group, value }) => [windowStartMs, group, value]);
            expect(answer).toEqual(expectedUsage(stored, plan));
            answered += answer.length;
            await checkGroups(plan, stored, dirtyHoursMs);
          }
        },
      );
      await fc.assert(property, { numRuns: runs });
      expect(answered).toBeGreaterThan(runs);
    });
  });

  async function insertAndRemove(rows: readonly UsageRow[]): Promise<void> {
    await insertAll(analytics(), 'usage', rows);
    const parts = new Map(
      rows.map(({ timeMs, chunk, tenant }) => {
        const partition = monthPartition(timeMs);
        return [partition, { table: 'usage', partition, chunk, tenant } as const];
      }),
    );
    for (const part of parts.values()) await analytics().removePart(part);
  }

  async function checkGroups(
    plan: UsageReadPlan,
    stored: readonly UsageRow[],
    dirtyHoursMs: readonly number[],
  ) {
    if (plan.groupBy.length === 0) return;
    const whole = planUsageRead({ ...plan, windows: { kind: 'single' }, aggregation: 'count', dirtyHoursMs });
    const standing = expectedUsage(stored, whole).filter(([, , value]) => value !== '0');
    const expected = standing.map(([, group]) => group);
    expect(await analytics().usageGroups(whole, 1_000)).toEqual(expected);
  }
}

function hourOf({ timeMs }: UsageRow): number {
  return Math.floor(timeMs / HOUR_MS) * HOUR_MS;
}
