import { expect, test } from 'vitest';
import { createBilling } from '../../local/billing.ts';
import { drawFence } from '../../shared/app/fences/issue-fences.ts';
import { drain, send } from './drive.ts';
import { readTrace, type TraceEvent } from './trace.ts';
import { call, createWorld, type World } from './world.ts';

const EVENTS = readTrace(20);
const UNIT = 0.01;

async function createBilledWorld() {
  const world = await createWorld();
  const { stores, clock } = world;
  const failures: unknown[] = [];
  const billing = await createBilling({
    stores,
    clock,
    drawFence: drawFence({ items: stores.items, stream: stores.stream, clock, delayMs: 0 }),
    onError: (_where, error) => void failures.push(error),
  });
  const process = world.startProcess(undefined, billing.runDue);
  const secret = world.secrets.get('acme') ?? '';
  const request = (method: string, path: string, body?: object) =>
    call(process, { method, path, secret, ...(body === undefined ? {} : { body }) });
  const pump = async () => {
    await drain(world, process, { batchSize: 5 });
    await process.sweep({ force: true });
  };
  return { world, process, secret, request, pump, failures };
}

type Billed = Awaited<ReturnType<typeof createBilledWorld>>;

/** The stream is consumed while the clock goes on, as in a server. */
async function advance({ request, pump }: Billed, to: string): Promise<void> {
  for (let calls = 0; calls < 20; calls += 1) {
    let status = 0;
    const advancing = request('POST', '/v1/clock/advance', { to }).then((answer) => {
      status = answer.status;
    });
    while (status === 0) {
      await pump();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await advancing;
    if (status === 200) return;
    expect(status).toBe(202);
  }
  throw new Error('the clock does not arrive');
}

async function subscribe({ request }: Billed): Promise<void> {
  const charges = [
    {
      key: 'tokens',
      name: 'Tokens',
      meter: 'input_tokens',
      price: { model: 'per_unit', unitAmount: String(UNIT) },
    },
  ];
  await request('POST', '/v1/plans', { key: 'p', name: 'P', currency: 'USD', cadence: 'month', charges });
  await request('POST', '/v1/plans/p/versions/1/publish', { effectiveFrom: '2023-11-01T00:00:00Z' });
  const subscription = { key: 's', customer: 'acme', plan: 'p', startsAt: '2023-11-01T00:00:00Z' };
  expect((await request('POST', '/v1/subscriptions', subscription)).status).toBe(201);
}

async function work(world: World, { process, pump }: Billed): Promise<void> {
  for (let rounds = 0; rounds < 30; rounds += 1) {
    await process.issueFence();
    await pump();
    if ((await process.runJobs()).open === 0) return;
  }
  throw new Error(`the jobs do not end at ${world.clock.nowMs()}`);
}

test('what is corrected and backfilled in a closed period is an adjustment of the next invoice, to the cent', async () => {
  const billed = await createBilledWorld();
  const { request, process, secret } = billed;
  await subscribe(billed);
  const own = EVENTS.filter(({ customer }) => customer === 'acme');
  const [revoked, amended, late] = own as unknown as readonly [TraceEvent, TraceEvent, TraceEvent];
  const sent = own.filter((event) => event !== late);
  await send(process, secret, sent);
  await billed.pump();
  await advance(billed, '2023-12-03T00:00:00Z');
  const tokens = (events: readonly TraceEvent[]) =>
    events.reduce((sum, { properties }) => sum + properties.input_tokens, 0);
  const first = (await request('GET', '/v1/invoices?status=finalized')).body.data;
  expect(first).toMatchObject([{ total: (tokens(sent) * UNIT).toFixed(2) }]);

  const better = {
    ...amended,
    properties: { ...amended.properties, input_tokens: amended.properties.input_tokens + 1_000 },
  };
  await request('POST', `/v1/events/${revoked.id}/revoke`, { revision: 1, reason: 'test traffic' });
  await request('POST', `/v1/events/${amended.id}/amend`, {
    revision: 1,
    reason: 'miscounted',
    event: better,
  });
  const { body } = await request('POST', '/v1/backfills', {
    from: '2023-11-01T00:00:00Z',
    to: '2023-12-01T00:00:00Z',
    reason: 'forgotten',
  });
  await request('POST', `/v1/backfills/${String(body.id)}/events`, { events: [late] });
  await request('POST', `/v1/backfills/${String(body.id)}/apply`);
  await work(billed.world, billed);
  // Three months on, far beyond what closings look back by themselves.
  await advance(billed, '2024-03-03T00:00:00Z');
  const invoices = (await request('GET', '/v1/invoices?status=finalized')).body.data;
  const lines = invoices.flatMap(
    ({ lines }) => lines as readonly { kind: string; amount: string; period: { from: string } }[],
  );
  const adjustments = lines.filter(({ kind }) => kind === 'adjustment');
  const change = tokens([late]) + 1_000 - tokens([revoked]);
  expect(adjustments).toMatchObject([
    { amount: (change * UNIT).toFixed(2), period: { from: '2023-11-01T00:00:00.000Z' } },
  ]);
  const total = invoices.reduce((sum, invoice) => sum + Math.round(Number(invoice.total) * 100), 0);
  expect(total).toBe(
    tokens([better, late, ...sent.filter((event) => event !== revoked && event !== amended)]),
  );
  expect(billed.failures).toEqual([]);
});
