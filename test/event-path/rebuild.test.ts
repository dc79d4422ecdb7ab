import { describe, expect, test } from 'vitest';
import type { FoldFault } from '../../shared/adapters/memory/analytics/faults.ts';
import type { Aggregation } from '../../shared/domain/metering/usage-read.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { createRebuildBench, DAY_MS, FIRST_DAY_MS, type RebuildBench, usedAt } from './rebuild-bench.ts';
import { AGGREGATIONS } from './rebuild-model.ts';
import { call } from './world.ts';

const HOUR_MS = 3_600_000;

/** Two days of events, of each of which something was corrected. */
async function corrected(): Promise<RebuildBench> {
  const bench = await createRebuildBench();
  const events = Array.from({ length: 12 }, (_, index) =>
    usedAt(index + 1, { day: index % 2, hour: index + 3 }, { region: index % 3 === 0 ? 'us' : 'eu' }),
  );
  await bench.send(events);
  await bench.consume();
  await bench.revoke('used-12');
  await bench.amend(usedAt(11, { day: 1, hour: 2 }, { amount: 500 }));
  await bench.amend(usedAt(10, { day: 0, hour: 13 }, { region: 'apac' }));
  await bench.consume();
  await bench.check();
  return bench;
}

async function rolledUp(bench: RebuildBench): Promise<readonly Aggregation[]> {
  const found: Aggregation[] = [];
  for (const aggregation of AGGREGATIONS) {
    const segments = await bench.grainsOf(aggregation);
    if (segments.every(({ grain }) => grain !== 'usage')) found.push(aggregation);
  }
  return found;
}

/** What rollups answer does not need the rows. */
async function expectRolledUp(bench: RebuildBench): Promise<void> {
  const aggregations = await rolledUp(bench);
  expect(aggregations).toEqual(expect.arrayContaining(['count', 'sum', 'avg']));
  bench.world.faults.loseUsageRows();
  await bench.check(aggregations);
}

describe('a rebuild', () => {
  test('comes by itself for days that are over: answers are the same all along, and read from rollups again', async () => {
    const bench = await corrected();
    expect(await rolledUp(bench)).toEqual([]);
    await bench.runJobs();
    const open = (await bench.jobs()).filter(({ kind }) => kind === 'rebuild');
    expect(open).toHaveLength(AGGREGATIONS.length);
    expect(open[0]).toMatchObject({ status: 'waiting', subject: { days: ['2026-11-20', '2026-11-21'] } });
    await bench.check();
    expect((await bench.rollupState('sum')).dirtyHoursMs).toHaveLength(48);
    await bench.finishJobs();
    await bench.check();
    const [job] = await bench.jobs();
    expect(job).toMatchObject({ status: 'done', progress: { pages: 2, events: 11 }, error: null });
    expect(await bench.rollupState('sum')).toMatchObject({
      dirtyHoursMs: [],
      generations: [{ generation: 1 }, { generation: 1 }],
    });
    await expectRolledUp(bench);
  });

  test('leaves a day alone that is not over, and one that was rebuilt a while ago until it has rested', async () => {
    const bench = await createRebuildBench();
    await bench.send([
      usedAt(1, { day: 2, hour: 3 }),
      usedAt(2, { day: 0, hour: 3 }),
      usedAt(3, { day: 0, hour: 4 }),
    ]);
    await bench.consume();
    await bench.revoke('used-1');
    await bench.revoke('used-2');
    await bench.consume();
    await bench.finishJobs();
    const state = await bench.rollupState('sum');
    expect(state.dirtyHoursMs).toEqual([bench.dayMs(2) + 3 * HOUR_MS]);
    await bench.revoke('used-3');
    await bench.consume();
    expect(await bench.runJobs()).toBe(0);
    bench.world.clock.advance(LIMITS.rebuildRestMs);
    expect(await bench.runJobs()).toBe(AGGREGATIONS.length);
    await bench.finishJobs();
    expect((await bench.rollupState('sum')).generations).toEqual([{ dayMs: FIRST_DAY_MS, generation: 2 }]);
    await bench.check();
  });

  test('is asked for by a route, once at a time and of days that are over; it is not canceled', async () => {
    const bench = await corrected();
    const rebuild = async (body: object, key = 'sum') =>
      await call(bench.main, {
        method: 'POST',
        path: `/v1/meters/${key}/rebuild`,
        secret: bench.secret,
        body,
      });
    const days = { from: '2026-11-20T23:00:00Z', to: '2026-11-21T00:00:00.001Z' };
    const started = await rebuild(days);
    expect(started).toMatchObject({
      status: 202,
      body: {
        kind: 'rebuild',
        status: 'waiting',
        subject: { meter: 'sum', days: ['2026-11-20', '2026-11-21'] },
      },
    });
    expect(await rebuild(days)).toMatchObject({ status: 409, body: { code: 'meter.rebuilding' } });
    const cancel = `/v1/jobs/${String(started.body.id)}/cancel`;
    const canceled = await call(bench.main, { method: 'POST', path: cancel, secret: bench.secret });
    expect(canceled).toMatchObject({ status: 409, body: { code: 'job.not_cancelable' } });
    for (const to of ['2026-11-20T23:00:00Z', '2026-11-22T00:00:00.001Z', '2026-12-22T00:00:00Z']) {
      expect(await rebuild({ ...days, to }, 'count')).toMatchObject({
        status: 400,
        body: { code: 'usage.invalid_range', errors: [{ path: 'to' }] },
      });
    }
    expect(await rebuild(days, 'nothing')).toMatchObject({ status: 404, body: { code: 'meter.not_found' } });
    await bench.finishJobs();
    await bench.check();
  });

  test('of a day on which nothing stands any more leaves nothing in its rollups', async () => {
    const bench = await createRebuildBench();
    await bench.send([usedAt(1, { day: 0, hour: 3 })]);
    await bench.consume();
    await bench.revoke('used-1');
    await bench.consume();
    await bench.finishJobs();
    expect(await bench.rollupState('sum')).toMatchObject({
      dirtyHoursMs: [],
      generations: [{ generation: 1 }],
    });
    await expectRolledUp(bench);
  });

  test('keeps the marks of what was corrected while it ran, and the next one takes them away', async () => {
    const bench = await corrected();
    await bench.runJobs();
    await bench.revoke('used-1');
    await bench.send([usedAt(20, { day: 0, hour: 3 })]);
    await bench.consume();
    await bench.check();
    await bench.finishJobs();
    expect((await bench.rollupState('max')).dirtyHoursMs).toEqual([FIRST_DAY_MS + 3 * HOUR_MS]);
    await bench.check();
    bench.world.clock.advance(LIMITS.rebuildRestMs);
    await bench.finishJobs();
    expect((await bench.rollupState('max')).dirtyHoursMs).toEqual([]);
    await bench.check();
    await expectRolledUp(bench);
  });
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
      await bench.main.issueFence();
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
      await bench.main.issueFence();
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

describe('rollups that may be incomplete are never put in force', () => {
  const FAULTS: readonly FoldFault[] = ['answer_lost', 'half_in', 'half_answered', 'runs_on', 'not_reached'];

  test.each(FAULTS)('when a statement of theirs ends as %s', async (fault) => {
    const bench = await corrected();
    await bench.runJobs();
    for (const first of [fault, fault]) bench.world.faults.strikeNextFold(first);
    for (let round = 0; round < 3; round += 1) {
      await bench.main.issueFence();
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
    await bench.main.issueFence();
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
