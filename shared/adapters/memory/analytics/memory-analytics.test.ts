import { describe, expect, it } from 'vitest';
import { dayPlan, partOf, unique, usageRow } from '../../../../test/contracts/analytics-builders.ts';
import type { Analytics } from '../../../ports/analytics.ts';
import type { InsertFault } from './faults.ts';
import { createMemoryAnalytics } from './memory-analytics.ts';

const UNKNOWN = { name: 'StoreError', outcome: 'unknown' };

/** Counts that the rows and each rollup answer with. */
async function counts(analytics: Analytics): Promise<readonly (string | undefined)[]> {
  const grains = ['usage', 'minute', 'hour', 'day'] as const;
  const found = grains.map((grain) => analytics.usage(dayPlan('acme', { grain })));
  return (await Promise.all(found)).map(([only]) => only?.count);
}

async function struckBy(fault: InsertFault) {
  const { analytics, faults } = createMemoryAnalytics();
  const chunk = unique('chunk');
  const part = partOf('usage', [usageRow({ chunk })], `${chunk}/usage/202611`);
  faults.strikeNextInsert(fault, 'usage');
  const insert = analytics.insert(part);
  return { analytics, faults, chunk, part, insert };
}

describe('the faults of the twin', () => {
  it('a token without rows: its retry is answered as success, rollups get the rows, the table never does', async () => {
    const { analytics, part, insert } = await struckBy({ kind: 'token_without_rows' });
    await expect(insert).rejects.toMatchObject(UNKNOWN);
    expect(await counts(analytics)).toEqual([undefined, undefined, undefined, undefined]);
    await analytics.insert(part);
    expect(await counts(analytics)).toEqual([undefined, '1', '1', '1']);
    await analytics.insert({ ...part, token: `${part.token}/1.2` });
    expect(await counts(analytics)).toEqual(['1', '2', '2', '2']);
  });

  it('a lost answer: everything is in, and the same token adds nothing', async () => {
    const { analytics, part, insert } = await struckBy({ kind: 'answer_lost' });
    await expect(insert).rejects.toMatchObject(UNKNOWN);
    await analytics.insert(part);
    expect(await counts(analytics)).toEqual(['1', '1', '1', '1']);
  });

  it('a view that fails: one rollup lacks the rows until the same token completes it', async () => {
    const { analytics, part, insert } = await struckBy({ kind: 'view_failed', grain: 'hour' });
    await expect(insert).rejects.toMatchObject(UNKNOWN);
    expect(await counts(analytics)).toEqual(['1', '1', undefined, '1']);
    await analytics.insert(part);
    expect(await counts(analytics)).toEqual(['1', '1', '1', '1']);
  });

  it('strike whatever a rollup holds alike', async () => {
    const { analytics, part, insert } = await struckBy({ kind: 'view_failed', grain: 'hour' });
    await expect(insert).rejects.toMatchObject(UNKNOWN);
    const values = async (grain: 'usage' | 'hour' | 'day') => {
      const aggregations = ['min', 'max', 'latest', 'unique_count'] as const;
      const found = aggregations.map((aggregation) =>
        analytics.usage(dayPlan('acme', { aggregation, grain })),
      );
      return (await Promise.all(found)).map(([only]) => only?.value);
    };
    expect(await values('usage')).toEqual(['1', '1', '1', '0']);
    expect(await values('hour')).toEqual([undefined, undefined, undefined, undefined]);
    expect(await values('day')).toEqual(['1', '1', '1', '0']);
    await analytics.insert(part);
    expect(await values('hour')).toEqual(['1', '1', '1', '0']);
  });

  it('a statement that runs on: it has not ended, and its rows come later', async () => {
    const { analytics, faults, chunk, insert } = await struckBy({ kind: 'runs_on' });
    await expect(insert).rejects.toMatchObject(UNKNOWN);
    expect(await analytics.hasEnded(chunk)).toBe(false);
    faults.finishLateInserts();
    expect(await analytics.hasEnded(chunk)).toBe(true);
    expect(await counts(analytics)).toEqual(['1', '1', '1', '1']);
  });

  it('strike only the table they are meant for, once', async () => {
    const { analytics, faults } = createMemoryAnalytics();
    faults.strikeNextInsert({ kind: 'not_reached' }, 'events');
    await analytics.insert(partOf('usage', [usageRow()]));
    const events = partOf('events', []);
    await analytics.insert(events);
    faults.strikeNextInsert({ kind: 'not_reached' });
    const part = partOf('usage', [usageRow()]);
    await expect(analytics.insert(part)).rejects.toMatchObject({ outcome: 'not_done' });
    await analytics.insert(part);
    expect(await counts(analytics)).toEqual(['2', '2', '2', '2']);
  });

  it('forgotten tokens: what is sent under one again goes in again', async () => {
    const { analytics, faults } = createMemoryAnalytics();
    const part = partOf('usage', [usageRow()]);
    await analytics.insert(part);
    await analytics.insert(part);
    expect(await counts(analytics)).toEqual(['1', '1', '1', '1']);
    faults.forgetTokens();
    await analytics.insert(part);
    expect(await counts(analytics)).toEqual(['2', '2', '2', '2']);
  });

  it('spared inserts: a fault that waits for one strikes none', async () => {
    const { analytics, faults } = createMemoryAnalytics();
    faults.strikeNextInsert({ kind: 'not_reached' });
    faults.spareInserts();
    await analytics.insert(partOf('usage', [usageRow()]));
    expect(await counts(analytics)).toEqual(['1', '1', '1', '1']);
  });

  it('a tenant that is refused: nothing of a part with its rows goes in, until it is accepted', async () => {
    const { analytics, faults } = createMemoryAnalytics();
    faults.refuseTenant('globex');
    const part = partOf('usage', [usageRow(), usageRow({ tenant: 'globex' })]);
    await expect(analytics.insert(part)).rejects.toMatchObject({ outcome: 'refused' });
    expect(await counts(analytics)).toEqual([undefined, undefined, undefined, undefined]);
    faults.acceptTenant('globex');
    await analytics.insert(part);
    expect(await counts(analytics)).toEqual(['1', '1', '1', '1']);
  });

  it('while it cannot be reached nothing is done and nothing answered', async () => {
    const { analytics, faults } = createMemoryAnalytics();
    faults.setReachable(false);
    const address = { table: 'usage', partition: '202611', chunk: 'X' } as const;
    const calls = [
      () => analytics.insert(partOf('usage', [usageRow()])),
      () => analytics.hasEnded('X'),
      () => analytics.partContents(address),
      () => analytics.removePart(address),
      () => analytics.putPriced([]),
      () => analytics.usage(dayPlan('acme')),
      () => analytics.usageGroups(dayPlan('acme'), 1),
    ];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({ outcome: 'not_done', reason: 'unreachable' });
    }
    faults.setReachable(true);
    expect(await counts(analytics)).toEqual([undefined, undefined, undefined, undefined]);
  });
});
