import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UsageRow } from '../../shared/domain/metering/rows.ts';
import type { DuplicatesQuery } from '../../shared/ports/analytics.ts';
import {
  type AnalyticsUnderTest,
  DAY_MS,
  HOUR_MS,
  insertAll,
  NOON_MS,
  unique,
  usageRow,
} from './analytics-builders.ts';

/** The hour from NOON_MS on, all fences. */
function duplicatesOf(tenant: string, fields: Partial<DuplicatesQuery> = {}): DuplicatesQuery {
  const meters = ['tokens', 'calls'];
  const asked = { tenant, meters, fromMs: NOON_MS, toMs: NOON_MS + HOUR_MS, belowFence: null };
  return { ...asked, limit: 100, ...fields };
}

export function describeDuplicates({ analytics, runs }: AnalyticsUnderTest): void {
  describe('duplicates', () => {
    it('are events that stand more than once for a meter, with the customers and times that they have', async () => {
      const tenant = unique('tenant');
      const row = (id: string, fields: Partial<UsageRow> = {}) => usageRow({ tenant, id, ...fields });
      await insertAll(analytics(), 'usage', [
        row('once'),
        row('other meter'),
        row('other meter', { meter: 'calls' }),
        row('other source'),
        row('other source', { source: 'b' }),
        row('moved'),
        row('moved', { sign: -1 }),
        row('moved', { customer: 'initech' }),
        row('twice', { timeMs: NOON_MS + 7, customer: 'initech' }),
        row('twice'),
        row('three', { meter: 'calls' }),
        row('three', { meter: 'calls', timeMs: NOON_MS + HOUR_MS - 1 }),
        row('three', { meter: 'calls', customer: 'ä' }),
      ]);
      expect(await analytics().duplicatesOf(duplicatesOf(tenant))).toEqual([
        {
          ...{ meter: 'calls', source: 'default', id: 'three', standing: 3, customers: ['globex', 'ä'] },
          timesMs: [NOON_MS, NOON_MS + HOUR_MS - 1],
        },
        {
          ...{ meter: 'tokens', source: 'default', id: 'twice', standing: 2 },
          ...{ customers: ['globex', 'initech'], timesMs: [NOON_MS, NOON_MS + 7] },
        },
      ]);
    });

    it('are looked for among the rows of the tenant, meters, range and fence only, of whatever generation', async () => {
      const tenant = unique('tenant');
      const strangers: Partial<UsageRow>[] = [
        { tenant: unique('tenant') },
        { meter: 'other' },
        { timeMs: NOON_MS - 1 },
        { timeMs: NOON_MS + HOUR_MS },
        { fence: 9 },
      ];
      const rows = strangers.flatMap((fields, index) => [
        usageRow({ tenant, id: `${index}` }),
        usageRow({ tenant, id: `${index}`, ...fields }),
      ]);
      const beside = [
        usageRow({ tenant, meter: 'beside', id: 'g' }),
        usageRow({ tenant, meter: 'beside', id: 'g', generation: 1 }),
      ];
      await insertAll(analytics(), 'usage', [...rows, ...beside]);
      const query = duplicatesOf(tenant, { belowFence: 9 });
      expect(await analytics().duplicatesOf(query)).toEqual([]);
      const wider = { fromMs: NOON_MS - DAY_MS, toMs: NOON_MS + DAY_MS };
      const found = await analytics().duplicatesOf(duplicatesOf(tenant, wider));
      expect(found.map(({ id }) => id)).toEqual(['2', '3', '4']);
      expect(
        await analytics().duplicatesOf(duplicatesOf(tenant, { ...wider, meters: ['beside'] })),
      ).toMatchObject([{ id: 'g' }]);
      expect(await analytics().duplicatesOf(duplicatesOf(tenant, { ...wider, meters: [] }))).toEqual([]);
    });

    it('come in the order of meter, source and id, as many as asked for', async () => {
      const property = fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('calls', 'tokens'), fc.constantFrom('a', 'B', 'ä'), fc.nat(3)), {
          maxLength: 30,
        }),
        fc.integer({ min: 1, max: 5 }),
        async (drawn, limit) => {
          const tenant = unique('tenant');
          const rows = drawn.map(([meter, source, id]) => usageRow({ tenant, meter, source, id: `${id}` }));
          await insertAll(analytics(), 'usage', rows);
          const counts = new Map<string, number>();
          for (const { meter, source, id } of rows) {
            const name = `${meter} ${source} ${id}`;
            counts.set(name, (counts.get(name) ?? 0) + 1);
          }
          const names = [...counts].filter(([, count]) => count > 1).map(([name]) => name);
          const found = await analytics().duplicatesOf(duplicatesOf(tenant, { limit }));
          const expected = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
          expect(found.map(({ meter, source, id }) => `${meter} ${source} ${id}`)).toEqual(
            expected.slice(0, limit),
          );
          for (const { meter, source, id, standing } of found) {
            expect(standing).toBe(counts.get(`${meter} ${source} ${id}`));
          }
        },
      );
      await fc.assert(property, { numRuns: Math.min(runs, 20) });
    });

    it.each([0, 1_001])('are never listed by %i', async (limit) => {
      const query = duplicatesOf(unique('tenant'), { limit });
      await expect(analytics().duplicatesOf(query)).rejects.toThrow('1 to 1,000');
    });
  });
}
