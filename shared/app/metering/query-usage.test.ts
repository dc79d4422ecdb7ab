import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { insertAll, partOf, usageRow } from '../../../test/contracts/analytics-builders.ts';
import { createMemoryAnalytics } from '../../adapters/memory/analytics/memory-analytics.ts';
import type { Aggregation } from '../../domain/metering/usage-read.ts';
import { type QueryUsageDeps, queryUsage } from './query-usage.ts';
import type { UsageInput } from './usage-question.ts';

const CLEAN = { dirtyHoursMs: [], generations: [] };
const HOUR_MS = 3_600_000;
const NOON_MS = Date.UTC(2026, 10, 24, 12);

function world(deps: Partial<QueryUsageDeps> = {}) {
  const { analytics, faults } = createMemoryAnalytics();
  const ask = async (fields: Partial<UsageInput> & { aggregation?: Aggregation } = {}) => {
    const { aggregation = 'sum', ...input } = fields;
    return await queryUsage({
      reader: analytics,
      rollupState: async () => CLEAN,
      completeThrough: async () => NOON_MS,
      ...deps,
    })({
      tenant: 'acme',
      meter: { key: 'tokens', aggregation, groupBy: ['region', 'model'] },
      fromMs: NOON_MS,
      toMs: NOON_MS + 4 * HOUR_MS,
      groupBy: [],
      filters: {},
      limit: 100,
      ...input,
    });
  };
  const answer = async (fields: Parameters<typeof ask>[0] = {}) => {
    const found = await ask(fields);
    if (!found.ok) throw new Error(found.error.detail);
    return found.value;
  };
  return { analytics, faults, ask, answer };
}

const atHour = (hour: number, fields: Parameters<typeof usageRow>[0] = {}) =>
  usageRow({ timeMs: NOON_MS + hour * HOUR_MS, ...fields });
const inRegion = (region: string) => ({ dimensions: JSON.stringify({ region }) });

