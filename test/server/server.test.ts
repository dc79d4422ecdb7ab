import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '../../functions/_kit/logger.ts';
import { type RunningServer, startServer } from '../../local/server.ts';
import { createSystemClock } from '../../shared/adapters/system/clock.ts';
import { createSystemIds } from '../../shared/adapters/system/ids.ts';
import { runCommand } from '../cli/run-command.ts';

const MAIN = path.join(import.meta.dirname, '..', '..', 'local', 'main.ts');
const DEVELOPMENT_KEY = 'any-prefix-and-at-least-32-characters';
let folder = '';
let server: RunningServer | undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'server-'));
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function start(developmentKey: string | null = DEVELOPMENT_KEY): Promise<RunningServer> {
  const logger = createLogger({ service: 'test', level: 'SILENT' });
  const deps = { clock: createSystemClock(), ids: createSystemIds(), logger };
  const settings = { host: '127.0.0.1', port: 0, dataFolder: folder, logLevel: 'SILENT' } as const;
  server = await startServer(deps, { ...settings, developmentKey });
  return server;
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown> & { readonly data: Record<string, unknown>[] };
}

async function ask(to: RunningServer, method: string, resource: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${to.url}${resource}`, {
    method,
    headers: { authorization: `Bearer ${to.key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

/** Asks until the answer is as it should be: what is accepted is counted a moment later. */
async function until(read: () => Promise<Answer>, isRight: (answer: Answer) => boolean): Promise<Answer> {
  for (;;) {
    const answer = await read();
    if (isRight(answer)) return answer;
    await pause(50);
  }
}

/** Runs `npm start`'s program where it cannot start; answers what it says. */
async function startAndFail(env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const closed = once(child, 'close');
  let text = '';
  for await (const chunk of child.stderr) text += String(chunk);
  const [exitCode] = await closed;
  return { text, exitCode };
}

const METER = { key: 'tokens', eventType: 'llm.request', aggregation: 'sum', value: '$.tokens' };
const CUSTOMER = { key: 'acme', name: 'Acme', currency: 'USD' };
const event = (id: string, fields: object = {}) => ({
  id,
  type: 'llm.request',
  customer: 'acme',
  properties: { tokens: 5 },
  ...fields,
});
const usageOf = (to: RunningServer) => () =>
  ask(to, 'GET', '/v1/meters/tokens/usage?from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z');

test('events sent over HTTP are counted once, and are still there after a restart', async () => {
  const first = await start();
  expect((await ask(first, 'POST', '/v1/meters', METER)).status).toBe(201);
  expect((await ask(first, 'POST', '/v1/customers', CUSTOMER)).status).toBe(201);
  const events = Array.from({ length: 100 }, (_, index) => event(`e-${index}`));
  for (let time = 1; time <= 2; time += 1) {
    const sent = await ask(first, 'POST', '/v1/events', { events });
    expect([sent.status, sent.body.accepted]).toEqual([200, 100]);
  }
  const counted = await until(usageOf(first), ({ body }) => body.data[0]?.value !== '0');
  expect(counted.body.data).toMatchObject([{ value: '500' }]);
  await first.stop();
  const second = await start();
  expect((await usageOf(second)()).body.data).toMatchObject([{ value: '500' }]);
  const journey = await ask(second, 'GET', '/v1/events/e-7');
  expect(journey.body).toMatchObject({ status: 'counted', meters: [{ meter: 'tokens', quantity: '5' }] });
});

test('what nobody can count is listed: unknown customers, wrong values, resends with another payload', async () => {
  const running = await start();
  await ask(running, 'POST', '/v1/meters', METER);
  await ask(running, 'POST', '/v1/customers', CUSTOMER);
  const sent = await ask(running, 'POST', '/v1/events', {
    events: [
      event('stranger', { customer: 'nobody' }),
      event('text', { properties: { tokens: 'many' } }),
      event('nan', { properties: { tokens: 'NaN' } }),
      event('digits', { properties: { tokens: '123456789012345678901234567' } }),
      event('twice'),
      event('twice', { properties: { tokens: 6 } }),
    ],
  });
  expect(sent.body).toMatchObject({ accepted: 6, rejected: 0 });
  const unattributed = () => ask(running, 'GET', '/v1/events?status=unattributed');
  const found = await until(unattributed, ({ body }) => body.data.length > 0);
  expect(found.body.data).toMatchObject([{ id: 'stranger', reason: 'customer.unknown', customer: null }]);
  const quarantine = await until(
    () => ask(running, 'GET', '/v1/quarantine'),
    ({ body }) => body.data.length > 2,
  );
  const codes = Object.fromEntries(quarantine.body.data.map(({ id, code }) => [id, code]));
  expect(codes).toEqual({
    text: 'meter.value_not_numeric',
    nan: 'meter.value_not_numeric',
    digits: 'meter.value_too_many_digits',
  });
  const conflicts = await until(
    () => ask(running, 'GET', '/v1/conflicts'),
    ({ body }) => body.data.length > 0,
  );
  expect(conflicts.body.data).toMatchObject([{ id: 'twice', properties: { tokens: 6 } }]);
  expect((await usageOf(running)()).body.data).toMatchObject([{ value: '5' }]);
});

test('usage says through when it is complete, and what was acknowledged before then is in it', async () => {
  const running = await start();
  await ask(running, 'POST', '/v1/meters', METER);
  await ask(running, 'POST', '/v1/customers', CUSTOMER);
  await ask(running, 'POST', '/v1/events', { events: [event('one')] });
  const acknowledged = new Date().toISOString();
  const complete = await until(usageOf(running), ({ body }) => {
    return typeof body.completeThrough === 'string' && body.completeThrough >= acknowledged;
  });
  expect(complete.body.data).toMatchObject([{ value: '5' }]);
});

test('what a charge comes to so far follows the events, and metrics tell how much amounts rise', async () => {
  const running = await start();
  const startsAt = '2026-03-01T00:00:00Z';
  const post = async (resource: string, body: object) => {
    const { status } = await ask(running, 'POST', resource, body);
    expect(status, resource).toBeLessThan(300);
  };
  expect((await ask(running, 'PUT', '/v1/clock', { now: '2026-03-10T00:00:00Z' })).status).toBe(200);
  await post('/v1/meters', METER);
  await post('/v1/customers', CUSTOMER);
  const price = { model: 'per_unit', unitAmount: '0.30' };
  const charges = [{ key: 'tokens', meter: 'tokens', price }];
  await post('/v1/plans', { key: 'pro', name: 'Pro', currency: 'USD', cadence: 'month', charges });
  await post('/v1/plans/pro/versions/1/publish', { effectiveFrom: startsAt });
  await post('/v1/subscriptions', { key: 'sub_1', customer: 'acme', plan: 'pro', startsAt });
  await post('/v1/events', { events: [event('one'), event('two')] });
  // Draws a fence behind the events, and waits until it has passed.
  await post('/v1/clock/advance', { to: '2026-03-11T00:00:00Z' });
  const shown = await ask(running, 'GET', '/v1/customers/acme/charges');
  expect(shown.body).toMatchObject({
    data: [{ subscription: 'sub_1', charge: 'tokens', quantity: '10', amount: '3.00' }],
    completeThrough: '2026-03-11T00:00:00.000Z',
  });
  const upcoming = await ask(running, 'GET', '/v1/subscriptions/sub_1/upcoming-invoice');
  expect(upcoming.body).toMatchObject({ total: '3.00', fence: shown.body.data[0]?.fence });
  const metrics = async () => (await fetch(`${running.url}/metrics`)).text();
  while (!/^countinghouse_revenue_per_second\{currency="USD"\} \d/m.test(await metrics())) await pause(50);
  expect(await metrics()).toMatch(/^countinghouse_charges_priced_total [1-9]/m);
});

test('health, metrics and the API document are open on the own machine; everything else needs a key', async () => {
  const { url } = await start();
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/countinghouse_http_requests_total.*# EOF/s);
  expect((await fetch(`${url}/v1/openapi.json`)).status).toBe(200);
  expect((await fetch(`${url}/v1/meters`)).status).toBe(401);
  expect((await fetch(`${url}/v1/events`, { method: 'POST' })).status).toBe(401);
});

test('a key given from outside is an operator; the key of the folder is none and stays the same', async () => {
  const operator = await start();
  expect(operator.key).toBe(DEVELOPMENT_KEY);
  expect((await ask(operator, 'GET', '/v1/tenants')).status).toBe(200);
  await operator.stop();
  const plain = await start(null);
  expect((await ask(plain, 'GET', '/v1/tenants')).status).toBe(403);
  expect((await ask(plain, 'GET', '/v1/meters')).status).toBe(200);
  await plain.stop();
  expect((await start(null)).key).toBe(plain.key);
  expect((await stat(path.join(folder, 'secrets.json'))).mode & 0o077).toBe(0);
});

test('a second process on a data folder is told so and changes nothing', async () => {
  const running = await start();
  const env = { ...process.env, PORT: '0', DATA_DIR: folder };
  const { text, exitCode } = await startAndFail(env);
  expect(text).toContain('(storage.locked)');
  expect(text).toContain('DATA_DIR');
  expect(exitCode).toBe(1);
  const bootstrap = await runCommand(['bootstrap', '--data-dir', folder]);
  expect([bootstrap.exitCode, bootstrap.out]).toEqual([1, '']);
  expect(bootstrap.err).toContain('storage.locked');
  expect((await ask(running, 'GET', '/v1/meters')).status).toBe(200);
});

test('bootstrap prints the first operator key once; the key works', async () => {
  const first = await runCommand(['bootstrap', '--data-dir', folder]);
  expect([first.exitCode, first.err]).toEqual([0, expect.stringContaining('shown this once')]);
  const again = await runCommand(['bootstrap', '--data-dir', folder]);
  expect([again.exitCode, again.out]).toEqual([1, '']);
  expect(again.err).toContain('cli.operator_exists');
  const further = await runCommand(['bootstrap', '--data-dir', folder, '--additional']);
  expect(further.exitCode).toBe(0);
  const running = await start(null);
  for (const key of [first.out.trim(), further.out.trim()]) {
    const made = await ask({ ...running, key }, 'POST', '/v1/tenants', {
      key: key
        .slice(-8)
        .toLowerCase()
        .replaceAll(/[^a-z0-9]/g, 'x'),
      name: 'A tenant',
      mode: 'live',
    });
    expect(made.status).toBe(201);
  }
});

test.each([
  ['PORT', '99999'],
  ['PORT', 'http'],
  ['COUNTINGHOUSE_DEV_KEY', 'short'],
  ['LOG_LEVEL', 'loud'],
])('a wrong %s is named and nothing starts', async (name, value) => {
  const env = { ...process.env, DATA_DIR: folder, [name]: value };
  const { text, exitCode } = await startAndFail(env);
  expect(text).toContain(`error: ${name}: `);
  expect(text).not.toContain('    at ');
  expect(exitCode).toBe(1);
});
