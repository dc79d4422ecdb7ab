import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../shared/kernel/canonical-json.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import type { CustomerSpan, SnapshotLine, UsageSnapshotQuery } from '../../shared/ports/analytics.ts';
import {
  type AnalyticsUnderTest,
  HOUR_MS,
  insertAll,
  MINUTE_MS,
  NOON_MS,
  unique,
  usageRow,
} from './analytics-builders.ts';

type LineFields = Partial<
  SnapshotLine & Omit<CustomerSpan, 'customer'> & Pick<UsageSnapshotQuery, 'belowFence'>
> & { readonly customers?: readonly string[] };

/** One line in the hour from NOON_MS on, all fences. */
export function snapshotOf(tenant: string, fields: LineFields = {}): UsageSnapshotQuery {
  const { meter = 'tokens', filters = {}, aggregation = 'sum', customers = ['globex'], ...rest } = fields;
  const { fromMs = NOON_MS, toMs = NOON_MS + HOUR_MS, ...query } = rest;
  const spans = customers.map((customer) => ({ customer, fromMs, toMs }));
  const lines = [{ meter, filters, aggregation }];
  return { tenant, lines, spans, belowFence: null, ...query };
}

export function describeSnapshots({ analytics }: AnalyticsUnderTest): void {
  describe('snapshots of usage', () => {
    it('answer each customer asked for that has rows, in order, from one question', async () => {
      const tenant = unique('tenant');
      const customers = ['ä', 'globex', 'Initech', 'acme'];
      const rows = customers.map((customer, index) =>
        usageRow({ tenant, customer, quantity: `${index}.5`, meterVersion: index + 1 }),
      );
      await insertAll(analytics(), 'usage', [...rows, usageRow({ tenant, customer: 'stranger' })]);
      const names = Array.from({ length: LIMITS.snapshotCustomers - 4 }, (_, index) =>
        `nobody_${index}`.padEnd(LIMITS.keyLength, 'x'),
      );
      const query = snapshotOf(tenant, { customers: [...names, ...customers] });
      expect(await analytics().snapshotUsage(query)).toEqual(
        ['0.5', '1.5', '2.5', '3.5'].map((sum, index) => {
          const place = { line: 0, span: names.length + index };
          return { ...place, count: '1', sum, value: sum, meterVersion: index + 1 };
        }),
      );
    });

    it('answer every line in every span, each as if it were asked alone', async () => {
      const tenant = unique('tenant');
      const meters = ['calls', 'tokens'];
      const rows = ['acme', 'globex'].flatMap((customer, c) =>
        meters.flatMap((meter, m) =>
          ['eu', 'us'].flatMap((region, r) =>
            [0, HOUR_MS].map((offset, h) => {
              const quantity = String(2 ** (8 * c + 4 * m + 2 * r + h));
              const dimensions = canonicalJson({ region });
              return usageRow({ tenant, customer, meter, dimensions, quantity, timeMs: NOON_MS + offset });
            }),
          ),
        ),
      );
      await insertAll(analytics(), 'usage', rows);
      const aggregations = ['sum', 'max'] as const;
      const lines = meters.flatMap((meter) =>
        [{}, { region: ['eu'] }, { region: ['eu', 'us'], customer: ['acme'] }].flatMap((filters) =>
          aggregations.map((aggregation) => ({ meter, filters, aggregation })),
        ),
      );
      const spans = ['globex', 'acme'].flatMap((customer) =>
        [0, HOUR_MS, 30 * MINUTE_MS].map((offset) => {
          return { customer, fromMs: NOON_MS + offset, toMs: NOON_MS + offset + HOUR_MS };
        }),
      );
      const together = await analytics().snapshotUsage({ ...snapshotOf(tenant), lines, spans });
      const alone = await Promise.all(
        lines.flatMap((line, at) =>
          spans.map(async (span, place) => {
            const query = { ...snapshotOf(tenant), lines: [line], spans: [span] };
            return (await analytics().snapshotUsage(query)).map((one) => ({ ...one, line: at, span: place }));
          }),
        ),
      );
      expect(together).toEqual(alone.flat());
      const sums = together.filter(({ line }) => line === 0).map(({ value }) => value);
      expect(sums).toEqual(['1280', '2560', '2560', '5', '10', '10']);
    });

    it('of no customers, or of more than the limit, are not asked for', async () => {
      const tenant = unique('tenant');
      const tooMany = Array.from({ length: LIMITS.snapshotCustomers + 1 }, (_, index) => `c${index}`);
      for (const customers of [[], tooMany]) {
        await expect(analytics().snapshotUsage(snapshotOf(tenant, { customers }))).rejects.toThrow('spans');
      }
    });

    it.each([
      // [aggregation, before the correction, after it]
      ['count', '3', '2'],
      ['sum', '13', '5'],
      ['avg', '4.333333333333', '2.5'],
      ['min', '1', '1'],
      ['max', '8', '4'],
      ['latest', '8', '4'],
      ['unique_count', '2', '1'],
    ] as const)(
      '%s: a correction behind the fence changes nothing before it',
      async (aggregation, early, late) => {
        const tenant = unique('tenant');
        const row = (minute: number, quantity: string, uniqueKey: string) =>
          usageRow({ tenant, quantity, uniqueKey, fence: 3, timeMs: NOON_MS + minute * MINUTE_MS });
        const wrong = row(3, '8', 'b');
        const recounted = row(2, '4', 'a');
        await insertAll(analytics(), 'usage', [row(1, '1', 'a'), recounted, wrong]);
        await insertAll(analytics(), 'usage', [
          { ...wrong, sign: -1, fence: 5, revision: 4 },
          { ...recounted, sign: -1, fence: 5, revision: 4 },
          { ...recounted, meterVersion: 2, fence: 5, revision: 4 },
        ]);
        const at = async (belowFence: number | null) => {
          const found = await analytics().snapshotUsage(snapshotOf(tenant, { aggregation, belowFence }));
          return found.map(({ value, meterVersion }) => [value, meterVersion]);
        };
        expect(await at(3)).toEqual([]);
        expect(await at(4)).toEqual([[early, 1]]);
        expect(await at(5)).toEqual([[early, 1]]);
        expect(await at(6)).toEqual([[late, 2]]);
        expect(await at(null)).toEqual([[late, 2]]);
      },
    );

    it('hold what is in the half-open range, of every generation, and nothing of other tenants and meters', async () => {
      const tenant = unique('tenant');
      const edges = [-1, 0, HOUR_MS - 1, HOUR_MS].map((offset, index) =>
        usageRow({ tenant, timeMs: NOON_MS + offset, quantity: String(10 ** index) }),
      );
      const strangers = [usageRow({ tenant: unique('tenant') }), usageRow({ tenant, meter: 'other' })];
      const late = usageRow({ tenant, generation: 1, quantity: '7' });
      await insertAll(analytics(), 'usage', [...edges, ...strangers, late]);
      const values = async (fields: LineFields) =>
        (await analytics().snapshotUsage(snapshotOf(tenant, fields))).map(({ value }) => value);
      expect(await values({})).toEqual(['117']);
      expect(await values({ aggregation: 'max' })).toEqual(['100']);
    });

    it('are filtered by dimension; absent dimensions never match', async () => {
      const tenant = unique('tenant');
      const odd = "'; DROP TABLE usage; -- {p0:String} \\' \n";
      const rows = [odd, 'eu', 'us'].map((region, index) =>
        usageRow({ tenant, dimensions: canonicalJson({ region }), quantity: String(10 ** index) }),
      );
      await insertAll(analytics(), 'usage', [...rows, usageRow({ tenant, quantity: '5000' })]);
      for (const aggregation of ['sum', 'max'] as const) {
        const value = async (filters: Record<string, string[]>) =>
          (await analytics().snapshotUsage(snapshotOf(tenant, { aggregation, filters })))[0]?.value;
        expect(await value({ region: [odd] })).toBe('1');
        expect(await value({ region: ['eu', 'nowhere'] })).toBe('10');
        expect(await value({ region: ['eu'], other: ['x'] })).toBeUndefined();
        expect(await value({ customer: ['nobody'] })).toBeUndefined();
      }
    });

    it('say that everything was taken back where it can be told from no rows at all', async () => {
      const tenant = unique('tenant');
      const row = usageRow({ tenant, meterVersion: 3 });
      await insertAll(analytics(), 'usage', [row, { ...row, sign: -1, revision: 4 }]);
      const nothing = { line: 0, span: 0, count: '0', sum: '0', value: '0', meterVersion: 3 };
      expect(await analytics().snapshotUsage(snapshotOf(tenant))).toEqual([nothing]);
      expect(await analytics().snapshotUsage(snapshotOf(tenant, { aggregation: 'max' }))).toEqual([]);
    });
  });
}
