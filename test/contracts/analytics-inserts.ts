import { describe, expect, it } from 'vitest';
import type { UsageGrain } from '../../shared/domain/metering/usage-read.ts';
import type { Analytics } from '../../shared/ports/analytics.ts';
import { StoreError } from '../../shared/ports/store-error.ts';
import {
  type AnalyticsUnderTest,
  dayPlan,
  eventRow,
  NOON_MS,
  partOf,
  quarantineRow,
  resendRow,
  unique,
  usageRow,
} from './analytics-builders.ts';

const GRAINS: readonly UsageGrain[] = ['usage', 'minute', 'hour', 'day'];

async function totals(analytics: Analytics, tenant: string) {
  const sums = GRAINS.map(async (grain) => (await analytics.usage(dayPlan(tenant, { grain })))[0]);
  return (await Promise.all(sums)).map((found) => found && [found.count, found.sum]);
}

export function describeInserts({ analytics }: AnalyticsUnderTest): void {
  describe('inserts', () => {
    it('count in the rows and in every rollup', async () => {
      const tenant = unique('tenant');
      const rows = ['1.5', '2.25', '-0.000000000001'].map((quantity) => usageRow({ tenant, quantity }));
      await analytics().insert(partOf('usage', rows));
      const total = ['3', '3.749999999999'];
      expect(await totals(analytics(), tenant)).toEqual([total, total, total, total]);
    });

    it('count once in the rows and in every rollup when the same token comes twice', async () => {
      const tenant = unique('tenant');
      const part = partOf('usage', [usageRow({ tenant }), usageRow({ tenant, quantity: '41' })]);
      await analytics().insert(part);
      await analytics().insert(part);
      const total = ['2', '42'];
      expect(await totals(analytics(), tenant)).toEqual([total, total, total, total]);
    });

    it('of equal rows count again under another token: the token is the identity, not the rows', async () => {
      const tenant = unique('tenant');
      const rows = [usageRow({ tenant, quantity: '5' })];
      await analytics().insert(partOf('usage', rows));
      await analytics().insert(partOf('usage', rows));
      const total = ['2', '10'];
      expect(await totals(analytics(), tenant)).toEqual([total, total, total, total]);
    });

    it('keep sums exact beyond 38 digits and below 10^-11', async () => {
      const tenant = unique('tenant');
      const large = '90000000000000000000000000';
      const rows = [...Array(20).fill(large), '0.000000000001'].map((quantity) =>
        usageRow({ tenant, quantity }),
      );
      await analytics().insert(partOf('usage', rows));
      const total = ['21', '1800000000000000000000000000.000000000001'];
      expect(await totals(analytics(), tenant)).toEqual([total, total, total, total]);
    });

    it.each([
      ['a quantity of 13 places', { quantity: '0.0000000000001' }],
      ['a quantity of 27 digits before the point', { quantity: '1'.repeat(27) }],
      ['a quantity that is no number', { quantity: 'NaN' }],
      ['a time before 1900', { timeMs: Date.UTC(1899, 11, 31) }],
      ['a time after 2299', { timeMs: Date.UTC(2300, 0, 1) }],
      ['a row hash beyond 64 bits', { rowHash: (2n ** 64n).toString() }],
      ['a generation beyond 32 bits', { generation: 2 ** 32 }],
    ])('refuse %s, and nothing of the part is stored', async (_, wrong) => {
      const tenant = unique('tenant');
      const chunk = unique('chunk');
      const good = usageRow({ tenant, chunk, timeMs: NOON_MS, ...('timeMs' in wrong ? wrong : {}) });
      const part = partOf('usage', [good, usageRow({ tenant, chunk, ...wrong })]);
      const thrown = await analytics()
        .insert(part)
        .catch((error: unknown) => error);
      expect(thrown).toBeInstanceOf(StoreError);
      expect(thrown).toMatchObject({ outcome: 'refused' });
      const contents = await analytics().partContents({ table: 'usage', partition: part.partition, chunk });
      expect(contents).toEqual({ rows: 0, fingerprint: '0' });
    });

    it('are over when they have resolved', async () => {
      const chunk = unique('chunk');
      await analytics().insert(partOf('usage', [usageRow({ chunk })], `${chunk}/usage/202611`));
      expect(await analytics().hasEnded(`${chunk}/usage/202611`)).toBe(true);
      expect(await analytics().hasEnded(chunk)).toBe(true);
    });
  });

  describe('what a table holds of a chunk', () => {
    const tables = [
      ['events', eventRow],
      ['usage', usageRow],
      ['resends', resendRow],
      ['quarantine', quarantineRow],
    ] as const;

    it.each(tables)('%s: rows and the XOR of their hashes, by partition and tenant', async (table, build) => {
      const chunk = unique('chunk');
      const [acme, globex] = [unique('tenant'), unique('tenant')];
      const hashes = ['18446744073709551615', '9223372036854775808', '5'] as const;
      const tenants = [acme, acme, globex];
      const rows = hashes.map((rowHash, index) => build({ chunk, rowHash, tenant: tenants[index] ?? acme }));
      await analytics().insert(partOf(table, rows as never));
      await analytics().insert(partOf(table, [build({ chunk: unique('chunk') })] as never));
      const here = { table, partition: '202611', chunk };
      const whole = (2n ** 64n - 1n) ^ (2n ** 63n) ^ 5n;
      expect(await analytics().partContents(here)).toEqual({ rows: 3, fingerprint: whole.toString() });
      expect(await analytics().partContents({ ...here, tenant: globex })).toEqual({
        rows: 1,
        fingerprint: '5',
      });
      const nothing = { rows: 0, fingerprint: '0' };
      expect(await analytics().partContents({ ...here, partition: '202612' })).toEqual(nothing);
      expect(await analytics().partContents({ ...here, tenant: 'nobody' })).toEqual(nothing);

      await analytics().removePart({ ...here, tenant: acme });
      expect(await analytics().partContents(here)).toEqual({ rows: 1, fingerprint: '5' });
      await analytics().removePart(here);
      expect(await analytics().partContents(here)).toEqual(nothing);
    });

    it('is gone from the rows after a removal and stays in rollups, and goes in again under a new token', async () => {
      const tenant = unique('tenant');
      const chunk = unique('chunk');
      const part = partOf('usage', [usageRow({ tenant, chunk, quantity: '3' })]);
      const address = { table: 'usage', partition: part.partition, chunk } as const;
      await analytics().insert(part);
      await analytics().removePart(address);
      const old = ['1', '3'];
      expect(await totals(analytics(), tenant)).toEqual([undefined, old, old, old]);
      await analytics().insert({ ...part, token: unique('token') });
      const [rows] = await totals(analytics(), tenant);
      expect(rows).toEqual(old);
    });

    it('that holds nothing is removed without an error', async () => {
      const address = { table: 'usage', partition: '203001', chunk: unique('chunk') } as const;
      await analytics().removePart(address);
      expect(await analytics().partContents(address)).toEqual({ rows: 0, fingerprint: '0' });
    });
  });
}
