import { describe, expect, it } from 'vitest';
import type { PricedRow } from '../../shared/domain/invoicing/priced-row.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import type { ChangedQuery, PricedQuery } from '../../shared/ports/analytics.ts';
import {
  type AnalyticsUnderTest,
  DAY_MS,
  HOUR_MS,
  insertAll,
  NOON_MS,
  unique,
  usageRow,
} from './analytics-builders.ts';

const NOVEMBER_MS = Date.UTC(2026, 10, 1);
const DECEMBER_MS = Date.UTC(2026, 11, 1);

function pricedRow(fields: Partial<PricedRow> = {}): PricedRow {
  return {
    ...{ tenant: 'acme', customer: 'globex', subscription: 'sub_1', plan: 'pro', charge: 'tokens' },
    ...{ planVersion: 1, segmentStartMs: NOVEMBER_MS, segmentEndMs: DECEMBER_MS },
    ...{ periodStartMs: NOVEMBER_MS, periodEndMs: DECEMBER_MS, quantity: '12', unit: 'tokens' },
    ...{ amount: '1.5', currency: 'USD', meterVersion: 2, fence: 7, pricedAtMs: NOON_MS, inForce: true },
    ...fields,
  };
}

const novemberOf = (tenant: string, fields: Partial<PricedQuery> = {}): PricedQuery => ({
  ...{ tenant, customers: ['globex'], fromMs: NOVEMBER_MS, toMs: DECEMBER_MS, limit: 100 },
  ...fields,
});

export function describePriced(subject: AnalyticsUnderTest): void {
  describe('priced rows', () => {
    describeValues(subject);
    describeStanding(subject);
  });
  describe('pages of priced rows', () => describePages(subject));
  describe('customers with usage between two fences', () => describeChanged(subject));
}

function describeValues({ analytics }: AnalyticsUnderTest): void {
  it('come back as they went in, with 28 decimals and 30 digits before them', async () => {
    const tenant = unique('tenant');
    const amount = `${'9'.repeat(30)}.${'1234567890123456789012345678'}`;
    const odd = 'ä"\'\\ {p0:String}';
    const rows = [
      pricedRow({ tenant, amount, quantity: '-0.0000000000000000000000000001', plan: odd, unit: odd }),
      pricedRow({ tenant, charge: 'seats', unit: null, meterVersion: null, quantity: '0', amount: '0' }),
    ];
    await analytics().putPriced(rows);
    expect(await analytics().priced(novemberOf(tenant))).toEqual([rows[1], rows[0]]);
  });

  it('are plain decimals, however they were written', async () => {
    const tenant = unique('tenant');
    await analytics().putPriced([pricedRow({ tenant, amount: '20.00', quantity: '1e3' })]);
    expect(await analytics().priced(novemberOf(tenant))).toMatchObject([{ amount: '20', quantity: '1000' }]);
  });

  it.each([
    ['an amount with 29 decimals', { amount: `0.${'0'.repeat(28)}1` }],
    ['a quantity with 49 digits', { quantity: '9'.repeat(49) }],
    ['an amount that is no number', { amount: 'NaN' }],
    ['a fence that is no number', { fence: -1 }],
    ['a version beyond 32 bits', { planVersion: 2 ** 32 }],
    ['a time before 1970', { pricedAtMs: -1 }],
  ])('with %s are refused, all of them', async (_what, fields) => {
    const tenant = unique('tenant');
    const put = analytics().putPriced([pricedRow({ tenant }), pricedRow({ tenant, charge: 'x', ...fields })]);
    await expect(put).rejects.toMatchObject({ name: 'StoreError', outcome: 'refused' });
    expect(await analytics().priced(novemberOf(tenant))).toEqual([]);
  });

  it('of hundreds of months are written at once', async () => {
    const tenant = unique('tenant');
    const rows = Array.from({ length: 312 }, (_, month) =>
      pricedRow({ tenant, segmentStartMs: Date.UTC(2000, month, 1) }),
    );
    await analytics().putPriced(rows);
    const found = await analytics().priced(novemberOf(tenant, { fromMs: 0, limit: 1_000 }));
    expect(found).toEqual(rows.filter(({ segmentStartMs }) => segmentStartMs < DECEMBER_MS));
    await analytics().putPriced([]);
  });
}

