import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import {
  CUSTOMERS,
  foldTrace,
  METERS,
  readTrace,
  seededRandom,
  shuffledBatches,
  TRACE_NOW,
  type TraceEvent,
} from './trace.ts';

const MAIN = path.join(import.meta.dirname, '..', '..', 'local', 'main.ts');
const KEY = 'chk_test_key-of-the-sigkill-test-0123456789';
const KILLS = 10;
const CLIENTS = 4;
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

let running: ChildProcess | undefined;
let folder = '';
afterEach(async () => {
  running?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** Starts the server as a user does; answers once it says where it listens. */
async function startServer(port: number): Promise<string> {
  const env = { ...process.env, PORT: String(port), DATA_DIR: folder, COUNTINGHOUSE_DEV_KEY: KEY };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  running = child;
  const listens = Promise.withResolvers<string>();
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += String(chunk);
    const url = /listens at (\S+)/.exec(text)?.[1];
    if (url !== undefined) listens.resolve(url);
  });
  child.once('exit', () => listens.reject(new Error(`the server ended: ${text}`)));
  return await listens.promise;
}

async function kill(): Promise<void> {
  const child = running;
  if (child === undefined) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function request(url: string, method: string, resource: string, body?: unknown) {
  const response = await fetch(`${url}${resource}`, {
    method,
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function setUp(url: string): Promise<void> {
  expect((await request(url, 'PUT', '/v1/clock', { now: TRACE_NOW })).status).toBe(200);
  for (const meter of METERS) expect((await request(url, 'POST', '/v1/meters', meter)).status).toBe(201);
  for (const key of CUSTOMERS) {
    const customer = { key, name: key, currency: 'USD' };
    expect((await request(url, 'POST', '/v1/customers', customer)).status).toBe(201);
  }
}

/** A client that sends each batch until the server has said of every event that it is accepted. */
async function sendAll(url: string, batches: (readonly TraceEvent[])[]): Promise<void> {
  for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
    for (let isAccepted = false; !isAccepted; ) {
      const answer = await request(url, 'POST', '/v1/events', { events: batch }).catch(() => null);
      isAccepted = answer?.status === 200 && Number(answer.body.accepted) === batch.length;
      if (!isAccepted) await pause(50);
    }
  }
}

async function totals(url: string): Promise<Record<string, Record<string, string>>> {
  const found: Record<string, Record<string, string>> = {};
  for (const { key } of METERS) {
    const range = 'from=2023-11-16T00:00:00Z&to=2023-11-17T00:00:00Z&groupBy=customer';
    const { body } = await request(url, 'GET', `/v1/meters/${key}/usage?${range}`);
    for (const { value, dimensions } of body.data as { value: string; dimensions: { customer: string } }[]) {
      found[dimensions.customer] = { ...found[dimensions.customer], [key]: value };
    }
  }
  return found;
}

test(`a server killed ten times while clients send the trace counts every request once (SEED=${SEED})`, async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sigkill-'));
  const random = seededRandom(SEED);
  const trace = readTrace();
  const url = await startServer(0);
  const port = Number(new URL(url).port);
  await setUp(url);
  const batches = [...shuffledBatches(trace, { size: 100, random })];
  const perKill = Math.floor(batches.length / (KILLS + 1));
  const clients = (count: number) => {
    const share = batches.splice(0, count);
    const sending = Promise.all(Array.from({ length: CLIENTS }, () => sendAll(url, share)));
    return { share, sending };
  };
  for (let killed = 0; killed < KILLS; killed += 1) {
    const { share, sending } = clients(perKill);
    // A random moment of the sending, not of the clock: clients are always in the middle of it.
    const left = Math.floor(random() * (perKill - CLIENTS));
    while (share.length > left) await pause(1);
    await kill();
    expect(await startServer(port)).toBe(url);
    await sending;
  }
  await clients(batches.length).sending;
  const expected = foldTrace(trace);
  const sumOf = (found: Record<string, Record<string, string>>) =>
    CUSTOMERS.reduce((sum, customer) => sum + Number(found[customer]?.requests ?? 0), 0);
  while (sumOf(await totals(url)) < trace.length) await pause(200);
  expect(await totals(url)).toEqual(expected);
  await kill();
  await startServer(port);
  expect(await totals(url)).toEqual(expected);
}, 180_000);
