import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UsageRow } from '../../shared/domain/metering/rows.ts';
import { canonicalJson } from '../../shared/kernel/canonical-json.ts';
import type {
  CustomerSpan,
  SnapshotLine,
  UsageSnapshot,
  UsageSnapshotQuery,
} from '../../shared/ports/analytics.ts';
import {
  type AnalyticsUnderTest,
  dayPlan,
  HOUR_MS,
  insertAll,
  NOON_MS,
  unique,
  usageRow,
} from './analytics-builders.ts';
import { evidenceFields, evidenceOf, evidencePages } from './analytics-evidence.ts';
import { expectedUsage } from './analytics-oracle.ts';
import { snapshotOf } from './analytics-snapshots.ts';

const CUSTOMERS = ['acme', 'globex', 'initech'];

/** Few values each, so that rows meet: a take-back may come before, after or without what it takes back. */
const row = fc.record({
  timeMs: fc.constantFrom(-1, 0, 1, HOUR_MS - 1, HOUR_MS).map((offset) => NOON_MS + offset),
  source: fc.constantFrom('a', 'b'),
  id: fc.constantFrom('1', '2', '10'),
  quantity: fc.constantFrom('0', '-2.5', '3', '0.000000000001', '99999999999999.999999999999'),
  uniqueKey: fc.constantFrom('x', 'y'),
  customer: fc.constantFrom(...CUSTOMERS),
  dimensions: fc.constantFrom({}, { region: 'eu' }, { region: '😀' }).map((value) => canonicalJson(value)),
  meterVersion: fc.integer({ min: 1, max: 4 }),
  revision: fc.integer({ min: 1, max: 3 }),
  fence: fc.integer({ min: 0, max: 6 }),
  sign: fc.constantFrom(1 as const, 1 as const, -1 as const),
});
/** Rows, and some of them taken back later, some of those counted again by another version. */
const history = fc
  .tuple(row, fc.constantFrom(0, 0, 1, 2), fc.integer({ min: 1, max: 4 }))
  .map(([first, corrections, meterVersion]) => {
    const whole = { ...first, sign: 1 as const };
    const fence = first.fence + 1;
    const all = [whole, { ...whole, fence, sign: -1 as const }, { ...whole, fence, meterVersion }];
    return all.slice(0, 1 + corrections);
  });
const rows = fc
  .tuple(fc.array(history, { minLength: 1, maxLength: 25 }), fc.array(row, { maxLength: 6 }))
  .map(([histories, single]) => onePerEvent([...histories, ...single.map((each) => [each])]).flat());
/** An event is counted once: two that share time, source and id would leave open which of them is the latest. */
function onePerEvent<T extends { timeMs: number; source: string; id: string }>(
  histories: readonly (readonly T[])[],
): readonly (readonly T[])[] {
  const known = new Map(
    histories.map((history) => {
      const [first] = history;
      return [`${first?.timeMs}/${first?.source}/${first?.id}`, history];
    }),
  );
  return [...known.values()];
}

const question = fc.record({
  aggregation: fc.constantFrom('count', 'sum', 'min', 'max', 'avg', 'latest', 'unique_count'),
  belowFence: fc.option(fc.integer({ min: 0, max: 8 }), { freq: 6 }),
  customers: fc.subarray([...CUSTOMERS, 'nobody'], { minLength: 1 }),
  filters: fc.constantFrom(
    {},
    {},
    { region: ['eu'] },
    { region: ['eu', '😀'], customer: ['acme', 'globex'] },
  ),
});

export function describeRandomSnapshots({ analytics, runs }: AnalyticsUnderTest): void {
  describe('random snapshots', () => {
    it('with any fence equal a fold over the rows with a lower one, and so does their evidence', async () => {
      let answered = 0;
      const questions = fc.array(question, { minLength: 7, maxLength: 7 });
      const property = fc.asyncProperty(rows, questions, async (fields, asked) => {
        const tenant = unique('tenant');
        const stored = fields.map((each) => usageRow({ ...each, tenant }));
        const strangers = stored.slice(0, 5).map((each) => ({ ...each, tenant: unique('tenant') }));
        await insertAll(analytics(), 'usage', [...strangers, ...stored]);
        for (const { filters, ...each } of asked) {
          const query = snapshotOf(tenant, { ...each, filters: filters as Record<string, string[]> });
          const found = await analytics().snapshotUsage(query);
          expect(found).toEqual(expectedSnapshots(stored, query));
          answered += found.length;
        }
        const together = togetherOf(tenant, asked.slice(0, 3));
        expect(await analytics().snapshotUsage(together)).toEqual(expectedSnapshots(stored, together));
        await checkEvidence(stored, tenant, asked[0]?.belowFence ?? null);
      });
      await fc.assert(property, { numRuns: runs });
      expect(answered).toBeGreaterThan(runs);
    });
  });

  async function checkEvidence(stored: readonly UsageRow[], tenant: string, belowFence: number | null) {
    const texts = (all: readonly object[]) => all.map((each) => JSON.stringify(each)).toSorted();
    const isSeen = ({ timeMs, fence }: UsageRow) =>
      timeMs >= NOON_MS && timeMs < NOON_MS + HOUR_MS && fence < (belowFence ?? Infinity);
    for (const customer of CUSTOMERS) {
      const query = evidenceOf(tenant, { customer, belowFence, limit: 3 });
      const found = (await evidencePages(analytics(), query)).flat();
      const seen = stored.filter((each) => each.customer === customer && isSeen(each));
      expect(texts(found)).toEqual(texts(seen.map(evidenceFields)));
    }
    const one = evidenceOf(tenant, { belowFence, limit: 20 });
    const spans = CUSTOMERS.flatMap((customer) => one.spans.map((span) => ({ ...span, customer })));
    const all = (await evidencePages(analytics(), { ...one, spans })).flat();
    expect(texts(all)).toEqual(texts(stored.filter(isSeen).map(evidenceFields)));
  }
}