function describeStanding({ analytics }: AnalyticsUnderTest): void {
  it('of a lower fence never take the place of those of a greater one, in whatever order they come', async () => {
    const tenant = unique('tenant');
    const at = (fence: number, pricedAtMs = NOON_MS) =>
      pricedRow({ tenant, fence, pricedAtMs, amount: `${fence}.5`, segmentEndMs: DECEMBER_MS - fence });
    const standing = async () => await analytics().priced(novemberOf(tenant));
    await analytics().putPriced([at(8)]);
    await analytics().putPriced([at(7, NOON_MS + 1)]);
    expect(await standing()).toEqual([at(8)]);
    await analytics().putPriced([at(9, NOON_MS - 1)]);
    expect(await standing()).toEqual([at(9, NOON_MS - 1)]);
    await analytics().putPriced([at(8), at(9, NOON_MS - 1), at(1)]);
    expect(await standing()).toEqual([at(9, NOON_MS - 1)]);
  });

  it('of one fence: written twice they are the same, and the one priced later stands', async () => {
    const tenant = unique('tenant');
    const later = pricedRow({ tenant, pricedAtMs: NOON_MS + 1, amount: '2' });
    const earlier = pricedRow({ tenant, amount: '1' });
    for (const row of [later, earlier, later, earlier]) await analytics().putPriced([row]);
    expect(await analytics().priced(novemberOf(tenant))).toEqual([later]);
  });

  it('that are in force no more are not shown, until a greater fence brings them back', async () => {
    const tenant = unique('tenant');
    const row = pricedRow({ tenant });
    await analytics().putPriced([row, pricedRow({ tenant, charge: 'other' })]);
    await analytics().putPriced([{ ...row, fence: 8, inForce: false }]);
    await analytics().putPriced([row]);
    const shown = async () =>
      (await analytics().priced(novemberOf(tenant))).map(({ charge, fence }) => [charge, fence]);
    expect(await shown()).toEqual([['other', 7]]);
    await analytics().putPriced([{ ...row, fence: 9 }]);
    expect(await shown()).toEqual([
      ['other', 7],
      ['tokens', 9],
    ]);
  });
}

function describePages({ analytics }: AnalyticsUnderTest): void {
  it('are of the customers asked for, in a half-open range, and of one tenant', async () => {
    const tenant = unique('tenant');
    const starts = [NOVEMBER_MS - 1, NOVEMBER_MS, DECEMBER_MS - 1, DECEMBER_MS];
    const rows = starts.map((segmentStartMs) => pricedRow({ tenant, segmentStartMs }));
    const strangers = [
      pricedRow({ tenant: unique('tenant') }),
      pricedRow({ tenant, customer: 'initech' }),
      pricedRow({ tenant, customer: 'GLOBEX' }),
    ];
    await analytics().putPriced([...rows, ...strangers]);
    expect(await analytics().priced(novemberOf(tenant))).toEqual(rows.slice(1, 3));
    expect(await analytics().priced(novemberOf(unique('tenant')))).toEqual([]);
  });

  it('are paged by customer, subscription, start, charge and version without a gap or a double', async () => {
    const tenant = unique('tenant');
    const customers = ['Z', 'a', 'é', '\u{1D4B3}'];
    const rows = customers.flatMap((customer) =>
      ['sub_A', 'sub_a'].flatMap((subscription) =>
        [0, DAY_MS].flatMap((offset) =>
          ['b', 'c'].flatMap((charge) =>
            [1, 2].map((planVersion) => {
              const segmentStartMs = NOVEMBER_MS + offset;
              return pricedRow({ tenant, customer, subscription, segmentStartMs, charge, planVersion });
            }),
          ),
        ),
      ),
    );
    await analytics().putPriced(rows.toReversed());
    const seen: PricedRow[] = [];
    const query = novemberOf(tenant, { customers, limit: 7 });
    let page = await analytics().priced(query);
    for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
      seen.push(...page);
      page = await analytics().priced({ ...query, after: last });
    }
    expect(seen).toEqual(rows);
  });

  it('of no customers, or of more rows than the limit, are not asked for', async () => {
    const tenant = unique('tenant');
    await expect(analytics().priced(novemberOf(tenant, { customers: [] }))).rejects.toThrow('customers');
    const limit = LIMITS.pricedRows + 1;
    await expect(analytics().priced(novemberOf(tenant, { limit }))).rejects.toThrow('rows');
    const rows = Array.from({ length: limit }, () => pricedRow({ tenant }));
    await expect(analytics().putPriced(rows)).rejects.toThrow('rows');
  });
}

