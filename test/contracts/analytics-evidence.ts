import { describe, expect, it } from 'vitest';
import type { UsageRow } from '../../shared/domain/metering/rows.ts';
import { canonicalJson } from '../../shared/kernel/canonical-json.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import type {
  Analytics,
  CustomerSpan,
  EvidenceQuery,
  EvidenceRow,
  MeterLine,
} from '../../shared/ports/analytics.ts';
import {
  type AnalyticsUnderTest,
  HOUR_MS,
  insertAll,
  NOON_MS,
  unique,
  usageRow,
} from './analytics-builders.ts';

type LineFields = Partial<MeterLine & CustomerSpan & Omit<EvidenceQuery, 'tenant' | 'lines' | 'spans'>>;

/** One line in the hour from NOON_MS on, all fences. */
export function evidenceOf(tenant: string, fields: LineFields = {}): EvidenceQuery {
  const { meter = 'tokens', filters = {}, customer = 'globex', ...rest } = fields;
  const { fromMs = NOON_MS, toMs = NOON_MS + HOUR_MS, ...query } = rest;
  const asked = { lines: [{ meter, filters }], spans: [{ customer, fromMs, toMs }] };
  return { tenant, ...asked, belowFence: null, limit: 100, ...query };
}

export function evidenceFields(row: UsageRow): EvidenceRow {
  const { meter, customer, source, id, timeMs, quantity, uniqueKey, dimensions, sign } = row;
  return { meter, customer, source, id, timeMs, quantity, uniqueKey, dimensions, sign };
}

/** The rows of all pages; those pages that are not empty. */
export async function evidencePages(
  analytics: Analytics,
  query: EvidenceQuery,
): Promise<readonly (readonly EvidenceRow[])[]> {
  const pages: (readonly EvidenceRow[])[] = [];
  let after = query.after;
  for (let asked = 0; ; asked += 1) {
    expect(asked, 'pages come to an end').toBeLessThan(1_000);
    const { rows, next } = await analytics.evidence({ ...query, ...(after === undefined ? {} : { after }) });
    if (rows.length > 0) pages.push(rows);
    if (next === null) return pages;
    after = next;
  }
}

export function describeEvidence({ analytics }: AnalyticsUnderTest): void {
  describe('evidence', () => {
    it('comes back as it went in, whatever its text', async () => {
      const tenant = unique('tenant');
      const odd = 'a\'b"c\\d\n\t\r\u0000é😀{p0:String};\n\n--';
      const row = usageRow({
        ...{ tenant, customer: odd, source: odd, id: odd, uniqueKey: odd, timeMs: NOON_MS + 123 },
        ...{ quantity: '-1.000000000001', fence: 2 ** 53 - 1 },
        dimensions: canonicalJson({ [odd]: odd }),
      });
      await insertAll(analytics(), 'usage', [row]);
      const query = evidenceOf(tenant, { customer: odd, filters: { [odd]: [odd] } });
      expect(await analytics().evidence(query)).toEqual({ rows: [evidenceFields(row)], next: null });
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
      ];
      await insertAll(analytics(), 'usage', [...edges, ...strangers]);
      const found = await analytics().evidence(evidenceOf(tenant));
      expect(found).toEqual({ rows: edges.slice(1, 3).map(evidenceFields), next: null });
      const after = { meter: 'tokens', customer: 'globex', timeMs: NOON_MS - HOUR_MS, source: '', id: '' };
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
        (await analytics().evidence(evidenceOf(tenant, { filters }))).rows.map(({ id }) => id);
      expect(await ids({ region: ['eu'] })).toEqual([eu.id]);
      expect(await ids({ region: ['us', 'nowhere'] })).toEqual([us.id]);
      expect(await ids({ region: ['eu'], other: ['x'] })).toEqual([]);
    });

    it('is of many lines and spans at once, in the order of meters and customers, each row once', async () => {
      const tenant = unique('tenant');
      const row = (meter: string, customer: string, region: string, timeMs = NOON_MS) =>
        usageRow({ tenant, meter, customer, timeMs, dimensions: canonicalJson({ region }) });
      const wanted = [
        row('calls', 'acme', 'eu'),
        row('calls', 'acme', 'us', NOON_MS + 1),
        row('calls', 'globex', 'eu', NOON_MS + HOUR_MS),
        row('tokens', 'globex', 'eu', NOON_MS + HOUR_MS),
      ];
      const others = [
        row('calls', 'acme', 'ap'),
        row('calls', 'globex', 'eu'),
        row('tokens', 'acme', 'us'),
        row('tokens', 'initech', 'eu'),
        row('other', 'acme', 'eu'),
      ];
      await insertAll(analytics(), 'usage', [...others, ...wanted.toReversed()]);
      const query = {
        ...evidenceOf(tenant),
        lines: [
          { meter: 'tokens', filters: { region: ['eu'] } },
          { meter: 'calls', filters: { region: ['eu', 'us'] } },
          { meter: 'calls', filters: { customer: ['globex'], region: ['eu'] } },
        ],
        spans: [
          { customer: 'globex', fromMs: NOON_MS + 1, toMs: NOON_MS + 2 * HOUR_MS },
          { customer: 'acme', fromMs: NOON_MS, toMs: NOON_MS + 1 },
          { customer: 'acme', fromMs: NOON_MS + 1, toMs: NOON_MS + HOUR_MS },
        ],
      };
      for (const limit of [1, 2, 3, 100]) {
        const pages = await evidencePages(analytics(), { ...query, limit });
        expect(pages.flat()).toEqual(wanted.map(evidenceFields));
      }
    });

    it('of no lines or spans, or of more than the limits, is not asked for', async () => {
      const query = evidenceOf(unique('tenant'));
      const many = <T>(values: readonly T[], count: number) =>
        Array.from({ length: count }, () => values).flat();
      const { lines, spans } = query;
      for (const wrong of [{ lines: [] }, { lines: many(lines, LIMITS.snapshotLines + 1) }]) {
        await expect(analytics().evidence({ ...query, ...wrong })).rejects.toThrow('lines');
      }
      for (const wrong of [{ spans: [] }, { spans: many(spans, LIMITS.snapshotCustomers + 1) }]) {
        await expect(analytics().evidence({ ...query, ...wrong })).rejects.toThrow('spans');
      }
    });

    it.each([0, LIMITS.evidencePageRows + 1])('is not asked for in pages of %d rows', async (limit) => {
      await expect(analytics().evidence(evidenceOf(unique('tenant'), { limit }))).rejects.toThrow('page');
    });
  });
}