/** All that was asked, as one question. */
function togetherOf(
  tenant: string,
  asked: readonly {
    readonly aggregation: string;
    readonly filters: object;
    readonly belowFence: number | null;
  }[],
): UsageSnapshotQuery {
  const { spans } = snapshotOf(tenant, { customers: CUSTOMERS });
  const late = spans.map((span) => ({ ...span, fromMs: NOON_MS + 1, toMs: NOON_MS + HOUR_MS + 1 }));
  const lines = asked.map(({ aggregation, filters }) => ({ meter: 'tokens', aggregation, filters }));
  const belowFence = asked[0]?.belowFence ?? null;
  const query = { ...snapshotOf(tenant, { belowFence }), lines, spans: [...spans, ...late] };
  return query as UsageSnapshotQuery;
}

function expectedSnapshots(stored: readonly UsageRow[], query: UsageSnapshotQuery): readonly UsageSnapshot[] {
  return query.lines.flatMap((line, lineIndex) =>
    query.spans.flatMap((span, spanIndex) =>
      expectedAnswers(stored, query, line, span).map((answer) => {
        return { line: lineIndex, span: spanIndex, ...answer };
      }),
    ),
  );
}

function expectedAnswers(
  stored: readonly UsageRow[],
  { tenant, belowFence }: UsageSnapshotQuery,
  { aggregation, filters }: SnapshotLine,
  { customer, fromMs, toMs }: CustomerSpan,
): readonly Omit<UsageSnapshot, 'line' | 'span'>[] {
  const plan = dayPlan(tenant, { aggregation, fromMs, toMs, filters, customer });
  const seen = stored.filter(
    (each) =>
      each.customer === customer &&
      each.fence < (belowFence ?? Infinity) &&
      expectedUsage([each], { ...plan, aggregation: 'count' }).length > 0,
  );
  if (seen.length === 0) return [];
  if (aggregation === 'count' || aggregation === 'sum' || aggregation === 'avg') {
    const count = net(seen);
    const fold = (kind: typeof aggregation) => expectedUsage(seen, { ...plan, aggregation: kind })[0]?.[2];
    const value = aggregation === 'avg' && count <= 0 ? null : (fold(aggregation) ?? null);
    const sum = aggregation === 'count' ? null : (fold('sum') ?? null);
    const meterVersion = Math.max(
      ...(standingVersions(seen).length > 0 ? standingVersions(seen) : seen.map((each) => each.meterVersion)),
    );
    return [{ count: String(count), sum, value, meterVersion }];
  }
  const events = Map.groupBy(seen, ({ timeMs, source, id, quantity, uniqueKey, dimensions }) =>
    JSON.stringify([timeMs, source, id, quantity, uniqueKey, dimensions]),
  );
  const standing = [...events.values()].filter((members) => net(members) > 0);
  if (standing.length === 0) return [];
  const kept = standing.flatMap((members) => members.slice(0, 1));
  const count = String(standing.reduce((total, members) => total + net(members), 0));
  const value = expectedUsage(kept, plan)[0]?.[2] ?? null;
  const meterVersion = Math.max(...standing.flatMap(standingVersions));
  return [{ count, sum: null, value, meterVersion }];
}

/** Versions of which more was counted than taken back. */
function standingVersions(counted: readonly UsageRow[]): readonly number[] {
  const versions = Map.groupBy(counted, ({ meterVersion }) => meterVersion);
  return [...versions].filter(([, members]) => net(members) > 0).map(([version]) => version);
}

function net(counted: readonly UsageRow[]): number {
  return counted.reduce((total, { sign }) => total + sign, 0);
}
