import { expect, test } from 'vitest';
import { partOf, usageRow } from '../../../test/contracts/analytics-builders.ts';
import { StoreError } from '../../ports/store-error.ts';
import { createMemoryAnalytics } from '../memory/analytics/memory-analytics.ts';
import { withBreaker } from './breaker.ts';

function createSubject() {
  const { analytics, faults } = createMemoryAnalytics();
  const time = { nowMs: 1_000_000 };
  const calls = { count: 0 };
  const counted = {
    ...analytics,
    insert: async (part: Parameters<typeof analytics.insert>[0]) => {
      calls.count += 1;
      await analytics.insert(part);
    },
  };
  const writer = withBreaker({
    writer: counted,
    clock: { nowMs: () => time.nowMs, sleep: async () => undefined },
  });
  const insert = () => writer.insert(partOf('usage', [usageRow()]));
  return { faults, time, calls, insert, isDown: writer.isDown };
}

test('after three outages in a row nothing is tried for ten seconds, then once', async () => {
  const { faults, time, calls, insert } = createSubject();
  faults.setReachable(false);
  for (let call = 1; call <= 3; call += 1) await expect(insert()).rejects.toBeInstanceOf(StoreError);
  for (let call = 1; call <= 5; call += 1)
    await expect(insert()).rejects.toMatchObject({ outcome: 'not_done' });
  expect(calls.count).toBe(3);
  time.nowMs += 10_000;
  await expect(insert()).rejects.toBeInstanceOf(StoreError);
  await expect(insert()).rejects.toBeInstanceOf(StoreError);
  expect(calls.count).toBe(4);
});

test('the first success after an outage ends it', async () => {
  const { faults, time, calls, insert } = createSubject();
  faults.setReachable(false);
  for (let call = 1; call <= 3; call += 1) await expect(insert()).rejects.toBeInstanceOf(StoreError);
  faults.setReachable(true);
  time.nowMs += 10_000;
  for (let call = 1; call <= 3; call += 1) await insert();
  expect(calls.count).toBe(6);
});

test('rows that are refused are no outage: the next ones are tried', async () => {
  const { faults, calls, insert } = createSubject();
  faults.refuseTenant('acme');
  for (let call = 1; call <= 5; call += 1)
    await expect(insert()).rejects.toMatchObject({ outcome: 'refused' });
  expect(calls.count).toBe(5);
});

test('an outage is seen from the call that opens the breaker to the first that succeeds', async () => {
  const { faults, time, insert, isDown } = createSubject();
  faults.setReachable(false);
  for (let call = 1; call <= 2; call += 1) await insert().catch(() => undefined);
  expect(isDown()).toBe(false);
  await insert().catch(() => undefined);
  expect(isDown()).toBe(true);
  time.nowMs += 10_000;
  expect(isDown()).toBe(true);
  faults.setReachable(true);
  await insert();
  expect(isDown()).toBe(false);
});
