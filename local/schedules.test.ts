import { expect, test } from 'vitest';
import { createVirtualClock } from '../shared/adapters/memory/virtual-clock.ts';
import { InvariantError } from '../shared/kernel/assert.ts';
import { type ScheduledTask, startSchedules } from './schedules.ts';

const START_MS = Date.UTC(2026, 10, 24);

function createWorld() {
  const clock = createVirtualClock({ startMs: START_MS });
  const errors: string[] = [];
  const start = (...tasks: readonly ScheduledTask[]) =>
    startSchedules({ clock, tasks, onError: (task, error) => errors.push(`${task}: ${String(error)}`) });
  return { clock, errors, start, atMs: () => clock.nowMs() - START_MS };
}

test('each task runs at once and then again and again, by its own interval', async () => {
  const { clock, start, atMs } = createWorld();
  const runs: string[] = [];
  const task = (name: string, everyMs: number) => ({
    name,
    everyMs,
    run: async () => runs.push(`${name} ${atMs()}`),
  });
  const schedules = start(task('fast', 100), task('slow', 250));
  await clock.advance(500);
  expect(runs.filter((run) => run.startsWith('fast'))).toEqual(
    [0, 100, 200, 300, 400, 500].map((ms) => `fast ${ms}`),
  );
  expect(runs.filter((run) => run.startsWith('slow'))).toEqual(['slow 0', 'slow 250', 'slow 500']);
  await schedules.stop();
});

test('a task never overlaps itself, however long it takes, and does not hold up another one', async () => {
  const { clock, start, atMs } = createWorld();
  const [starts, others]: [number[], number[]] = [[], []];
  let running = 0;
  const long = async () => {
    running += 1;
    expect(running).toBe(1);
    starts.push(atMs());
    await clock.sleep(350);
    running -= 1;
  };
  const schedules = start(
    { name: 'long', everyMs: 100, run: long },
    { name: 'other', everyMs: 200, run: async () => others.push(atMs()) },
  );
  await clock.advance(1_000);
  expect(starts).toEqual([0, 450, 900]);
  expect(others).toEqual([0, 200, 400, 600, 800, 1_000]);
  const stopped = schedules.stop();
  await clock.advance(350);
  await stopped;
});

test('a task that fails, at once or later, is reported and goes on', async () => {
  const { clock, errors, start } = createWorld();
  let runs = 0;
  const failing = {
    name: 'failing',
    everyMs: 100,
    run: async () => {
      runs += 1;
      if (runs === 2) await clock.sleep(10);
      if (runs < 4) throw new Error(`run ${runs}`);
    },
  };
  const atOnce = {
    name: 'at once',
    everyMs: 1_000,
    run: () => {
      throw new Error('no promise');
    },
  };
  const schedules = start(failing, atOnce);
  await clock.advance(450);
  expect(runs).toBe(5);
  expect(errors).toEqual([
    'at once: Error: no promise',
    'failing: Error: run 1',
    'failing: Error: run 2',
    'failing: Error: run 3',
  ]);
  await schedules.stop();
});

test('stop waits for the runs under way, not for the pauses, and nothing runs afterwards', async () => {
  const { clock, start } = createWorld();
  const work = Promise.withResolvers<void>();
  const runs = { long: 0, short: 0 };
  const schedules = start(
    {
      name: 'long',
      everyMs: 1,
      run: async () => {
        runs.long += 1;
        await work.promise;
      },
    },
    { name: 'short', everyMs: 3_600_000, run: async () => (runs.short += 1) },
  );
  await clock.advance(10);
  let isStopped = false;
  const stopped = schedules.stop().then(() => {
    isStopped = true;
  });
  await clock.advance(10_000_000);
  expect(isStopped).toBe(false);
  work.resolve();
  await stopped;
  await clock.advance(10_000_000);
  expect(runs).toEqual({ long: 1, short: 1 });
});

test('a task without a pause is a bug', () => {
  const { start } = createWorld();
  expect(() => start({ name: 'busy', everyMs: 0, run: async () => undefined })).toThrow(InvariantError);
});
