import { describe, expect, it } from 'vitest';
import type { UsageRow } from '../../shared/domain/metering/rows.ts';
import { canonicalJson } from '../../shared/kernel/canonical-json.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import type { Analytics, EvidenceQuery, EvidenceRow } from '../../shared/ports/analytics.ts';
import {
  type AnalyticsUnderTest,
  HOUR_MS,
  insertAll,
  NOON_MS,
  unique,
  usageRow,
} from './analytics-builders.ts';

/** The hour from NOON_MS on, all fences. */
function evidenceOf(tenant: string, fields: Partial<EvidenceQuery> = {}): EvidenceQuery {
  return {
    ...{ tenant, meter: 'tokens', customer: 'globex', fromMs: NOON_MS, toMs: NOON_MS + HOUR_MS },
    ...{ belowFence: null, filters: {}, limit: 100, ...fields },
  };
}

export function evidenceFields(row: UsageRow): EvidenceRow {
  const { source, id, timeMs, quantity, uniqueKey, dimensions, meterVersion, sign, fence } = row;
  return { source, id, timeMs, quantity, uniqueKey, dimensions, meterVersion, sign, fence };
}

/** All pages, each checked to be no shorter than its limit unless it is the last. */
export async function evidencePages(
  analytics: Analytics,
  query: EvidenceQuery,
): Promise<readonly (readonly EvidenceRow[])[]> {
  const pages: (readonly EvidenceRow[])[] = [];
  let page = await analytics.evidence(query);
  for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
    pages.push(page);
    expect(pages.length, 'pages come to an end').toBeLessThan(1_000);
    const { timeMs, source, id } = last;
    page = await analytics.evidence({ ...query, after: { timeMs, source, id } });
    const before = pages.at(-1)?.length ?? 0;
    expect(page.length === 0 || before >= query.limit).toBe(true);
  }
  return pages;
}

export function describeEvidence({ analytics }: AnalyticsUnderTest): void {
  describe('evidence', () => {
    it('comes back as it went in, whatever its text', async () => {
      const tenant = unique('tenant');
      const odd = 'a\'b"c\\d\n\t\r\u0000é😀{p0:String};\n\n--';
      const row = usageRow({
        ...{ tenant, customer: odd, source: odd, id: odd, uniqueKey: odd, timeMs: NOON_MS + 123 },
        ...{ quantity: '-1.000000000001', meterVersion: 2 ** 32 - 1, fence: 2 ** 53 - 1 },
        dimensions: canonicalJson({ [odd]: odd }),
      });
      await insertAll(analytics(), 'usage', [row]);
      const query = evidenceOf(tenant, { customer: odd, filters: { [odd]: [odd] } });
      expect(await analytics().evidence(query)).toEqual([evidenceFields(row)]);
    });

    it('is paged by (time, source, id) ascending without a gap or a double', async () => {
      const tenant = unique('tenant');
      const rows = [0, 1].flatMap((minute) =>
        ['B', 'a', 'ä'].flatMap((source) =>
          ['10', '9', '\uff21', '😀'].map((id) => usageRow({ tenant, source, id, timeMs: NOON_MS + minute })),
        ),
      );
      await insertAll(analytics(), 'usage', rows.toReversed());
      for (const limit of [1, 5, 24, 100]) {
        const pages = await evidencePages(analytics(), evidenceOf(tenant, { limit }));
        expect(pages.map(({ length }) => length)).toEqual(
          Array.from({ length: Math.ceil(24 / limit) }, (_, index) => Math.min(limit, 24 - index * limit)),
        );
        expect(pages.flat()).toEqual(rows.map(evidenceFields));
      }
    });

    it('has all rows of an event on one page, in the order of fence and revision', async () => {
      const tenant = unique('tenant');
      const [first, corrected, last] = ['a', 'b', 'c'].map((id) => usageRow({ tenant, id, fence: 3 }));
      if (!first || !corrected || !last) throw new Error('three rows are built');
      const history = [
        corrected,
        { ...corrected, sign: -1 as const, fence: 5, revision: 4 },
        { ...corrected, quantity: '2', fence: 5, revision: 4 },
        { ...corrected, quantity: '2', sign: -1 as const, fence: 5, revision: 5 },
      ];
      await insertAll(analytics(), 'usage', [last, ...history.toReversed(), first]);
      const pages = await evidencePages(analytics(), evidenceOf(tenant, { limit: 2 }));
      expect(pages).toEqual([[first, ...history].map(evidenceFields), [evidenceFields(last)]]);
      const early = await evidencePages(analytics(), evidenceOf(tenant, { limit: 2, belowFence: 5 }));
      expect(early).toEqual([[first, corrected].map(evidenceFields), [evidenceFields(last)]]);
    });

    it('holds what is in the half-open range, and nothing of others', async () => {
      const tenant = unique('tenant');
      const edges = [-1, 0, HOUR_MS - 1, HOUR_MS].map((offset) =>
        usageRow({ tenant, timeMs: NOON_MS + offset }),
      );
      const strangers = [
        usageRow({ tenant: unique('tenant') }),
        usageRow({ tenant, customer: 'initech' }),
        usageRow({ tenant, meter: 'other' }),
        usageRow({ tenant, generation: 1 }),
      ];
      await insertAll(analytics(), 'usage', [...edges, ...strangers]);
      const found = await analytics().evidence(evidenceOf(tenant));
      expect(found).toEqual(edges.slice(1, 3).map(evidenceFields));
      const after = { timeMs: NOON_MS - HOUR_MS, source: '', id: '' };
      expect(await analytics().evidence(evidenceOf(tenant, { after }))).toEqual(found);
    });

    it('is filtered by dimension; absent dimensions never match', async () => {
      const tenant = unique('tenant');
      const [eu, us] = ['eu', 'us'].map((region) =>
        usageRow({ tenant, dimensions: canonicalJson({ region }) }),
      );
      if (!eu || !us) throw new Error('two rows are built');
      await insertAll(analytics(), 'usage', [eu, us, usageRow({ tenant })]);
      const ids = async (filters: Record<string, string[]>) =>
        (await analytics().evidence(evidenceOf(tenant, { filters }))).map(({ id }) => id);
      expect(await ids({ region: ['eu'] })).toEqual([eu.id]);
      expect(await ids({ region: ['us', 'nowhere'] })).toEqual([us.id]);
      expect(await ids({ region: ['eu'], other: ['x'] })).toEqual([]);
    });

    it.each([0, LIMITS.evidencePageRows + 1])('is not asked for in pages of %d rows', async (limit) => {
      await expect(analytics().evidence(evidenceOf(unique('tenant'), { limit }))).rejects.toThrow('page');
    });
  });
}
