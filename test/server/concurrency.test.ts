import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defined } from '../../shared/kernel/assert.ts';

const MAIN = path.join(import.meta.dirname, '..', '..', 'local', 'main.ts');
const ROUNDS = 20;
const CLIENTS = 16;
const IDS = 20;
/** What most clients send of an event; each of the last three sends something else. */
const USUAL = 5;
const tokensOf = (client: number) => (client < CLIENTS - 3 ? USUAL : 100 + client);

let folder = '';
let children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'concurrency-')));
});
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
  children = [];
  await rm(folder, { recursive: true, force: true });
});

function startMain() {
  const env = { ...process.env, PORT: '0', DATA_DIR: folder };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    said.out += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    said.err += String(chunk);
  });
  const closed = once(child, 'close');
  return { child, said, closed };
}

/** `npm start`, up to where it says how to reach it. */
async function startServer() {
  const { child, said, closed } = startMain();
  const WHERE = /listens at (?<url>\S+)\nkey of the test tenant local: (?<key>\S+)\n/;
  while (!WHERE.test(said.out))
    await Promise.race([once(child.stdout, 'data'), closed.then(() => fail(said))]);
  const { url = '', key = '' } = WHERE.exec(said.out)?.groups ?? {};
  return async (method: string, resource: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${url}${resource}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  };
}

function fail({ out, err }: { readonly out: string; readonly err: string }): never {
  throw new Error(`the server ended: ${out}${err}`);
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown> & { readonly data: Record<string, unknown>[] };
}
type Ask = Awaited<ReturnType<typeof startServer>>;

/** Everything that a list has, page by page. */
async function readAll(ask: Ask, resource: string): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  let cursor: unknown = null;
  do {
    const after = cursor === null ? '' : `&cursor=${String(cursor)}`;
    const page = await ask('GET', `${resource}?limit=100${after}`);
    expect(page.status).toBe(200);
    found.push(...page.body.data);
    cursor = page.body.nextCursor;
  } while (cursor !== null);
  return found;
}

async function setUp(ask: Ask): Promise<void> {
  const counted = { eventType: 'llm.request' };
  const meters = [
    { ...counted, key: 'requests', aggregation: 'count' },
    { ...counted, key: 'tokens', aggregation: 'sum', value: '$.tokens' },
  ];
  for (const meter of meters) expect((await ask('POST', '/v1/meters', meter)).status).toBe(201);
  const customer = { key: 'acme', name: 'Acme', currency: 'USD' };
  expect((await ask('POST', '/v1/customers', customer)).status).toBe(201);
}

/** All clients send the ids of the round at the same time, each beginning with another one. */
async function sendRound(ask: Ask, round: number): Promise<void> {
  const answers = await Promise.all(
    Array.from({ length: CLIENTS }, (_, client) => {
      const events = Array.from({ length: IDS }, (_unused, index) => ({
        id: `r${round}-${(index + client) % IDS}`,
        type: 'llm.request',
        customer: 'acme',
        properties: { tokens: tokensOf(client) },
      }));
      return ask('POST', '/v1/events', { events });
    }),
  );
  for (const { status, body } of answers) expect([status, body.accepted]).toEqual([200, IDS]);
}

/** The usage, once everything that was acknowledged before is in it. */
async function completeUsage(ask: Ask, meter: string, acknowledgedMs: number): Promise<unknown> {
  for (;;) {
    const range = 'from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z';
    const { body } = await ask('GET', `/v1/meters/${meter}/usage?${range}`);
    const through = Date.parse(String(body.completeThrough));
    if (through >= acknowledgedMs) return body.data[0]?.value;
    await pause(200);
  }
}

const tokensIn = ({ properties }: Record<string, unknown>) => (properties as { tokens: number }).tokens;

test('ids that 16 clients send at once, round after round, are one row each, and what differs is reported', async () => {
  const ask = await startServer();
  await setUp(ask);
  for (let round = 0; round < ROUNDS; round += 1) await sendRound(ask, round);
  const acknowledgedMs = Date.now();
  expect(await completeUsage(ask, 'requests', acknowledgedMs)).toBe(String(ROUNDS * IDS));

  const rows = await readAll(ask, '/v1/events');
  const ids = Array.from(
    { length: ROUNDS * IDS },
    (_, index) => `r${Math.floor(index / IDS)}-${index % IDS}`,
  );
  expect(rows.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  const counted = new Map(rows.map((row) => [String(row.id), tokensIn(row)]));
  const sum = [...counted.values()].reduce((all, tokens) => all + tokens, 0);
  expect(await completeUsage(ask, 'tokens', acknowledgedMs)).toBe(String(sum));

  const conflicts = Map.groupBy(await readAll(ask, '/v1/conflicts'), ({ id }) => String(id));
  const sent = Array.from({ length: CLIENTS }, (_, client) => tokensOf(client));
  for (const id of ids) {
    const first = defined(counted.get(id), id);
    // What comes to the consumer again may be listed again: it is the same conflict.
    const reported = [...new Set((conflicts.get(id) ?? []).map(tokensIn))].toSorted((a, b) => a - b);
    expect({ id, reported }).toEqual({ id, reported: sent.filter((tokens) => tokens !== first) });
  }
  expect([...conflicts.keys()].every((id) => counted.has(id))).toBe(true);
}, 180_000);

test('who starts it a second time on the same data is told why it does not start, and what to do', async () => {
  const ask = await startServer();
  const second = startMain();
  expect(await second.closed).toEqual([1, null]);
  expect(second.said).toEqual({
    out: '',
    err: `error: Another process uses this data directory: ${folder} (storage.locked)\n  stop the other process, or set DATA_DIR to another folder\n`,
  });
  await setUp(ask);
});
