import { describe, expect, test } from 'vitest';
import { type CrashPoint, drain, killAt, readTotals, send } from './drive.ts';
import { foldTrace, readTrace, seededRandom, shuffledBatches, type TraceEvent } from './trace.ts';
import { call, createWorld, type World } from './world.ts';

const TRACE = readTrace(240);
const EXPECTED = foldTrace(TRACE);
const SENT_MS = Date.UTC(2026, 10, 24, 12);

/** Five ids a millisecond: all of them share a slot. */
const stamped = TRACE.map((event, index) => ({
  ...event,
  id: uuidAt(SENT_MS + Math.floor(index / 5), index),
}));

function uuidAt(timeMs: number, serial: number): string {
  const time = timeMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${serial.toString(16).padStart(12, '0')}`;
}

const POINTS: readonly CrashPoint[] = [1, 2, 3].flatMap((occurrence) =>
  (['claim', 'put_plan'] as const).flatMap((step) =>
    (['before', 'after'] as const).map((when) => ({ step, when, occurrence })),
  ),
);

/** Everything once, every tenth batch twice, and one event again with another payload. */
async function fill(world: World, events: readonly TraceEvent[]): Promise<void> {
  const process = world.startProcess();
  const secret = world.secrets.get('acme') ?? '';
  const batches = shuffledBatches(events, { size: 20, random: seededRandom(11) });
  for (const batch of batches) {
    expect((await send(process, secret, batch)).body).toMatchObject({ accepted: batch.length });
    world.clock.advance(50);
  }
  const again = events.slice(0, 1).map((event) => ({ ...event, properties: { input_tokens: 1 } }));
  await send(process, secret, again);
  world.clock.advance(50);
  await process.issueFence();
}

describe.each([
  ['ids that carry their time', stamped, 'exact'],
  ['a tenant that packs by time', TRACE, 'packed-by-time'],
] as const)('packed claims of %s', (_name, events, tenantClaims) => {
  test.each(POINTS)('each event counts once, killed $when the run $occurrence of $step', async (point) => {
    const world = await createWorld(['acme'], { claims: 'packed', tenantClaims });
    await fill(world, events);
    const { aroundStep, killed } = killAt(point);
    const outcome = await drain(world, world.startProcess(aroundStep), { batchSize: 3, killed });
    expect(outcome).toBe('killed');
    const next = world.startProcess();
    await next.sweep({ force: true });
    await drain(world, next, { batchSize: 2 });
    expect(await next.sweep({ force: true })).toMatchObject({ open: 0, parked: 0 });
    const secret = world.secrets.get('acme') ?? '';
    expect(await readTotals(next, secret)).toEqual(EXPECTED);
    const conflicts = await call(next, { method: 'GET', path: '/v1/conflicts', secret });
    expect(new Set(conflicts.body.data.map(({ id }) => id))).toEqual(new Set([events[0]?.id]));
    const kinds = new Set(world.config.items.all().map(({ pk }) => pk.split('#')[0]));
    expect([kinds.has('slot'), kinds.has('claim')]).toEqual([true, false]);
  });
});

/** A correction's chunk was staged with the event's identity, not with the event: who is told apart by hashes must know. */
test('packed claims of corrections that come before their events are theirs', async () => {
  const world = await createWorld(['acme'], { claims: 'packed' });
  const process = world.startProcess();
  const secret = world.secrets.get('acme') ?? '';
  const [revoked, amended, ...others] = stamped;
  if (revoked === undefined || amended === undefined) throw new Error('there are two');
  const better = { ...amended, properties: { input_tokens: 1, output_tokens: 2 } };
  const correct = (id: string, action: string, body: object) =>
    call(process, { method: 'POST', path: `/v1/events/${id}/${action}`, secret, body });
  await correct(revoked.id, 'revoke', { revision: 1, reason: 'test traffic' });
  await correct(amended.id, 'amend', { revision: 1, reason: 'wrong figures', event: better });
  await drain(world, process, { batchSize: 2 });
  for (const events of [stamped, stamped.slice(0, 10)]) {
    await send(process, secret, events);
    await drain(world, process, { batchSize: 2 });
  }
  await process.sweep({ force: true });
  expect(await readTotals(process, secret)).toEqual(foldTrace([better, ...others]));
  expect(world.config.items.all().some(({ sk }) => sk === 'claim')).toBe(false);
});
