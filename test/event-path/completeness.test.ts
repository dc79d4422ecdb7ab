import { describe, expect, test } from 'vitest';
import { readWatermark } from '../../shared/app/fences/watermark.ts';
import { createTenant } from '../../shared/app/tenants/create-tenant.ts';
import { laneOfTenant } from '../../shared/domain/events/lane.ts';
import { drain, readTotals, send } from './drive.ts';
import { foldTrace, readTrace } from './trace.ts';
import { createWorld } from './world.ts';

const EVENTS = readTrace(60);

describe('the watermark', () => {
  test('covers what was acknowledged before its fence, and waits for what is not counted', async () => {
    const world = await createWorld();
    const secret = world.secrets.get('acme') ?? '';
    const process = world.startProcess();
    await send(process, secret, EVENTS);
    const acknowledgedMs = world.clock.nowMs();
    world.clock.advance(1);
    await process.issueFence();
    expect(await readWatermark(world.stores.items, 'acme')).toBeNull();
    await drain(world, process, { batchSize: 200 });
    const watermark = await readWatermark(world.stores.items, 'acme');
    expect(watermark?.timeMs).toBeGreaterThan(acknowledgedMs);
    expect(await readTotals(process, secret)).toEqual(foldTrace(EVENTS));
  });

  test('stands still while a chunk before the fence is open, and goes on once it is committed', async () => {
    const world = await createWorld();
    const secret = world.secrets.get('acme') ?? '';
    const process = world.startProcess();
    await process.issueFence();
    await drain(world, process, { batchSize: 200 });
    const first = await readWatermark(world.stores.items, 'acme');
    world.faults.setReachable(false);
    world.clock.advance(1_000);
    await send(process, secret, EVENTS);
    world.clock.advance(1_000);
    await process.issueFence();
    await drain(world, process, { batchSize: 200 });
    expect(await readWatermark(world.stores.items, 'acme')).toEqual(first);
    world.faults.setReachable(true);
    await process.sweep({ force: true });
    const after = await readWatermark(world.stores.items, 'acme');
    expect(after?.fence).toBe((first?.fence ?? 0) + 1);
    expect(await readTotals(process, secret)).toEqual(foldTrace(EVENTS));
  });

  test('of a tenant in another lane is not held back', async () => {
    const world = await createWorld(['acme']);
    const other = ['b', 'c', 'd', 'e'].find((key) => laneOfTenant(key) !== laneOfTenant('acme')) ?? '';
    expect((await createTenant(world.config)({ key: other, name: other, mode: 'live' })).ok).toBe(true);
    const process = world.startProcess();
    world.faults.setReachable(false);
    await send(process, world.secrets.get('acme') ?? '', EVENTS);
    await process.issueFence();
    await drain(world, process, { batchSize: 200 });
    expect(await readWatermark(world.stores.items, 'acme')).toBeNull();
    expect(await readWatermark(world.stores.items, other)).not.toBeNull();
  });

  test('is drawn by one issuer at a time: another one waits for the lease to end', async () => {
    const world = await createWorld();
    const [first, second] = [world.startProcess(), world.startProcess()];
    expect(await first.issueFence()).toEqual({ number: expect.any(Number) });
    expect(await second.issueFence()).toEqual({ number: null });
    world.clock.advance(60_000);
    expect(await second.issueFence()).toEqual({ number: expect.any(Number) });
    expect(await first.issueFence()).toEqual({ number: null });
  });
});

describe('two consumers that are given the same records', () => {
  test('count each event once, whoever is faster', async () => {
    const world = await createWorld();
    const secret = world.secrets.get('acme') ?? '';
    const [first, second] = [world.startProcess(), world.startProcess()];
    for (let from = 0; from < EVENTS.length; from += 10)
      await send(first, secret, EVENTS.slice(from, from + 10));
    await Promise.all([drain(world, first, { batchSize: 2 }), drain(world, second, { batchSize: 3 })]);
    await first.sweep({ force: true });
    expect(await readTotals(first, secret)).toEqual(foldTrace(EVENTS));
  });
});

describe('a stream record that nobody can read', () => {
  test('goes to quarantine, is never lost, and holds nobody up', async () => {
    const world = await createWorld();
    const secret = world.secrets.get('acme') ?? '';
    const process = world.startProcess();
    const lane = laneOfTenant('acme');
    const header = { v: 1, kind: 'events', tenant: 'acme', lane, producer: 'p', seq: 0, unacknowledged: [] };
    const complete = { ...header, receivedAtMs: world.clock.nowMs(), count: 1, traceId: 't' };
    const poison = ['no header at all', '{"v":9}\n', `${JSON.stringify(complete)}\nno zstd`];
    await world.stores.stream.putRecords(
      poison.map((text) => ({ partitionKey: lane, data: Buffer.from(text) })),
    );
    await send(process, secret, EVENTS);
    world.clock.advance(1);
    await process.issueFence();
    expect(await drain(world, process, { batchSize: 200 })).toBe('drained');
    expect(await readTotals(process, secret)).toEqual(foldTrace(EVENTS));
    expect(await readWatermark(world.stores.items, 'acme')).not.toBeNull();
    const listed = async (tenant: string) =>
      (await world.stores.analytics.quarantine({ tenant, limit: 10 })).map(({ code }) => code);
    expect(await listed('acme')).toEqual(['envelope.malformed']);
    expect(await listed('')).toEqual(['envelope.malformed', 'envelope.malformed']);
  });
});
