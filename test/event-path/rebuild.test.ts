import { describe, expect, test } from 'vitest';
import { advanceRebuild } from '../../shared/app/jobs/advance-rebuild.ts';
import { type JobRecord, jobFromItem, OPEN_JOBS_OWNER } from '../../shared/app/records/job.ts';
import { INDEXES, TABLES } from '../../shared/contracts/names.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { createRebuildBench, FIRST_DAY_MS, usedAt } from './rebuild-bench.ts';
import { AGGREGATIONS } from './rebuild-model.ts';
import { corrected, expectRolledUp, rolledUp } from './rebuild-scenes.ts';
import { call } from './world.ts';

const HOUR_MS = 3_600_000;

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
    expect(await rebuild({ from: days.from }, 'count')).toMatchObject({
      status: 400,
      body: { code: 'request.missing_field', errors: [{ path: 'to' }] },
    });
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
    await bench.send([usedAt(20, { day: 0, hour: 3 }), usedAt(21, { day: 0, hour: 20 })]);
    await bench.consume();
    await bench.check();
    await bench.finishJobs();
    expect((await bench.rollupState('max')).dirtyHoursMs).toEqual([FIRST_DAY_MS + 3 * HOUR_MS]);
    await bench.check();
    // What comes late to a clean hour is in the rollups that are in force.
    await bench.send([usedAt(22, { day: 0, hour: 21 })]);
    await bench.consume();
    await bench.check();
    bench.world.clock.advance(LIMITS.rebuildRestMs);
    await bench.finishJobs();
    expect((await bench.rollupState('max')).dirtyHoursMs).toEqual([]);
    await bench.check();
    await expectRolledUp(bench);
  });
});

test('a rebuild is done in one run beside a job that waits for its page', async () => {
  const bench = await createRebuildBench(['sum']);
  await bench.send([usedAt(1, { day: 0, hour: 3 })]);
  await bench.consume();
  await bench.post('/v1/meters', { key: 'calls', eventType: 'used', aggregation: 'count' });
  const days = { from: '2026-11-20T00:00:00Z', to: '2026-11-21T00:00:00Z' };
  await bench.post('/v1/meters/calls/backfill', days);
  await bench.post('/v1/meters/sum/rebuild', days);
  await bench.runJobs();
  await bench.putFence();
  await bench.consume();
  expect(await bench.runJobs()).toBe(1);
  const states = (await bench.jobs()).map(({ kind, status }) => [kind, status]);
  expect(states.slice(0, 2)).toEqual([
    ['rebuild', 'done'],
    ['meter_backfill', 'running'],
  ]);
});

test('a rebuild that another run has ended meanwhile is left to it', async () => {
  const bench = await corrected();
  const { clock, stores } = bench.world;
  const { items, analytics } = stores;
  const seen = new Map<string, JobRecord>();
  for (let rounds = 0; rounds < 12; rounds += 1) {
    const page = await items.query({
      table: TABLES.main,
      index: INDEXES.byOwner,
      pk: OPEN_JOBS_OWNER,
      limit: 50,
    });
    for (const job of page.items.map(jobFromItem)) if (job.subject.kind === 'rebuild') seen.set(job.id, job);
    await bench.runJobs();
    await bench.consume();
  }
  await bench.finishJobs();
  const overtaken = [...seen.values()];
  expect(overtaken).not.toEqual([]);
  for (const job of overtaken) {
    expect(await advanceRebuild({ items, analytics, clock }, job, clock.nowMs() + 1_000)).toBe(false);
  }
});
