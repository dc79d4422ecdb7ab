import { beforeAll, describe, expect, test } from 'vitest';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { createRebuildBench, DAY_MS, FIRST_DAY_MS, type RebuildBench, usedAt } from './rebuild-bench.ts';
import { createStruckStores, STRIKES, type Strike } from './struck-stores.ts';

/** Two days with a correction each, one of them moving its event from one to the other. */
async function corrected(): Promise<RebuildBench> {
  const bench = await createRebuildBench(['sum']);
  await bench.send([
    usedAt(1, { day: 0, hour: 3 }),
    usedAt(2, { day: 0, hour: 4 }),
    usedAt(3, { day: 0, hour: 4 }, { region: 'us' }),
    usedAt(4, { day: 1, hour: 5 }),
    usedAt(5, { day: 1, hour: 6 }),
  ]);
  await bench.consume();
  await bench.revoke('used-2');
  await bench.revoke('used-4');
  await bench.amend(usedAt(3, { day: 1, hour: 7 }, { amount: 30 }));
  await bench.consume();
  return bench;
}

/** The process that is struck runs until its jobs are done, or it is gone; then another goes on. */
async function runStruck(bench: RebuildBench, strike: Strike | null): Promise<number> {
  const struck = createStruckStores(bench.world.stores, strike);
  const process = bench.startProcess(struck.stores);
  for (let round = 0; round < 6; round += 1) {
    bench.world.clock.advance(10_000);
    await bench.putFence();
    await bench.consume();
    const ended = await Promise.race([process.runJobs(), struck.killed]).catch(() => 'failed' as const);
    await bench.check();
    if (ended === 'killed') break;
  }
  await bench.finishJobs();
  return struck.calls();
}

async function expectClean(bench: RebuildBench): Promise<void> {
  await bench.check();
  const { dirtyHoursMs, generations } = await bench.rollupState('sum');
  expect(dirtyHoursMs).toEqual([]);
  expect(generations.map(({ dayMs }) => dayMs)).toEqual([FIRST_DAY_MS, FIRST_DAY_MS + DAY_MS]);
  expect((await bench.grainsOf('sum')).every(({ grain }) => grain !== 'usage')).toBe(true);
  bench.world.faults.loseUsageRows();
  await bench.check();
}

describe('a rebuild that is struck at any of its calls', () => {
  let calls = 0;
  beforeAll(async () => {
    const bench = await corrected();
    calls = await runStruck(bench, null);
    await expectClean(bench);
  });

  test('makes enough of them to be struck at', () => {
    expect(calls).toBeGreaterThan(50);
  });

  test.each(STRIKES)('answers rightly all along, and is done in the end: %s', async (how) => {
    for (let call = 1; call <= calls; call += 1) {
      const bench = await corrected();
      // Another correction and a late event, planned while the rebuild is at that call.
      const meanwhile = async () => {
        await bench.send([usedAt(100, { day: 0, hour: 3 }, { amount: 1_000 })]);
        await bench.amend(usedAt(1, { day: 0, hour: 3, ms: 5 }, { amount: 200 }));
        await bench.revoke('used-5');
        await bench.consume();
        await bench.check();
      };
      await runStruck(bench, { call, how, meanwhile });
      // What was corrected meanwhile is taken on once the days have rested.
      bench.world.clock.advance(LIMITS.rebuildRestMaxMs);
      await bench.finishJobs();
      await expectClean(bench);
    }
  });
});
