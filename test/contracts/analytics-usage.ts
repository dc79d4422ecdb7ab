import { describe, expect, it } from 'vitest';
import type { Aggregation } from '../../shared/domain/metering/usage-read.ts';
import { canonicalJson } from '../../shared/kernel/canonical-json.ts';
import {
  type AnalyticsUnderTest,
  dayPlan,
  HOUR_MS,
  insertAll,
  MINUTE_MS,
  NOON_MS,
  unique,
  usageRow,
} from './analytics-builders.ts';

export function describeUsage({ analytics }: AnalyticsUnderTest): void {
  const valueOfDay = async (tenant: string, aggregation: Aggregation) =>
    (await analytics().usage(dayPlan(tenant, { aggregation })))[0]?.value;

  describe('aggregations', () => {
    it.each([
      ['count', '4'],
      ['sum', '-4.5'],
      ['min', '-10'],
      ['max', '3'],
      ['avg', '-1.125'],
      ['latest', '2.5'],
      ['unique_count', '2'],
    ] as const)('%s is exact and leaves out what was taken back', async (aggregation, expected) => {
      const tenant = unique('tenant');
      const row = (quantity: string, uniqueKey: string, minute: number) =>
        usageRow({ tenant, quantity, uniqueKey, timeMs: NOON_MS + minute * MINUTE_MS });
      const wrong = row('-99', 'c', 9);
      const moved = row('3', 'a', 2);
      const rows = [row('-10', 'a', 0), row('0', 'b', 1), moved, row('2.5', 'a', 3), wrong];
      const corrections = [
        { ...wrong, sign: -1 as const, revision: 4 },
        // Taken back and counted again as it was.
        { ...moved, sign: -1 as const, revision: 4 },
        { ...moved, revision: 5 },
      ];
      await insertAll(analytics(), 'usage', rows);
      await insertAll(analytics(), 'usage', corrections);
      expect(await valueOfDay(tenant, aggregation)).toBe(expected);
    });

    it('avg is rounded to 12 places, half away from zero', async () => {
      const tenant = unique('tenant');
      const rows = ['-0.000000000001', '0'].map((quantity) => usageRow({ tenant, quantity }));
      await insertAll(analytics(), 'usage', rows);
      expect(await valueOfDay(tenant, 'avg')).toBe('-0.000000000001');
    });

    it('latest of one instant is the one with the greatest id, then source', async () => {
      const tenant = unique('tenant');
      const row = (id: string, source: string, quantity: string) =>
        usageRow({ tenant, id, source, quantity });
      await insertAll(analytics(), 'usage', [
        row('b', 'x', '1'),
        row('a', 'z', '2'),
        row('b', 'y', '3'),
        row('B', 'zz', '4'),
      ]);
      expect(await valueOfDay(tenant, 'latest')).toBe('3');
    });

    it('answer no row where there is nothing', async () => {
      const tenant = unique('tenant');
      expect(await analytics().usage(dayPlan(tenant, { aggregation: 'max' }))).toEqual([]);
      expect(await analytics().usage(dayPlan(tenant, { grain: 'day' }))).toEqual([]);
    });
  });

  describe('groups', () => {
    it('are ordered as lists, null first, by UTF-8 bytes, in rows and in usageGroups', async () => {
      const tenant = unique('tenant');
      const regions = [undefined, '', 'B', 'a', 'e\'u\n\t\\"', 'ä', '\uff21', '😀'];
      const rows = regions.flatMap((region) =>
        ['z', 'y'].map((customer) =>
          usageRow({
            tenant,
            customer,
            dimensions: canonicalJson(region === undefined ? {} : { region, 'a b.c': 'x' }),
          }),
        ),
      );
      await insertAll(analytics(), 'usage', rows.toReversed());
      const plan = dayPlan(tenant, { groupBy: ['region', 'customer', 'missing'] });
      const expected = regions.flatMap((region) =>
        ['y', 'z'].map((customer) => [region ?? null, customer, null]),
      );
      expect((await analytics().usage(plan)).map(({ group }) => group)).toEqual(expected);
      expect(await analytics().usageGroups(plan, 100)).toEqual(expected);
      expect(await analytics().usageGroups(plan, 3)).toEqual(expected.slice(0, 3));
      const oddName = dayPlan(tenant, { groupBy: ['a b.c'] });
      expect(await analytics().usageGroups(oddName, 100)).toEqual([[null], ['x']]);
    });

    it('are filtered by dimension and customer, whatever the text; absent dimensions never match', async () => {
      const tenant = unique('tenant');
      const odd = "'; DROP TABLE usage; -- {p0:String} \\' \n";
      const rows = [odd, 'eu', 'us'].map((region) =>
        usageRow({ tenant, dimensions: canonicalJson({ region }) }),
      );
      await insertAll(analytics(), 'usage', [
        ...rows,
        usageRow({ tenant }),
        usageRow({ tenant, customer: odd }),
      ]);
      const counted = async (fields: Parameters<typeof dayPlan>[1]) =>
        (await analytics().usage(dayPlan(tenant, { ...fields, aggregation: 'count' })))[0]?.value;
      expect(await counted({ filters: { region: [odd] } })).toBe('1');
      expect(await counted({ filters: { region: ['eu', odd, 'nowhere'] }, grain: 'hour' })).toBe('2');
      expect(await counted({ filters: { region: ['eu'], other: ['x'] } })).toBeUndefined();
      expect(await counted({ customer: odd })).toBe('1');
      expect(await counted({ filters: { customer: ['globex'] }, grain: 'day' })).toBe('4');
      expect(await counted({ filters: { region: [] } })).toBeUndefined();
    });

    it('and rows of other tenants and meters are not seen', async () => {
      const tenant = unique('tenant');
      await insertAll(analytics(), 'usage', [
        usageRow({ tenant, quantity: '7' }),
        usageRow({ tenant: unique('tenant') }),
        usageRow({ tenant, meter: 'other' }),
      ]);
      expect(await valueOfDay(tenant, 'sum')).toBe('7');
    });
  });

  describe('windows', () => {
    const atMinutes = async (minutes: readonly number[]) => {
      const tenant = unique('tenant');
      const rows = minutes.map((minute) => usageRow({ tenant, timeMs: NOON_MS + minute * MINUTE_MS }));
      await insertAll(analytics(), 'usage', rows);
      return tenant;
    };

    it.each(['usage', 'minute'] as const)('of uneven length are half-open (%s)', async (grain) => {
      const tenant = await atMinutes([0, 29, 30, 60, 179, 180]);
      const boundariesMs = [0, 30, 60, 180, 240].map((minute) => NOON_MS + minute * MINUTE_MS);
      const range = { fromMs: NOON_MS, toMs: NOON_MS + 4 * HOUR_MS };
      const plan = dayPlan(tenant, { ...range, grain, windows: { kind: 'boundaries', boundariesMs } });
      const found = await analytics().usage(plan);
      const counts = found.map(({ windowStartMs, count }) => [(windowStartMs - NOON_MS) / MINUTE_MS, count]);
      expect(counts).toEqual([
        [0, '2'],
        [30, '1'],
        [60, '2'],
        [180, '1'],
      ]);
    });

    it.each(['usage', 'minute'] as const)(
      'that slide overlap and lie wholly in the range (%s)',
      async (grain) => {
        const tenant = await atMinutes([0, 30, 59, 60, 119]);
        const range = { fromMs: NOON_MS, toMs: NOON_MS + 2 * HOUR_MS };
        const windows = { kind: 'sliding', lengthMs: HOUR_MS, stepMs: 30 * MINUTE_MS } as const;
        const found = await analytics().usage(dayPlan(tenant, { ...range, grain, windows }));
        const counts = found.map(({ windowStartMs, count }) => [
          (windowStartMs - NOON_MS) / MINUTE_MS,
          count,
        ]);
        expect(counts).toEqual([
          [0, '3'],
          [30, '3'],
          [60, '2'],
        ]);
      },
    );

    it('that slide farther than they are long leave out what lies between', async () => {
      const tenant = await atMinutes([0, 9, 10, 59, 60]);
      const range = { fromMs: NOON_MS, toMs: NOON_MS + 2 * HOUR_MS };
      const windows = { kind: 'sliding', lengthMs: 10 * MINUTE_MS, stepMs: HOUR_MS } as const;
      const found = await analytics().usage(dayPlan(tenant, { ...range, windows, aggregation: 'max' }));
      expect(found.map(({ count }) => count)).toEqual(['2', '1']);
    });

    it('of a range beyond all years that a column keeps hold what there is', async () => {
      const tenant = await atMinutes([0]);
      const range = { fromMs: Date.UTC(-100, 0, 1), toMs: Date.UTC(9999, 0, 1) };
      for (const grain of ['usage', 'day'] as const) {
        const found = await analytics().usage(dayPlan(tenant, { ...range, grain }));
        expect(found.map(({ value }) => value)).toEqual(['1']);
      }
    });
  });
}
