import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { v7 as uuidV7 } from 'uuid';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '../../functions/_kit/logger.ts';
import { type RunningServer, startServer } from '../../local/server.ts';
import type { ServerSettings } from '../../local/settings.ts';
import { createSystemClock } from '../../shared/adapters/system/clock.ts';
import { createSystemIds } from '../../shared/adapters/system/ids.ts';

const MAIN = path.join(import.meta.dirname, '..', '..', 'local', 'main.ts');
let folder = '';
let server: RunningServer | undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'claims-'));
});
afterEach(async () => {
  await stop();
  await rm(folder, { recursive: true, force: true });
});

async function start(claims?: ServerSettings['claims']): Promise<RunningServer> {
  const logger = createLogger({ service: 'test', level: 'SILENT' });
  const deps = { clock: createSystemClock(), ids: createSystemIds(), logger };
  const settings = { host: '127.0.0.1', port: 0, dataFolder: folder, logLevel: 'SILENT' } as const;
  const wanted = claims === undefined ? {} : { claims };
  server = await startServer(deps, { ...settings, ...wanted, developmentKey: null });
  return server;
}

async function stop(): Promise<void> {
  await server?.stop();
  server = undefined;
}

async function ask(method: string, resource: string, body?: unknown): Promise<Record<string, unknown>> {
  const { url, key } = server ?? { url: '', key: '' };
  const response = await fetch(`${url}${resource}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Record<string, unknown>;
}

const USAGE = '/v1/meters/calls/usage?from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z';
const ids = Array.from({ length: 200 }, (_, index) => (index % 4 === 0 ? `order-${index}` : uuidV7()));

let sent = 0;

/** Sends the events and one more behind them, and answers what is counted as soon as that one is. */
async function countedAfter(wanted: readonly string[], atLeast: number): Promise<unknown> {
  sent += 1;
  const events = [...wanted, `last-${sent}`].map((id) => ({ id, type: 'call', customer: 'acme' }));
  expect(await ask('POST', '/v1/events', { events })).toMatchObject({ accepted: events.length });
  for (;;) {
    const { data } = await ask('GET', USAGE);
    const value = Array.isArray(data) ? data[0]?.value : undefined;
    if (Number(value) >= atLeast) return value;
    await pause(50);
  }
}

/** Write units of the claims since the start. */
async function claimUnits(): Promise<number> {
  const text = await (await fetch(`${server?.url}/metrics`)).text();
  const line = /^countinghouse_item_units_total\{table="claims",kind="write"\} (\S+)$/m.exec(text);
  return Number(line?.[1]);
}

test('a data folder goes from exact to packed claims, and events are counted once all the way', async () => {
  await start({ mode: 'exact', parts: null });
  await ask('POST', '/v1/customers', { key: 'acme', name: 'Acme', currency: 'USD' });
  await ask('POST', '/v1/meters', { key: 'calls', eventType: 'call', aggregation: 'count' });
  expect(await countedAfter(ids.slice(0, 120), 121)).toBe('121');
  expect(await claimUnits()).toBe(121);
  await stop();
  await start({ mode: 'packed', parts: null });
  expect(await countedAfter(ids, 202)).toBe('202');
  expect(await countedAfter(ids.slice(100), 203)).toBe('203');
  await stop();
  await start();
  expect(await countedAfter(ids, 204)).toBe('204');
  // Fifty events and the last are claimed one by one, again and again; all others share the slots of a second or two.
  expect(await claimUnits()).toBeLessThan(60);
});

test('how the claims of a data folder are kept cannot be changed by mistake', async () => {
  await start({ mode: null, parts: 4 });
  await stop();
  const refusals: readonly (readonly [NodeJS.ProcessEnv, string])[] = [
    [{ COUNTINGHOUSE_CLAIMS: 'exact' }, 'claims.mode_refused'],
    [{ COUNTINGHOUSE_CLAIM_PARTS: '16' }, 'claims.parts_fixed'],
  ];
  for (const [env, code] of refusals) {
    const { text, exitCode } = await startAndFail(env);
    expect(text).toMatch(new RegExp(`^error: .*\\(${code}\\)\\n {2}leave COUNTINGHOUSE_CLAIMS`));
    expect([text.includes('    at '), exitCode]).toEqual([false, 1]);
  }
  await rm(path.join(folder, 'secrets.json'));
  const { text, exitCode } = await startAndFail({});
  expect(text).toMatch(/^error: .*\(claims.key_changed\)\n {2}put back the secrets.json/);
  expect(exitCode).toBe(1);
});

test.each([
  ['COUNTINGHOUSE_CLAIMS', 'packed-transition'],
  ['COUNTINGHOUSE_CLAIM_PARTS', '2'],
])('a wrong %s is named and nothing starts', async (name, value) => {
  const { text, exitCode } = await startAndFail({ [name]: value });
  expect(text).toContain(`error: ${name}: `);
  expect(exitCode).toBe(1);
});

/** Runs `npm start`'s program where it cannot start; answers what it says. */
async function startAndFail(over: NodeJS.ProcessEnv) {
  const env = { ...process.env, PORT: '0', DATA_DIR: folder, ...over };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const closed = once(child, 'close');
  let text = '';
  for await (const chunk of child.stderr) text += String(chunk);
  const [exitCode] = await closed;
  return { text, exitCode };
}
