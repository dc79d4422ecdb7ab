import { describe, expect, test } from 'vitest';
import type { FoldFault } from '../../shared/adapters/memory/analytics/faults.ts';
import { getPlan } from '../../shared/app/consume/plan-file.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { drain, killAt } from './drive.ts';
import { createRebuildBench, DAY_MS, FIRST_DAY_MS, usedAt } from './rebuild-bench.ts';
import { AGGREGATIONS } from './rebuild-model.ts';
import { corrected, expectRolledUp } from './rebuild-scenes.ts';

const HOUR_MS = 3_600_000;

test('a question that is answered while its rollups are replaced is asked again', async () => {
  const bench = await createRebuildBench(['sum']);
  await bench.send([usedAt(1, { day: 0, hour: 3 })]);
  await bench.consume();
  let rebuilt = 0;
  bench.hooks.duringRead = async () => {
    // Rows that the old rollups lack, in an hour that is dirty and clean again before the question ends.
    bench.world.faults.strikeNextInsert({ kind: 'view_failed', grain: 'day' }, 'usage');
    await bench.send([usedAt(2, { day: 0, hour: 4 })]);
    await bench.consume();
    expect((await bench.rollupState('sum')).dirtyHoursMs).toEqual([FIRST_DAY_MS + 4 * HOUR_MS]);
    await bench.finishJobs();
    const state = await bench.rollupState('sum');
    expect(state).toEqual({ dirtyHoursMs: [], generations: [{ dayMs: FIRST_DAY_MS, generation: 1 }] });
    rebuilt += 1;
  };
  await bench.check();
  expect(rebuilt).toBe(1);
});

describe('a rebuild waits', () => {
  test('for chunks that were planned before it began: it does not fold before they are counted', async () => {
    const bench = await corrected();
    await bench.send([usedAt(30, { day: 0, hour: 3 }, { amount: 7_000 })]);
    const gate = Promise.withResolvers<void>();
    const isPlanning = Promise.withResolvers<void>();
    const { objects } = bench.world.stores;
    // The catalogue was read: the plan is of a revision before the rebuild, and not written yet.
    const slow = bench.startProcess({
      objects: {
        ...objects,
        put: async (input) => {
          if (input.key.startsWith('plans/')) {
            isPlanning.resolve();
            await gate.promise;
          }
          return await objects.put(input);
        },
      },
    });
    const consuming = bench.consume(slow);
    await isPlanning.promise;
    await bench.runJobs();
    for (let round = 0; round < 5; round += 1) {
      await bench.putFence();
      // Delivered again to another, as after a while without an answer: the fences are staged, and do not pass.
      await bench.consume();
      expect(await bench.runJobs()).toBe(AGGREGATIONS.length);
    }
    const jobs = (await bench.jobs()).filter(({ kind }) => kind === 'rebuild');
    expect(jobs.map(({ status }) => status)).toEqual(AGGREGATIONS.map(() => 'waiting'));
    gate.resolve();
    await consuming;
    await bench.finishJobs();
    await bench.check();
    await expectRolledUp(bench);
  });

  test('while a store refuses rows of its tenant', async () => {
    const bench = await corrected();
    bench.world.faults.refuseTenant('acme');
    await bench.send([usedAt(31, { day: 1, hour: 5 })]);
    await bench.consume();
    // None is begun by itself meanwhile.
    expect(await bench.runJobs()).toBe(0);
    const days = { from: '2026-11-20T00:00:00Z', to: '2026-11-22T00:00:00Z' };
    for (const meter of AGGREGATIONS) await bench.post(`/v1/meters/${meter}/rebuild`, days);
    await bench.runJobs();
    for (let round = 0; round < 3; round += 1) {
      await bench.putFence();
      await bench.consume();
      expect(await bench.runJobs()).toBe(AGGREGATIONS.length);
    }
    bench.world.faults.acceptTenant('acme');
    await bench.finishJobs();
    await bench.check();
    await bench.world.clock.advance(LIMITS.rebuildRestMs);
    await bench.finishJobs();
    await expectRolledUp(bench);
  });
});