function describeChanged({ analytics }: AnalyticsUnderTest): void {
  const changesOf = (tenant: string, fields: Partial<ChangedQuery> = {}): ChangedQuery => ({
    ...{ tenant, fromFence: 3, belowFence: 5, limit: 100 },
    ...fields,
  });

  it('are those with rows of a fence in the half-open range, also of rows that take others back', async () => {
    const tenant = unique('tenant');
    const rows = [2, 3, 4, 5].map((fence) => usageRow({ tenant, fence, customer: `fence-${fence}` }));
    const takenBack = usageRow({ tenant, fence: 2, customer: 'corrected' });
    const strangers = [usageRow({ tenant: unique('tenant'), fence: 3 })];
    await insertAll(analytics(), 'usage', [...rows, takenBack, ...strangers]);
    await insertAll(analytics(), 'usage', [{ ...takenBack, fence: 4, sign: -1, revision: 4 }]);
    const found = await analytics().customersChanged(changesOf(tenant));
    expect(found.map(({ customer }) => customer)).toEqual(['corrected', 'fence-3', 'fence-4']);
    expect(await analytics().customersChanged(changesOf(tenant, { belowFence: 3 }))).toEqual([]);
  });

  it('say in which hours of UTC the times lie, of all meters and months, also before 1970', async () => {
    const tenant = unique('tenant');
    const times = [NOON_MS + 1, NOON_MS, NOON_MS + HOUR_MS - 1, NOON_MS - 1, NOON_MS + 40 * DAY_MS, -1];
    const rows = times.map((timeMs, index) =>
      usageRow({ tenant, fence: 3, timeMs, meter: `meter-${index % 2}` }),
    );
    await insertAll(analytics(), 'usage', [...rows, usageRow({ tenant, fence: 5, timeMs: 0 })]);
    const hoursMs = [-HOUR_MS, NOON_MS - HOUR_MS, NOON_MS, NOON_MS + 40 * DAY_MS];
    expect(await analytics().customersChanged(changesOf(tenant))).toEqual([{ customer: 'globex', hoursMs }]);
  });

  it('are paged in order without a gap or a double', async () => {
    const tenant = unique('tenant');
    const customers = ['Z', 'a', 'b', 'é', '\u{1D4B3}'];
    const rows = customers
      .toReversed()
      .flatMap((customer) => [
        usageRow({ tenant, customer, fence: 3 }),
        usageRow({ tenant, customer, fence: 4 }),
      ]);
    await insertAll(analytics(), 'usage', rows);
    const seen: string[] = [];
    let page = await analytics().customersChanged(changesOf(tenant, { limit: 2 }));
    for (let last = page.at(-1); last !== undefined; last = page.at(-1)) {
      seen.push(...page.map(({ customer }) => customer));
      page = await analytics().customersChanged(changesOf(tenant, { limit: 2, after: last.customer }));
    }
    expect(seen).toEqual(customers);
    const tooMany = changesOf(tenant, { limit: LIMITS.snapshotCustomers + 1 });
    await expect(analytics().customersChanged(tooMany)).rejects.toThrow('customers');
  });
}
