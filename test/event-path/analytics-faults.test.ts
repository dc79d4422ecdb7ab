import { describe, expect, test } from 'vitest';
import type { InsertFault } from '../../shared/adapters/memory/analytics/faults.ts';
import type { AnalyticsTable } from '../../shared/domain/metering/rows.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { drain, killAt, readTotals, send } from './drive.ts';
import { foldTrace, readTrace, seededRandom, shuffledBatches } from './trace.ts';
import { call, createWorld, type World } from './world.ts';

const EVENTS = readTrace(200);
const EXPECTED = foldTrace(EVENTS);
const FAULTS: readonly (readonly [string, InsertFault])[] = [
  ['records a token without its rows', { kind: 'token_without_rows' }],
  ['loses an answer', { kind: 'answer_lost' }],
  ['fails the view of minutes', { kind: 'view_failed', grain: 'minute' }],
  ['fails the view of hours', { kind: 'view_failed', grain: 'hour' }],
  ['fails the view of days', { kind: 'view_failed', grain: 'day' }],
  ['is not reached', { kind: 'not_reached' }],
];
const TABLES: readonly AnalyticsTable[] = ['events', 'usage', 'resends'];

async function filled(): Promise<{ readonly world: World; readonly secret: string }> {
  const world = await createWorld();
  const secret = world.secrets.get('acme') ?? '';
  const process = world.startProcess();
  for (const batch of shuffledBatches(EVENTS, { size: 20, random: seededRandom(3) })) {
    await send(process, secret, batch);
    world.clock.advance(20);
  }
  await process.issueFence();
  return { world, secret };
}

/** As often as it takes a restarted system to finish what it left open. */
async function settle(world: World): Promise<void> {
  for (let sweep = 1; sweep <= 4; sweep += 1) {
    world.clock.advance(LIMITS.chunkTakeoverMs);
    await world.startProcess().sweep({ force: false });
  }
}

