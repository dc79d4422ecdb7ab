import { expect, test } from 'vitest';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { StoreError } from '../../shared/ports/store-error.ts';
import { callerWith, createRateWorld, type Process } from './rate-world.ts';

const caller = callerWith({ tenant: { perSecond: 100, burst: 1_000 } });
/** The most that one process leases: an eighth of the burst. */
const LEASE = 125;

async function send(process: Process, count: number) {
  const taken = await process.take({ caller, resource: 'events', count });
  return taken.ok ? 'ok' : taken.error.code;
}

/** Events that pass, of as many as a client can send within a while. */
async function passIn(world: ReturnType<typeof createRateWorld>, process: Process, seconds: number) {
  let passed = 0;
  for (let step = 0; step < seconds * 10; step += 1) {
    for (let request = 0; request < 10; request += 1) {
      if ((await send(process, 5)) === 'ok') passed += 5;
    }
    world.time.nowMs += 100;
  }
  return passed;
}

test('a process that cannot reach its bucket goes on at what it leased last, for a while and no longer', async () => {
  const world = createRateWorld();
  const process = world.startProcess();
  await passIn(world, process, 20);
  world.store.isDown = true;
  const seconds = LIMITS.leaseGraceMs / 1_000;
  const passed = await passIn(world, process, seconds);
  expect(passed).toBeGreaterThanOrEqual(90 * seconds);
  expect(passed).toBeLessThanOrEqual(LEASE * (seconds + 1));
  expect(await passIn(world, process, 60)).toBeLessThanOrEqual(LEASE);
  expect(await send(process, 5)).toBe('service.unavailable');
  expect(process.refusals.at(-1)).toBe('unknown');
  expect(process.outages()).toBeGreaterThan(seconds / 2);
});

test('it is not asked more than once a second meanwhile, and goes on as before when it is back', async () => {
  const world = createRateWorld();
  const process = world.startProcess();
  await passIn(world, process, 20);
  world.store.isDown = true;
  const before = process.calls.reads + process.calls.writes;
  await passIn(world, process, 100);
  expect(process.calls.reads + process.calls.writes - before).toBeLessThanOrEqual(
    100 + LIMITS.leaseWritesAtOnce,
  );
  world.store.isDown = false;
  world.time.nowMs += 1_000;
  expect(await passIn(world, process, 10)).toBeGreaterThanOrEqual(1_000);
});

test('a process that never reached its bucket lets a second of the rate through each second, and a whole request', async () => {
  const world = createRateWorld();
  const process = world.startProcess();
  world.store.isDown = true;
  expect(await send(process, 100)).toBe('ok');
  expect(await send(process, 1)).toBe('service.unavailable');
  world.time.nowMs += 1_000;
  expect(await send(process, 120)).toBe('ok');
  world.time.nowMs += LIMITS.leaseGraceMs;
  expect(await send(process, 1)).toBe('service.unavailable');
});

test('a bucket that is known to be empty refuses as the excess that it is, reachable or not', async () => {
  const world = createRateWorld();
  const process = world.startProcess();
  expect(await send(process, 1_000)).toBe('ok');
  world.store.isDown = true;
  expect(await send(process, 100)).toBe('limit.rate_exceeded');
});

test('a lease whose answer was lost is taken out of the bucket once', async () => {
  const world = createRateWorld();
  const process = world.startProcess();
  await send(process, 1);
  const { put } = world.memory;
  let isLost = true;
  const lossy = world.startProcess();
  world.memory.put = async (input) => {
    const written = await put(input);
    if (isLost) throw new StoreError({ message: 'lost', outcome: 'unknown', reason: 'timeout' });
    return written;
  };
  expect(await send(lossy, 100)).toBe('ok');
  isLost = false;
  world.time.nowMs += 1_000;
  // The burst, less what the two leased, and what a second added.
  expect(await send(lossy, 1_000 - 1 - 100 + 100)).toBe('ok');
  expect(await send(lossy, 1)).toBe('limit.rate_exceeded');
});
