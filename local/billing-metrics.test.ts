import { expect, test, vi } from 'vitest';
import type { Charge } from '../shared/domain/rating/charge.ts';
import { createBillingWorld, DECEMBER_MS, NOVEMBER_MS } from '../test/invoicing/billing-world.ts';
import { passTime } from '../test/state-machines/runner-process.ts';
import { createBilling } from './billing.ts';
import { createMetrics } from './metrics.ts';
import type { MachineDefinition } from './state-machines/definition.ts';
import { loadMachines } from './state-machines/load-machines.ts';

const HOUR_MS = 3_600_000;
const FOLDER = new URL('../lib/state-machines/', import.meta.url);
const CHARGES: readonly Charge[] = [
  { key: 'fee', timing: 'arrears', price: { model: 'flat', amount: '20.00' } },
  { key: 'dear', meter: 'input_tokens', price: { model: 'per_unit', unitAmount: '999999999999999.01' } },
];

/** The machines without another try: the pauses before one are real time. */
async function machinesOnce(): Promise<ReadonlyMap<string, MachineDefinition>> {
  const whole = JSON.stringify([...(await loadMachines(FOLDER))], (member, value) =>
    member === 'Retry' ? undefined : value,
  );
  return new Map(JSON.parse(whole));
}

/** A live tenant whose November is over and counted, and what billing tells of it. */
async function createMeasuredBilling(drawFence = async () => 1) {
  const world = await createBillingWorld(CHARGES);
  const { clock } = world;
  await world.subscribe('acme');
  await world.passFence(DECEMBER_MS);
  await clock.advance(DECEMBER_MS - NOVEMBER_MS + HOUR_MS);
  const metrics = createMetrics({ clock });
  const billing = await createBilling({
    ...{ stores: world, clock, drawFence, machines: await machinesOnce(), metrics: metrics.billing },
    onError: () => undefined,
  });
  const runAllDue = async () => {
    const ran = billing.runAllDue();
    await passTime(clock, ran);
    await ran;
  };
  /** Of a metric, its values by label. */
  const values = async (name: string) =>
    (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith(`countinghouse_${name}`));
  return { world, values, runAllDue };
}

test('a line that cannot be made is counted each time, and listed until it is billed', async () => {
  const { world, values, runAllDue } = await createMeasuredBilling();
  const row = { customer: 'acme', source: 'default', meter: 'input_tokens', dimensions: '{}' };
  await world.count([
    { ...row, fence: 0, id: 'huge', quantity: '999999999999999', timeMs: NOVEMBER_MS, chunk: 'huge' },
  ]);
  await runAllDue();
  expect(await values('invoice_lines_')).toEqual([
    'countinghouse_invoice_lines_quarantined_total 1',
    'countinghouse_invoice_lines_unbilled 1',
  ]);
  expect(await values('executions_ended')).toEqual([
    'countinghouse_executions_ended_total{machine="draft-invoices",status="succeeded"} 1',
  ]);
  expect(await values('due_')).toEqual([
    'countinghouse_due_runs_failed_total 0',
    'countinghouse_due_oldest_seconds 0',
  ]);
});

test('a page of invoices that is given up is counted, and what it had stays overdue', async () => {
  const { world, values, runAllDue } = await createMeasuredBilling();
  vi.spyOn(world.analytics, 'snapshotUsage').mockRejectedValue(new Error('no answer'));
  await runAllDue();
  expect(await values('invoice_pages_failed')).toEqual(['countinghouse_invoice_pages_failed_total 1']);
  const [, overdue] = await values('due_');
  expect(Number(overdue?.split(' ')[1])).toBeGreaterThanOrEqual(HOUR_MS / 1_000);
});

test('a run that fails is counted, and its execution', async () => {
  const { world, values, runAllDue } = await createMeasuredBilling(async () => {
    throw new Error('a stream that takes nothing');
  });
  await runAllDue();
  await world.clock.advance(24 * HOUR_MS);
  await world.passFence(world.clock.nowMs());
  await runAllDue();
  expect(await values('due_runs_failed')).toEqual(['countinghouse_due_runs_failed_total 1']);
  expect(await values('executions_ended')).toEqual([
    'countinghouse_executions_ended_total{machine="draft-invoices",status="succeeded"} 1',
    'countinghouse_executions_ended_total{machine="finalize-invoices",status="failed"} 1',
  ]);
});