test('what takes back is never of an older catalogue revision than what it takes back, also when a rebuild begins in between', async () => {
  const bench = await createRebuildBench(['sum']);
  const { items, objects } = bench.world.stores;
  await bench.send([usedAt(1, { day: 0, hour: 3 })]);
  // Claimed and not planned: the correction has to see to it.
  const { aroundStep, killed } = killAt({ step: 'put_plan', when: 'before', occurrence: 1 });
  await drain(bench.world, bench.world.startProcess(aroundStep), { batchSize: 1, killed });
  bench.world.clock.advance(LIMITS.chunkTakeoverMs);
  await bench.revoke('used-1');
  let reads = 0;
  const get: typeof items.get = async (input) => {
    const item = await items.get(input);
    if (input.key.sk !== 'catalogue') return item;
    reads += 1;
    // The first is of the event that is delivered again.
    if (reads !== 2) return item;
    const to = new Date(FIRST_DAY_MS + DAY_MS).toISOString();
    await bench.post('/v1/meters/sum/rebuild', { from: new Date(FIRST_DAY_MS).toISOString(), to });
    return item;
  };
  await bench.consume(bench.startProcess({ items: { ...items, get } }));
  expect(reads).toBeGreaterThanOrEqual(3);
  const { keys } = await objects.list({ prefix: 'plans/', limit: 100 });
  const plans = await Promise.all(
    keys.map((key) => getPlan(objects, key.slice(-'.json.zst'.length - 36, -9))),
  );
  const counted = plans.flatMap(({ rows }) => rows.usage).toSorted((a, b) => b.sign - a.sign);
  expect(counted.map(({ sign, generation }) => [sign, generation])).toEqual([
    [1, 0],
    [-1, 1],
  ]);
  await bench.finishJobs();
  expect((await bench.jobs())[0]).toMatchObject({ kind: 'rebuild', status: 'done', error: null });
  await bench.check();
});

describe('rollups that may be incomplete are never put in force', () => {
  const FAULTS: readonly FoldFault[] = ['answer_lost', 'half_in', 'half_answered', 'runs_on', 'not_reached'];

  test.each(FAULTS)('when a statement of theirs ends as %s', async (fault) => {
    const bench = await corrected();
    await bench.runJobs();
    for (const first of [fault, fault]) bench.world.faults.strikeNextFold(first);
    for (let round = 0; round < 3; round += 1) {
      await bench.putFence();
      await bench.consume();
      await bench.runJobs();
      await bench.check();
    }
    await bench.finishJobs();
    // What ran on ends now, in rollups that nobody reads.
    bench.world.faults.finishLateInserts();
    await bench.check();
    const failed = (await bench.jobs()).filter(({ error }) => error !== null);
    expect(failed).toEqual([]);
    const generations = (await bench.rollupState('count')).generations.map(({ generation }) => generation);
    expect(Math.max(...generations)).toBeGreaterThanOrEqual(1);
    await expectRolledUp(bench);
  });

  test('a statement that may be out is waited for, then its number is given up', async () => {
    const bench = await createRebuildBench();
    await bench.send([usedAt(1, { day: 0, hour: 3 }), usedAt(2, { day: 0, hour: 4 })]);
    await bench.consume();
    await bench.post('/v1/meters/sum/rebuild', {
      from: new Date(FIRST_DAY_MS).toISOString(),
      to: new Date(FIRST_DAY_MS + DAY_MS).toISOString(),
    });
    const never = new Promise<never>(() => undefined);
    const sent = Promise.withResolvers<void>();
    const { analytics } = bench.world.stores;
    const killed = bench.startProcess({
      analytics: {
        ...analytics,
        fold: async (input) => {
          await analytics.fold(input);
          sent.resolve();
          return await never;
        },
      },
    });
    await bench.runJobs();
    await bench.putFence();
    await bench.consume();
    void killed.runJobs();
    await sent.promise;
    expect(await bench.runJobs()).toBe(1);
    const [waiting] = await bench.jobs();
    expect(waiting).toMatchObject({ status: 'running', error: null });
    bench.world.clock.advance(LIMITS.foldLeaseMs);
    await bench.runJobs();
    const [again] = await bench.jobs();
    expect(again).toMatchObject({ status: 'waiting', error: 'A statement ended without an answer.' });
    await bench.finishJobs();
    expect((await bench.rollupState('sum')).generations).toEqual([{ dayMs: FIRST_DAY_MS, generation: 2 }]);
    await bench.check();
    await expectRolledUp(bench);
  });
});