async function countEvents(world: World, secret: string): Promise<number> {
  let count = 0;
  for (let cursor: unknown = ''; cursor !== null; ) {
    const path = `/v1/events?limit=100${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const { body } = await call(world.startProcess(), { method: 'GET', path, secret });
    count += body.data.length;
    cursor = body.nextCursor;
  }
  return count;
}

describe.each(FAULTS)('counts are right when analytics %s', (_name, fault) => {
  test.each(TABLES)('at the first insert into %s', async (table) => {
    const { world, secret } = await filled();
    world.faults.strikeNextInsert(fault, table);
    await drain(world, world.startProcess(), { batchSize: 4 });
    await settle(world);
    expect(await readTotals(world.startProcess(), secret)).toEqual(EXPECTED);
    expect(await countEvents(world, secret)).toBe(EVENTS.length);
    expect(await world.startProcess().sweep({ force: true })).toMatchObject({ open: 0, parked: 0 });
  });

  test('at three inserts in a row, whatever their table', async () => {
    const { world, secret } = await filled();
    for (let strike = 1; strike <= 3; strike += 1) world.faults.strikeNextInsert(fault);
    await drain(world, world.startProcess(), { batchSize: 4 });
    await settle(world);
    expect(await readTotals(world.startProcess(), secret)).toEqual(EXPECTED);
    expect(await countEvents(world, secret)).toBe(EVENTS.length);
  });
});

test('counts are right when a statement whose answer was lost still runs while others look for its rows', async () => {
  const { world, secret } = await filled();
  world.faults.strikeNextInsert({ kind: 'runs_on' }, 'usage');
  await drain(world, world.startProcess(), { batchSize: 4 });
  world.clock.advance(LIMITS.chunkTakeoverMs);
  const whileItRuns = await world.startProcess().sweep({ force: false });
  expect(whileItRuns.open - whileItRuns.committed).toBe(1);
  world.faults.finishLateInserts();
  await settle(world);
  expect(await readTotals(world.startProcess(), secret)).toEqual(EXPECTED);
});

test('while analytics is down nothing is lost and nothing is complete; when it is back all is counted', async () => {
  const { world, secret } = await filled();
  world.faults.setReachable(false);
  expect(await drain(world, world.startProcess(), { batchSize: 4 })).toBe('drained');
  world.faults.setReachable(true);
  const before = await usage(world, secret);
  expect(before.data).toMatchObject([{ value: '0' }]);
  await settle(world);
  expect(await readTotals(world.startProcess(), secret)).toEqual(EXPECTED);
});

test("a tenant's rows that analytics refuses are parked, hold back that tenant only, and are counted once later", async () => {
  const world = await createWorld(['acme', 'globex']);
  const [acme = '', globex = ''] = [world.secrets.get('acme'), world.secrets.get('globex')];
  const process = world.startProcess();
  await send(process, acme, EVENTS.slice(0, 50));
  await send(process, globex, EVENTS);
  world.faults.refuseTenant('acme');
  await process.issueFence();
  await drain(world, process, { batchSize: 100 });
  world.clock.advance(1_000);
  await process.issueFence();
  await drain(world, process, { batchSize: 100 });
  expect(await readTotals(process, globex)).toEqual(EXPECTED);
  expect(await process.sweep({ force: false })).toMatchObject({ open: 0, parked: 2 });
  world.faults.acceptTenant('acme');
  expect(await process.sweep({ force: false })).toMatchObject({ parked: 0 });
  await process.sweep({ force: false });
  expect(await readTotals(process, acme)).toEqual(foldTrace(EVENTS.slice(0, 50)));
});

/** A process whose calls of analytics go through something else; all others go on as before. */
function startWith(world: World, replaced: Partial<World['stores']['analytics']>) {
  const { analytics } = world.stores;
  Object.assign(world.stores, { analytics: { ...analytics, ...replaced } });
  const process = world.startProcess();
  Object.assign(world.stores, { analytics });
  return process;
}

// The simulation runs several sweepers, as AWS does when a sweep takes longer than its interval.
test('parked rows are counted once although a second sweep overtakes the first one', async () => {
  const world = await createWorld(['acme']);
  const secret = world.secrets.get('acme') ?? '';
  await send(world.startProcess(), secret, EVENTS);
  world.faults.refuseTenant('acme');
  await drain(world, world.startProcess(), { batchSize: 100 });
  expect(await world.startProcess().sweep({ force: false })).toMatchObject({ open: 0, parked: 2 });
  world.faults.acceptTenant('acme');
  const { partContents } = world.stores.analytics;
  let looks = 0;
  const overtaken = startWith(world, {
    partContents: async (address) => {
      const found = await partContents(address);
      if (address.table === 'usage') looks += 1;
      if (address.table !== 'usage' || looks > 1) return found;
      world.clock.advance(5);
      await world.startProcess().sweep({ force: false });
      return found;
    },
  });
  await overtaken.sweep({ force: false });
  await settle(world);
  expect(await readTotals(world.startProcess(), secret)).toEqual(EXPECTED);
  expect(await world.startProcess().sweep({ force: true })).toMatchObject({ open: 0, parked: 0 });
});

test('a chunk that is executed again leaves its parked rows to the sweeper, whose turn they are', async () => {
  const world = await createWorld(['acme']);
  await send(world.startProcess(), world.secrets.get('acme') ?? '', EVENTS);
  world.faults.refuseTenant('acme');
  const { aroundStep, killed } = killAt({ step: 'commit', when: 'before', occurrence: 1 });
  expect(await drain(world, world.startProcess(aroundStep), { batchSize: 100, killed })).toBe('killed');
  const { insert } = world.stores.analytics;
  let tries = 0;
  const next = startWith(world, {
    insert: async (part) => {
      tries += 1;
      await insert(part);
    },
  });
  // A start finishes the chunk and waits for nobody's rows.
  expect(await next.sweep({ force: true })).toMatchObject({ committed: 1, parked: 2 });
  expect(tries).toBe(0);
  expect(await next.sweep({ force: false })).toMatchObject({ open: 0, parked: 2 });
  expect(tries).toBe(2);
});

test('parked rows whose insert left a token without them are tried again under another', async () => {
  const world = await createWorld();
  const acme = world.secrets.get('acme') ?? '';
  const process = world.startProcess();
  await send(process, acme, EVENTS.slice(0, 5));
  world.faults.refuseTenant('acme');
  await drain(world, process, { batchSize: 100 });
  world.faults.acceptTenant('acme');
  world.faults.strikeNextInsert({ kind: 'token_without_rows' }, 'usage');
  world.faults.strikeNextInsert({ kind: 'not_reached' }, 'usage');
  expect(await process.sweep({ force: false })).toMatchObject({ parked: 1 });
  for (let sweeps = 0; sweeps < 2; sweeps += 1) {
    world.clock.advance(600_000);
    await process.sweep({ force: false });
  }
  expect(await process.sweep({ force: false })).toMatchObject({ parked: 0 });
  expect(await readTotals(process, acme)).toEqual(foldTrace(EVENTS.slice(0, 5)));
});

async function usage(world: World, secret: string) {
  const path = '/v1/meters/requests/usage?from=2023-11-16T00:00:00Z&to=2023-11-17T00:00:00Z';
  return (await call(world.startProcess(), { method: 'GET', path, secret })).body;
}
