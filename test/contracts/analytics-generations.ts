import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DayGeneration } from '../../shared/domain/metering/generations.ts';
import type { UsageRow } from '../../shared/domain/metering/rows.ts';
import type { FoldQuery } from '../../shared/ports/analytics.ts';
import {
  type AnalyticsUnderTest,
  DAY_MS,
  dayPlan,
  HOUR_MS,
  insertAll,
  NOON_MS,
  unique,
  usageRow,
} from './analytics-builders.ts';
import { expectedUsage } from './analytics-oracle.ts';
import { snapshotOf } from './analytics-snapshots.ts';

const START_MS = NOON_MS - 12 * HOUR_MS;
const GRAINS = ['minute', 'hour', 'day'] as const;
const AGGREGATIONS = ['count', 'sum', 'avg'] as const;

export function describeGenerations({ analytics, runs }: AnalyticsUnderTest): void {
  const dayOf = (tenant: string, fields: Partial<FoldQuery> = {}): FoldQuery => {
    const range = { fromMs: START_MS, toMs: START_MS + DAY_MS };
    return { tenant, meter: 'tokens', ...range, belowRevision: 10, ...fields };
  };
  const totalsOf = async (query: FoldQuery, generation: number) => ({
    standing: await analytics().standingTotals(query),
    folded: await analytics().foldedTotals({ ...query, generation }),
  });
  /** What each rollup answers of the day in a generation, and what the rows themselves do. */
  const sums = async (tenant: string, generation: number) => {
    const generations = [{ dayMs: START_MS, generation }];
    const plans = [...GRAINS, 'usage' as const].map((grain) => dayPlan(tenant, { grain, generations }));
    const found = await Promise.all(plans.map((plan) => analytics().usage(plan)));
    return found.map(([only]) => only?.value ?? null);
  };

  describe('generations', () => {
    it('of rows are all history: each event is counted whatever rollups count it', async () => {
      const tenant = unique('tenant');
      const first = usageRow({ tenant, quantity: '1', timeMs: NOON_MS + 2, source: 's' });
      const others = [1, 2, 3].map((generation) =>
        usageRow({
          tenant,
          quantity: String(10 ** generation),
          generation,
          timeMs: NOON_MS + 4 - generation,
        }),
      );
      const taken = { ...first, sign: -1, generation: 2, revision: 5 } as const;
      await insertAll(analytics(), 'usage', [first, ...others, taken]);
      expect(await sums(tenant, 7)).toEqual([null, null, null, '1110']);
      expect(await analytics().snapshotUsage(snapshotOf(tenant))).toMatchObject([{ value: '1110' }]);
      const asked = { ...snapshotOf(tenant), limit: 3 };
      const page = await analytics().evidence(asked);
      const counted = ({ rows }: typeof page) => rows.map(({ quantity, sign }) => [quantity, sign]);
      expect(counted(page)).toEqual([
        ['1000', 1],
        ['100', 1],
        ['1', 1],
        ['1', -1],
      ]);
      const rest = await analytics().evidence({
        ...asked,
        ...(page.next === null ? {} : { after: page.next }),
      });
      expect(counted(rest)).toEqual([['10', 1]]);
      const identity = { tenant, source: 'default', id: others[2]?.id ?? '' };
      expect(await analytics().metersOfEvent(identity)).toEqual([{ meter: 'tokens', quantity: '1000' }]);
    });

    it('of rollups are those that are named for their days, and 0 on other days', async () => {
      const tenant = unique('tenant');
      const days = [-1, 0, 1, 2].map((day) => Date.UTC(1969, 11, 31 + day));
      const rows = days.flatMap((dayMs, day) =>
        [0, 1, 2].map((generation) => {
          const quantity = String((day + 1) * 10 ** generation);
          return usageRow({ tenant, generation, quantity, timeMs: dayMs + 13 * HOUR_MS + generation });
        }),
      );
      await insertAll(analytics(), 'usage', rows);
      const range = { fromMs: days[0] ?? 0, toMs: (days[3] ?? 0) + DAY_MS };
      const read = async (generations: readonly DayGeneration[]) => {
        const plans = GRAINS.map((grain) => dayPlan(tenant, { ...range, grain, generations }));
        const found = await Promise.all(plans.map((plan) => analytics().usage(plan)));
        return found.map(([only]) => only?.value);
      };
      expect(await read([])).toEqual(['10', '10', '10']);
      const named = [
        { dayMs: days[1] ?? 0, generation: 2 },
        { dayMs: days[2] ?? 0, generation: 1 },
      ];
      expect(await read(named)).toEqual(['235', '235', '235']);
    });

    it('list no group of which everything was taken back', async () => {
      const tenant = unique('tenant');
      const gone = usageRow({ tenant, customer: 'gone' });
      await insertAll(analytics(), 'usage', [gone, usageRow({ tenant }), { ...gone, sign: -1 }]);
      for (const grain of [...GRAINS, 'usage' as const]) {
        const plan = dayPlan(tenant, { grain, groupBy: ['customer'] });
        expect(await analytics().usageGroups(plan, 10)).toEqual([['globex']]);
      }
    });
  });

  describe('a fold', () => {
    it('counts in all rollups of its generation what stands below its revision, and is seen nowhere else', async () => {
      const tenant = unique('tenant');
      const kept = usageRow({ tenant, quantity: '1.000000000001', timeMs: START_MS });
      const gone = usageRow({ tenant, quantity: '50' });
      const twice = usageRow({ tenant, quantity: '3', timeMs: START_MS + DAY_MS - 1 });
      const later = usageRow({ tenant, quantity: '400', revision: 10, generation: 1 });
      const rows = [kept, gone, { ...gone, sign: -1 as const, revision: 9 }, twice, twice, later];
      const strangers = [
        usageRow({ tenant, meter: 'other', quantity: '5000' }),
        usageRow({ tenant: unique('tenant'), quantity: '5000' }),
        usageRow({ tenant, timeMs: START_MS - 1, quantity: '5000' }),
        usageRow({ tenant, timeMs: START_MS + DAY_MS, quantity: '5000' }),
      ];
      await insertAll(analytics(), 'usage', [...rows, ...strangers]);
      const day = dayOf(tenant);
      const before = await totalsOf(day, 1);
      expect(before.folded).toEqual([]);
      expect(before.standing).toMatchObject([
        { hourMs: START_MS, rows: '1', quantity: '1.000000000001' },
        { hourMs: START_MS + 23 * HOUR_MS, rows: '2', quantity: '6' },
      ]);
      await analytics().fold({ ...day, generation: 1 });
      const after = await totalsOf(day, 1);
      expect(after).toEqual({ standing: before.standing, folded: before.standing });
      const all = '407.000000000001';
      expect(await sums(tenant, 1)).toEqual([all, all, all, all]);
      expect(await sums(tenant, 0)).toEqual(['7.000000000001', '7.000000000001', '7.000000000001', all]);
      expect(await analytics().snapshotUsage(snapshotOf(tenant))).toMatchObject([{ value: '400' }]);
      const evidence = await analytics().evidence({ ...snapshotOf(tenant), limit: 10 });
      expect(evidence.rows.map(({ quantity }) => quantity).toSorted()).toEqual(['400', '50', '50']);
      const identity = { tenant, source: kept.source, id: kept.id };
      expect(await analytics().metersOfEvent(identity)).toMatchObject([{ quantity: '1.000000000001' }]);
    });

    it('hour by hour comes to the same as at once, and leaves other generations as they are', async () => {
      const tenant = unique('tenant');
      const hours = [0, 9, 23];
      const rows = hours.map((hour) =>
        usageRow({ tenant, quantity: String(hour + 1), timeMs: START_MS + hour * HOUR_MS }),
      );
      await insertAll(analytics(), 'usage', rows);
      const day = dayOf(tenant);
      await analytics().fold({ ...day, generation: 1 });
      for (const hour of hours) {
        const fromMs = START_MS + hour * HOUR_MS;
        await analytics().fold({ ...day, fromMs, toMs: fromMs + HOUR_MS, generation: 2 });
      }
      expect(await sums(tenant, 1)).toEqual(['35', '35', '35', '35']);
      expect(await sums(tenant, 2)).toEqual(['35', '35', '35', '35']);
      const { standing, folded } = await totalsOf(day, 2);
      expect(folded).toEqual(standing);
      expect(folded).toHaveLength(hours.length);
    });

    it('of which a part is missing, or other rows of the same sums stand, shows in the totals', async () => {
      const tenant = unique('tenant');
      const [one, two] = [usageRow({ tenant }), usageRow({ tenant })];
      await insertAll(analytics(), 'usage', [one]);
      const day = dayOf(tenant);
      await analytics().fold({ ...day, generation: 1 });
      await insertAll(analytics(), 'usage', [{ ...one, sign: -1 }, two]);
      const { standing, folded } = await totalsOf(day, 1);
      expect(folded).not.toEqual(standing);
      expect(folded.map(({ rows, quantity }) => [rows, quantity])).toEqual(
        standing.map(({ rows, quantity }) => [rows, quantity]),
      );
      await insertAll(analytics(), 'usage', [usageRow({ tenant, timeMs: START_MS })]);
      expect((await totalsOf(day, 1)).standing).toHaveLength(2);
    });

    it('equals the fold of any history, also one of several generations', async () => {
      const event = fc.record({
        minute: fc.integer({ min: -60, max: 1_500 }),
        quantity: fc.constantFrom('0', '1', '-2.5', '0.000000000001', '99999999999999999999999999'),
        customer: fc.constantFrom('acme', 'globex'),
        dimensions: fc.constantFrom('{}', '{"region":"eu"}'),
        planned: fc.integer({ min: 1, max: 12 }),
        takenBack: fc.option(fc.integer({ min: 0, max: 4 })),
      });
      const property = fc.asyncProperty(fc.array(event, { maxLength: 15 }), async (events) => {
        const tenant = unique('tenant');
        const rows = events.flatMap(({ minute, planned, takenBack, ...fields }): UsageRow[] => {
          const timeMs = START_MS + minute * 60_000;
          const row = usageRow({ tenant, timeMs, ...fields, revision: planned, generation: planned % 3 });
          if (takenBack === null) return [row];
          return [row, { ...row, sign: -1, revision: planned + takenBack, generation: 3 }];
        });
        await insertAll(analytics(), 'usage', rows);
        const day = dayOf(tenant);
        await analytics().fold({ ...day, generation: 9 });
        const { standing, folded } = await totalsOf(day, 9);
        expect(folded).toEqual(standing);
        const below = rows.filter(({ revision }) => revision < day.belowRevision);
        const stands = ({ id }: UsageRow) => below.filter((row) => row.id === id).length === 1;
        const expected = below.filter(stands);
        const generations = [{ dayMs: START_MS, generation: 9 }];
        for (const grain of GRAINS) {
          for (const aggregation of AGGREGATIONS) {
            const plan = dayPlan(tenant, {
              grain,
              aggregation,
              generations,
              groupBy: ['customer', 'region'],
            });
            const found = await analytics().usage(plan);
            const answer = found.map(({ windowStartMs, group, value }) => [windowStartMs, group, value]);
            expect(answer).toEqual(expectedUsage(expected, plan));
          }
        }
      });
      await fc.assert(property, { numRuns: runs });
    });
  });
}
