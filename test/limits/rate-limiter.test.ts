import { expect, test } from 'vitest';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { callerWith, createRateWorld, type Process } from './rate-world.ts';

const LIMIT = { perSecond: 100, burst: 1_000 };
const caller = callerWith({ tenant: LIMIT });
const send = (process: Process, count: number, who = caller) =>
  process.take({ caller: who, resource: 'events', count });

/** What a taken or refused request says, in short. */
async function outcomeOf(process: Process, count: number, who = caller) {
  const taken = await send(process, count, who);
  return taken.ok ? 'ok' : taken.error.code;
}

test('one process lets the burst through at once, then what the rate adds', async () => {
  const { time, startProcess } = createRateWorld();
  const process = startProcess();
  expect(await outcomeOf(process, 1_000)).toBe('ok');
  const refused = await send(process, 250);
  expect(refused).toMatchObject({
    error: {
      code: 'limit.rate_exceeded',
      detail: 'The limit of the tenant is 100 events a second, 1,000 at once; send the request again in 3 s.',
      retryAfterSeconds: 3,
      quota: { limit: 1_000, windowSeconds: 10, remaining: 0, resetSeconds: 10 },
    },
  });
  time.nowMs += 2_499;
  expect(await outcomeOf(process, 250)).toBe('limit.rate_exceeded');
  time.nowMs += 501;
  expect(await outcomeOf(process, 250)).toBe('ok');
  expect(await outcomeOf(process, 250)).toBe('limit.rate_exceeded');
});

test('what is left is told with each request', async () => {
  const { startProcess } = createRateWorld();
  const process = startProcess();
  expect(await send(process, 400)).toMatchObject({
    value: { limit: 1_000, remaining: 600, resetSeconds: 4 },
  });
  expect(await send(process, 1)).toMatchObject({ value: { remaining: 599, resetSeconds: 5 } });
});

test('a request that can never pass says so, and takes nothing', async () => {
  const { startProcess } = createRateWorld();
  const process = startProcess();
  expect(await send(process, 1_001)).toMatchObject({
    error: {
      code: 'limit.above_burst',
      detail: 'The request has 1,001 events, and the tenant may send 1,000 at once: send smaller batches.',
    },
  });
  expect(await outcomeOf(process, 1_000)).toBe('ok');
  expect(process.refusals).toEqual(['burst']);
});

test('a key has its limit beside that of its tenant, and what one refuses costs the other nothing', async () => {
  const { startProcess } = createRateWorld();
  const process = startProcess();
  const limited = callerWith({ tenant: LIMIT, key: { perSecond: 10, burst: 10 }, keyId: 'key_2' });
  expect(await outcomeOf(process, 10, limited)).toBe('ok');
  const refused = await send(process, 10, limited);
  expect(refused).toMatchObject({ error: { code: 'limit.rate_exceeded', retryAfterSeconds: 1 } });
  expect(process.refusals).toEqual(['key']);
  expect(await outcomeOf(process, 990)).toBe('ok');
  expect(await outcomeOf(process, 1)).toBe('limit.rate_exceeded');
});

test('requests at the same time share what is there: not one token is given twice or lost', async () => {
  const { startProcess } = createRateWorld();
  const process = startProcess();
  const outcomes = await Promise.all(Array.from({ length: 300 }, () => outcomeOf(process, 10)));
  const passed = outcomes.filter((outcome) => outcome === 'ok').length;
  expect(passed).toBeLessThanOrEqual(100);
  expect(passed).toBeGreaterThanOrEqual(90);
});

test('processes share a bucket: together they let through what one would, but for what each has in hand', async () => {
  const { startProcess } = createRateWorld();
  const processes = [startProcess(), startProcess(), startProcess()];
  const outcomes = await Promise.all(
    Array.from({ length: 30 }, (_, index) => outcomeOf(processes[index % 3] as Process, 50)),
  );
  const passed = outcomes.filter((outcome) => outcome === 'ok').length;
  expect(passed).toBeLessThanOrEqual(20);
  expect(passed).toBeGreaterThanOrEqual(18);
});

test('tenants, keys and resources do not share buckets; a key of the operator has one of its own', async () => {
  const { startProcess, memory } = createRateWorld();
  const process = startProcess();
  const other = { ...caller, tenant: { ...caller.tenant, key: 'globex' } };
  const operator = { keyId: 'key_9', tenant: null, limits: caller.limits };
  await send(process, 1_000);
  expect(await outcomeOf(process, 1_000, other)).toBe('ok');
  expect((await process.take({ caller, resource: 'requests', count: 1 })).ok).toBe(true);
  const taken = await process.take({ caller: operator, resource: 'requests', count: 1 });
  expect(taken).toMatchObject({ value: { limit: LIMITS.requestsBurst } });
  expect(memory.all().map(({ pk }) => pk)).toEqual([
    'tenant#acme#limit#events',
    'tenant#globex#limit#events',
    'tenant#acme#limit#requests',
    'operator#limit#requests#key_9',
  ]);
});

test('a limit that is lowered or raised holds from the next request on', async () => {
  const { startProcess, time } = createRateWorld();
  const process = startProcess();
  for (let sent = 0; sent < 300; sent += 1) await send(process, 1);
  const lowered = callerWith({ tenant: { perSecond: 1, burst: 2 } });
  time.nowMs += 10;
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => outcomeOf(process, 1, lowered)));
  expect(outcomes.filter((outcome) => outcome === 'ok').length).toBeLessThanOrEqual(4);
  time.nowMs += 10_000;
  expect(await outcomeOf(process, 900)).toBe('ok');
});

test('the usual limits let an hour of real traffic through in batches, as fast as anybody can send it', async () => {
  const { startProcess } = createRateWorld();
  const process = startProcess();
  const usual = callerWith({});
  const batches = [...Array.from({ length: 38 }, () => 500), 366];
  for (const count of [...batches, ...batches]) expect(await outcomeOf(process, count, usual)).toBe('ok');
});

test('a bucket that expired is a full one, for processes that knew it, too', async () => {
  const { startProcess, memory, time } = createRateWorld();
  const process = startProcess();
  await send(process, 1_000);
  const [item] = memory.all();
  expect(item?.ttl).toBeGreaterThan(time.nowMs / 1_000 + 10);
  time.nowMs += 2 * 86_400_000;
  memory.expire(time.nowMs / 1_000);
  expect(memory.all()).toEqual([]);
  expect(await outcomeOf(process, 1_000)).toBe('ok');
});
