import { expect, test } from 'vitest';
import { createMemoryStream } from '../../shared/adapters/memory/stream/memory-stream.ts';
import { beginRebuild } from '../../shared/app/jobs/rebuild-meter.ts';
import { runJobs } from '../../shared/app/jobs/run-jobs.ts';
import { readRollupState } from '../../shared/app/metering/rollup-state.ts';
import type { UsageRow } from '../../shared/domain/metering/rows.ts';
import type { Charge } from '../../shared/domain/rating/charge.ts';
import {
  type BillingWorld,
  bill,
  createBillingWorld,
  DECEMBER_MS,
  NOVEMBER_MS,
  TENANT,
} from './billing-world.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const AGGREGATIONS = { sum: 'sum', max: 'max', latest: 'latest', unique: 'unique_count' } as const;
type Meter = keyof typeof AGGREGATIONS;
const METERS = Object.keys(AGGREGATIONS) as readonly Meter[];
const CHARGES = METERS.map(
  (meter): Charge => ({ key: meter, meter, price: { model: 'per_unit', unitAmount: '0.50' } }),
);
const CUSTOMERS = ['acme', 'globex'] as const;

/** The n-th event of the month: a row of each meter. */
function rowsOf(n: number, fields: Partial<UsageRow> = {}): readonly Partial<UsageRow>[] {
  return METERS.map((meter, index) => ({
    meter,
    customer: CUSTOMERS[n % 2] ?? '',
    source: 's',
    id: `event-${n}`,
    timeMs: NOVEMBER_MS + (n % 4) * DAY_MS + n * HOUR_MS,
    quantity: `${n}.5`,
    uniqueKey: `user-${n % 3}`,
    chunk: 'first',
    rowHash: String(n * 10 + index),
    ...fields,
  }));
}

/** A month with events that were taken back and counted anew; its days are rebuilt in between, or are not. */
async function worldOf(isRebuilt: boolean) {
  const world = await createBillingWorld(CHARGES, AGGREGATIONS);
  for (const customer of CUSTOMERS) await world.subscribe(customer);
  await world.passFence(NOVEMBER_MS);
  await world.count([1, 2, 3, 4, 5, 6, 7, 8].flatMap((n) => rowsOf(n)));
  await world.count([3, 8].flatMap((n) => rowsOf(n, { sign: -1, chunk: 'second' })));
  const before = await asked(world);
  await (isRebuilt ? rebuild(world) : world.passFence(NOVEMBER_MS));
  expect(await asked(world)).toEqual(before);
  // What is planned from now on is written into the rollups that are in force.
  const generation = isRebuilt ? 1 : 0;
  await world.passFence(NOVEMBER_MS);
  const late = { generation, revision: 90, chunk: 'late' };
  await world.count([...rowsOf(9, late), ...rowsOf(3, late), ...rowsOf(4, { ...late, sign: -1 })]);
  await (isRebuilt ? rebuild(world) : world.passFence(NOVEMBER_MS));
  return world;
}

async function rebuild(world: BillingWorld): Promise<void> {
  const { config, items, objects, analytics, clock } = world;
  const days = [0, 1, 2, 3, 4].map((day) => NOVEMBER_MS + day * DAY_MS);
  for (const meter of METERS) {
    expect((await beginRebuild(config)({ tenant: TENANT, meter, days })).ok).toBe(true);
  }
  const stream = createMemoryStream({ shards: 1, clock });
  const onFailure = (job: string, error: unknown) => {
    throw new Error(`${job} fails`, { cause: error });
  };
  const run = runJobs({ items, objects, analytics, clock, stream, onFailure });
  await run();
  await world.passFence(NOVEMBER_MS);
  expect(await run()).toEqual({ open: 0 });
}

/** What invoices are made of, as it is answered. */
async function asked({ analytics }: BillingWorld): Promise<string> {
  const answers: unknown[] = [];
  const spans = CUSTOMERS.map((customer) => ({ customer, fromMs: NOVEMBER_MS, toMs: DECEMBER_MS }));
  for (const meter of METERS) {
    for (const belowFence of [1, 2, 3, null]) {
      const lines = [{ meter, filters: {}, aggregation: AGGREGATIONS[meter] }];
      const question = { tenant: TENANT, lines, spans, belowFence };
      answers.push(await analytics.snapshotUsage(question));
      for (const span of spans) {
        answers.push(await analytics.evidence({ ...question, spans: [span], limit: 3 }));
        answers.push(await analytics.evidence({ ...question, spans: [span], limit: 100 }));
      }
    }
  }
  return JSON.stringify(answers);
}

test('snapshots, evidence and invoices are the same to the byte, however often days were rebuilt', async () => {
  const [plain, rebuilt] = [await worldOf(false), await worldOf(true)];
  const range = { tenant: TENANT, meter: 'sum', fromMs: NOVEMBER_MS, toMs: DECEMBER_MS };
  const { generations } = await readRollupState(rebuilt.items, range);
  expect(generations.map(({ generation }) => generation)).toEqual([2, 2, 2, 2, 2]);
  expect(await billed(rebuilt)).toBe(await billed(plain));
});

async function billed(world: BillingWorld): Promise<string> {
  await bill(world, world.run, DECEMBER_MS);
  const invoices = await world.invoices();
  expect(invoices.map(({ evidence }) => evidence?.includes('event-9'))).toEqual([false, true]);
  return JSON.stringify(invoices);
}