describe('usage', () => {
  it.each([
    ['count', '0'],
    ['sum', '0'],
    ['unique_count', '0'],
    ['min', null],
    ['max', null],
    ['avg', null],
    ['latest', null],
  ] as const)('of nothing is one row of %s: %j', async (aggregation, value) => {
    const { answer } = world();
    const row = { fromMs: NOON_MS, toMs: NOON_MS + 4 * HOUR_MS, value, dimensions: {} };
    expect(await answer({ aggregation })).toEqual({
      data: [row],
      completeThroughMs: NOON_MS,
      nextCursor: null,
    });
  });

  it('of windows has a row for each, empty ones included', async () => {
    const { analytics, answer } = world();
    await insertAll(analytics, 'usage', [atHour(0), atHour(2, { quantity: '4' })]);
    const { data } = await answer({ window: 'hour' });
    expect(data.map(({ value }) => value)).toEqual(['1', '0', '4', '0']);
    const maxima = await answer({ window: 'hour', aggregation: 'max' });
    expect(maxima.data.map(({ value }) => value)).toEqual(['1', null, '4', null]);
  });

  it('of groups has every group of the range in every window, and no row without groups', async () => {
    const { analytics, answer } = world();
    expect((await answer({ groupBy: ['region'] })).data).toEqual([]);
    await insertAll(analytics, 'usage', [atHour(0, inRegion('eu')), atHour(3, inRegion('us')), atHour(3)]);
    const { data } = await answer({ window: '2h', step: '2h', groupBy: ['region', 'customer', 'region'] });
    expect(data.map(({ dimensions, value }) => [dimensions.region, value])).toEqual([
      [null, '0'],
      ['eu', '1'],
      ['us', '0'],
      [null, '1'],
      ['eu', '0'],
      ['us', '1'],
    ]);
    expect(data[0]?.dimensions).toEqual({ region: null, customer: 'globex' });
  });

  it.each([
    [{ fromMs: NOON_MS, toMs: NOON_MS }, 'usage.invalid_range', 'to'],
    [{ fromMs: Number.NaN }, 'usage.invalid_range', 'from'],
    [{ toMs: 1e18 }, 'usage.invalid_range', 'to'],
    [{ groupBy: ['region', 'country'] }, 'usage.unknown_dimension', 'groupBy[1]'],
    [{ filters: { country: ['de'] } }, 'usage.unknown_dimension', 'filter.country'],
    [{ window: 'day', timeZone: 'Mars' }, 'usage.invalid_time_zone', 'timeZone'],
    [{ window: '24h' }, 'usage.invalid_window', 'step'],
    [{ window: 'minute', toMs: NOON_MS + 8_760 * HOUR_MS }, 'usage.too_many_windows', 'window'],
    [{ limit: 0 }, 'request.invalid_field', 'limit'],
    [{ limit: 10_001 }, 'request.invalid_field', 'limit'],
    [{ cursor: 'nonsense' }, 'request.invalid_cursor', 'cursor'],
  ])('asked with %j is refused as %s at %s', async (fields, code, path) => {
    const { ask } = world();
    expect(await ask(fields)).toMatchObject({ ok: false, error: { code, issues: [{ path, code }] } });
  });

  it('names all wrong fields at once', async () => {
    const { ask } = world();
    const refused = await ask({ toMs: 0, groupBy: ['x'], window: 'eon' });
    const paths = refused.ok ? [] : refused.error.issues?.map(({ path }) => path);
    expect(paths).toEqual(['to', 'groupBy[0]', 'window']);
  });

  it('in pages of any size is the same as in one', async () => {
    const region = fc.constantFrom('eu', 'us', '😀', '\uffff', '');
    const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), region), { maxLength: 12 });
    const asked = fc.record({
      limit: fc.integer({ min: 1, max: 7 }),
      groupBy: fc.constantFrom([], ['region'], ['region', 'customer']),
      window: fc.constantFrom({}, { window: 'hour' }, { window: '2h', step: '1h' }),
    });
    const property = fc.asyncProperty(rows, asked, async (pairs, { limit, groupBy, window }) => {
      const { analytics, answer } = world();
      await insertAll(
        analytics,
        'usage',
        pairs.map(([hour, name]) => atHour(hour, inRegion(name))),
      );
      const whole = await answer({ groupBy, ...window });
      const paged = [];
      let page = await answer({ groupBy, ...window, limit });
      for (
        ;
        page.nextCursor !== null;
        page = await answer({ groupBy, ...window, limit, cursor: page.nextCursor })
      ) {
        expect(page.data).toHaveLength(limit);
        paged.push(...page.data);
      }
      expect([...paged, ...page.data]).toEqual(whole.data);
    });
    await fc.assert(property);
  });

  it('goes on behind the last row when new groups arrive between pages: none twice, none left out', async () => {
    const { analytics, answer } = world();
    await insertAll(analytics, 'usage', [atHour(0, inRegion('b')), atHour(0, inRegion('d'))]);
    const asked = { groupBy: ['region'], window: '2h', step: '2h', limit: 1 };
    const first = await answer(asked);
    await insertAll(analytics, 'usage', [atHour(1, inRegion('a')), atHour(1, inRegion('c'))]);
    const rest = await answer({ ...asked, limit: 100, cursor: first.nextCursor ?? '' });
    const seen = [...first.data, ...rest.data].map(({ dimensions, fromMs, value }) => [
      (fromMs - NOON_MS) / HOUR_MS,
      dimensions.region,
      value,
    ]);
    expect(seen).toEqual([
      [0, 'b', '1'],
      [0, 'c', '1'],
      [0, 'd', '1'],
      [2, 'a', '0'],
      [2, 'b', '0'],
      [2, 'c', '0'],
      [2, 'd', '0'],
    ]);
  });

  it('refuses a cursor of another question', async () => {
    const { analytics, ask, answer } = world();
    await insertAll(analytics, 'usage', [atHour(0), atHour(1)]);
    const { nextCursor } = await answer({ window: 'hour', limit: 1 });
    const cursor = nextCursor ?? '';
    expect(await ask({ window: 'hour', limit: 5, cursor })).toMatchObject({ ok: true });
    for (const other of [
      { tenant: 'globex' },
      { toMs: NOON_MS + HOUR_MS },
      { customer: 'x' },
      { step: '1h' },
    ]) {
      expect(await ask({ window: 'hour', limit: 1, cursor, ...other })).toMatchObject({ ok: false });
    }
  });

  it('is read from the rows where rollups are dirty, also when an hour becomes dirty during the read', async () => {
    const dirty: number[] = [];
    const { analytics, answer, faults } = world({
      rollupState: async () => {
        const known = { ...CLEAN, dirtyHoursMs: [...dirty] };
        if (dirty.length === 0) dirty.push(NOON_MS + HOUR_MS);
        return known;
      },
    });
    faults.strikeNextInsert({ kind: 'token_without_rows' });
    const part = partOf('usage', [atHour(1, { quantity: '7' })]);
    await analytics.insert(part).catch((error: unknown) => expect(error).toBeInstanceOf(Error));
    await analytics.insert(part);
    await analytics.insert({ ...part, token: 'another' });
    expect((await answer()).data[0]?.value).toBe('7');
  });

  it('is read again where other rollups came into force during the read', async () => {
    const dayMs = Math.floor(NOON_MS / (24 * HOUR_MS)) * 24 * HOUR_MS;
    let reads = 0;
    const { analytics, answer } = world({
      rollupState: async () => {
        reads += 1;
        return reads === 1 ? CLEAN : { ...CLEAN, generations: [{ dayMs, generation: 1 }] };
      },
    });
    await insertAll(analytics, 'usage', [
      atHour(0, { quantity: '100' }),
      atHour(1, { quantity: '7', generation: 1 }),
    ]);
    expect((await answer()).data[0]?.value).toBe('7');
    expect(reads).toBe(3);
  });

  it('is an outage, not a guess, while hours keep becoming dirty', async () => {
    let hour = 0;
    const { ask } = world({
      rollupState: async () => ({ ...CLEAN, dirtyHoursMs: [NOON_MS + ++hour * HOUR_MS] }),
    });
    expect(await ask()).toMatchObject({ ok: false, error: { code: 'service.unavailable' } });
  });

  it('says what was complete before it was read', async () => {
    const order: string[] = [];
    const { analytics } = createMemoryAnalytics();
    const reader = {
      usage: async (plan: Parameters<typeof analytics.usage>[0]) => {
        order.push('read');
        return await analytics.usage(plan);
      },
      usageGroups: analytics.usageGroups,
    };
    const completeThrough = async () => {
      order.push('complete');
      return null;
    };
    const { answer } = world({ reader, completeThrough });
    expect((await answer()).completeThroughMs).toBeNull();
    expect(order).toEqual(['complete', 'read']);
  });

  it('of a reader that fails is a failure, never zero', async () => {
    const { ask, faults } = world();
    faults.setReachable(false);
    await expect(ask()).rejects.toMatchObject({ name: 'StoreError' });
  });
});
