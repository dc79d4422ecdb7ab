import { describe, expect, test } from 'vitest';
import { CONSUME_STEPS } from '../../shared/app/consume/steps.ts';
import { type CrashPoint, crashPoints, drain, killAt, readTotals, send } from './drive.ts';
import { foldTrace, readTrace, seededRandom, shuffledBatches, type TraceEvent } from './trace.ts';
import { call, createWorld, type World } from './world.ts';

const EVENTS = readTrace(240);
const [REVOKED, AMENDED, EARLY, CONFLICTING] = EVENTS as readonly [
  TraceEvent,
  TraceEvent,
  TraceEvent,
  TraceEvent,
  ...TraceEvent[],
];
const BETTER = { ...AMENDED, customer: 'hooli', properties: { input_tokens: 3, output_tokens: 4 } };
/** What is taken back, and what an event became. */
const EXPECTED = foldTrace(
  EVENTS.flatMap((event) => (event === AMENDED ? BETTER : event === REVOKED || event === EARLY ? [] : event)),
);
/** Events that one meter cannot read: the others count them. */
const BROKEN = ['broken-1', 'broken-2'].map((id) => ({
  ...(EVENTS[0] as (typeof EVENTS)[number]),
  id,
  properties: { output_tokens: 7 },
}));
const POINTS = crashPoints([1, 2]);
let ran = 0;

/** The same traffic in every world: resends, a conflict, what goes to quarantine, and fences in between. */
async function fill(world: World): Promise<void> {
  const process = world.startProcess();
  const secret = world.secrets.get('acme') ?? '';
  const correct = async (path: string, body: object) => {
    const answer = await call(process, { method: 'POST', path: `/v1/events/${path}`, secret, body });
    expect(answer.status).toBe(202);
    world.clock.advance(50);
  };
  await correct(`${EARLY.id}/revoke`, { revision: 1, reason: 'before it arrives' });
  await send(process, secret, BROKEN.slice(0, 1));
  const batches = shuffledBatches(EVENTS, { size: 20, random: seededRandom(7) });
  for (const [index, batch] of batches.entries()) {
    expect((await send(process, secret, batch)).body).toMatchObject({ accepted: batch.length });
    world.clock.advance(50);
    if (index % 4 === 3) await process.issueFence();
  }
  // The second before the first, and the first twice.
  await correct(`${AMENDED.id}/amend`, { revision: 2, reason: 'wrong customer', event: BETTER });
  await correct(`${REVOKED.id}/revoke`, { revision: 1, reason: 'never happened' });
  for (let times = 0; times < 2; times += 1) {
    await correct(`${AMENDED.id}/revoke`, { revision: 1, reason: 'wrong' });
  }
  const conflict = [{ ...CONFLICTING, properties: { input_tokens: 1 } }];
  await send(process, secret, [...conflict, ...BROKEN]);
  world.clock.advance(50);
  await process.issueFence();
}

async function runKilledAt(point: CrashPoint): Promise<World> {
  const world = await createWorld();
  await fill(world);
  const { aroundStep, killed } = killAt(point);
  const outcome = await drain(world, world.startProcess(aroundStep), { batchSize: 2, killed });
  expect(outcome).toBe('killed');
  // Another process on the same stores; the batches that come again have other borders.
  const next = world.startProcess();
  await next.sweep({ force: true });
  await drain(world, next, { batchSize: 3 });
  await next.sweep({ force: true });
  return world;
}

describe('a consumer that is killed and started again counts each event once', () => {
  test.each(POINTS)('$when the run $occurrence of $step', async (point) => {
    const world = await runKilledAt(point);
    const secret = world.secrets.get('acme') ?? '';
    const process = world.startProcess();
    const expected = structuredClone(EXPECTED) as Record<string, Record<string, string>>;
    const acme = expected.acme ?? {};
    acme.requests = String(Number(acme.requests) + BROKEN.length);
    acme.output_tokens = String(Number(acme.output_tokens) + 7 * BROKEN.length);
    expect(await readTotals(process, secret)).toEqual(expected);
    const list = async (path: string) => (await call(process, { method: 'GET', path, secret })).body.data;
    const quarantined = (await list('/v1/quarantine')).map(({ id, meter }) => `${id}/${meter}`);
    expect(quarantined.sort()).toEqual(['broken-1/input_tokens', 'broken-2/input_tokens']);
    // A batch that came again may report its conflict again: it is the same one.
    const conflicts = (await list('/v1/conflicts')).map(({ id, fingerprint }) => `${id}/${fingerprint}`);
    expect(new Set(conflicts).size).toBe(2);
    expect(new Set(conflicts.map((conflict) => conflict.split('/')[0]))).toEqual(
      new Set([CONFLICTING.id, EARLY.id]),
    );
    expect(await process.sweep({ force: true })).toMatchObject({ open: 0, parked: 0 });
    ran += 1;
  });

  test('every step was killed before and after it', () => {
    expect(CONSUME_STEPS.length).toBeGreaterThanOrEqual(8);
    expect(ran).toBe(POINTS.length);
    expect(ran).toBeGreaterThanOrEqual(16);
  });
});
