import { expect, test } from 'vitest';
import { createCountedIds } from './counted-ids.ts';
import { createVirtualClock } from './virtual-clock.ts';

const START_MS = Date.UTC(2026, 10, 24);

test('time stands still until it is told to pass', async () => {
  const clock = createVirtualClock({ startMs: START_MS });
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(clock.nowMs()).toBe(START_MS);
  await clock.advance(1_500);
  expect(clock.nowMs()).toBe(START_MS + 1_500);
});

test('sleepers wake at their own moment, in order, and can sleep again within the time that passes', async () => {
  const clock = createVirtualClock({ startMs: START_MS });
  const seen: string[] = [];
  const tick = async (name: string, everyMs: number) => {
    for (;;) {
      await clock.sleep(everyMs);
      seen.push(`${name} ${clock.nowMs() - START_MS}`);
    }
  };
  void tick('a', 30);
  void tick('b', 20);
  await clock.advance(65);
  expect(seen).toEqual(['b 20', 'a 30', 'b 40', 'a 60', 'b 60']);
  await clock.advance(14);
  expect(seen).toHaveLength(5);
  await clock.advance(1);
  expect(seen.slice(5)).toEqual(['b 80']);
});

test('what a woken one does in memory is done before time goes on', async () => {
  const clock = createVirtualClock({ startMs: START_MS });
  const seen: number[] = [];
  const work = clock.sleep(10).then(async () => {
    for (let step = 0; step < 50; step += 1) await Promise.resolve();
    seen.push(clock.nowMs() - START_MS);
  });
  await clock.advance(1_000);
  await work;
  expect(seen).toEqual([10]);
});

test('counted ids are the same in every run', async () => {
  const draw = async () => {
    const clock = createVirtualClock({ startMs: START_MS });
    const ids = createCountedIds({ clock });
    const first = [ids.uuid(), ids.uuid(), ids.secret()];
    await clock.advance(1);
    return [...first, ids.uuid(), ids.secret()];
  };
  expect(await draw()).toEqual(await draw());
});
