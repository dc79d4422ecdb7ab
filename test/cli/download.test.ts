import { readdir, readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../local/http-server.ts';
import { authenticateSecret } from '../../shared/app/auth/authenticate-secret.ts';
import { issueKey } from '../../shared/app/keys/issue-key.ts';
import type { Charge } from '../../shared/domain/rating/charge.ts';
import { createApi } from '../api/api-under-test.ts';
import {
  bill,
  createBillingWorld,
  DECEMBER_MS,
  draft,
  JANUARY_MS,
  NOVEMBER_MS,
  TENANT,
} from '../invoicing/billing-world.ts';
import { runCommand, temporaryFolder } from './run-command.ts';

const FEBRUARY_MS = Date.UTC(2024, 1, 1);
type Handler = Awaited<ReturnType<typeof createApi>>['handler'];
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: HttpServer | undefined;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await folder[Symbol.asyncDispose]();
});

/** December has 100 lines of its own and 30 more for what came late. */
const CHARGES: readonly Charge[] = [
  { key: 'calls', meter: 'requests', price: { model: 'per_unit', unitAmount: '0.01' } },
  ...Array.from({ length: 30 }, (_, index) => {
    const price = { model: 'per_unit', unitAmount: '2.00' } as const;
    return { key: `tokens_${index}`, meter: 'output_tokens', price } as const;
  }),
  ...Array.from({ length: 69 }, (_, index) => {
    return { key: `fee_${index}`, timing: 'arrears', price: { model: 'flat', amount: '1.00' } } as const;
  }),
];
/** More evidence than one answer may have: ids of events are as long as they may be. */
const EVENTS = 12_000;

async function serveBilled(events: number, wrap: (handler: Handler) => Handler = (handler) => handler) {
  const world = await createBillingWorld(CHARGES);
  await world.subscribe('acme');
  await bill(world, world.run, DECEMBER_MS);
  const row = { customer: 'acme', source: 'default', quantity: '1', dimensions: '{}' };
  await world.count([
    { ...row, id: 'late', meter: 'output_tokens', timeMs: NOVEMBER_MS, chunk: 'late' },
    ...Array.from({ length: events }, (_, index) => ({
      ...{ ...row, id: `${index}`.padEnd(256, 'x'), meter: 'requests', chunk: 'december' },
      timeMs: DECEMBER_MS + index,
    })),
  ]);
  await bill(world, world.run, JANUARY_MS);
  await world.passFence(FEBRUARY_MS);
  await draft(world.run, FEBRUARY_MS);
  const config = { ...world.config, pepper: 'a pepper of at least thirty-two characters' };
  const issued = await issueKey(config)({
    ...{ name: 'a key', tenant: TENANT, mode: 'live', scopes: ['invoices:read'] },
  } as const);
  if (!issued.ok) throw new Error(issued.error.code);
  const { items, objects } = world;
  const api = await createApi({ items, objects, authenticateSecret: authenticateSecret(config) });
  const handler = wrap(api.handler);
  server = await startHttpServer({ host: '127.0.0.1', port: 0, route: () => handler, clock: api.deps.clock });
  const invoices = await world.invoices();
  const idOf = (month: string) => invoices.find(({ period }) => period.from.startsWith(month))?.id ?? '';
  const env = { COUNTINGHOUSE_KEY: issued.value.secret, COUNTINGHOUSE_URL: server.url };
  return { env, idOf, invoices };
}

test('an invoice of any number of lines and its evidence of any size are fetched, and equal', async () => {
  const { env, idOf, invoices } = await serveBilled(EVENTS);
  const id = idOf('2023-12');
  const fetched = await runCommand(['invoices', 'download', id, '--out', folder.at('')], env);
  expect([fetched.exitCode, fetched.err]).toEqual([0, '']);
  const evidence = await readFile(folder.at(`${id}.evidence.ndjson`), 'utf8');
  expect(evidence.length).toBeGreaterThan(4_000_000);
  expect(evidence === invoices.find((invoice) => invoice.id === id)?.evidence).toBe(true);
  expect((await readdir(folder.at(''))).toSorted()).toEqual([`${id}.evidence.ndjson`, `${id}.json`]);
  const verified = await runCommand(['verify', folder.at(`${id}.json`)]);
  expect([verified.exitCode, verified.out]).toEqual([
    0,
    `equal  ${id}: 130 lines, 12,030 events, 249.00 USD\n`,
  ]);
});

test('pieces that do not arrive are asked for again, and the files are the same', async () => {
  let requests = 0;
  const { env, idOf, invoices } = await serveBilled(EVENTS, (handler) => async (event, context) => {
    requests += 1;
    if (requests % 2 === 1) throw new Error('the connection breaks');
    return await handler(event, context);
  });
  const id = idOf('2023-12');
  const { exitCode } = await runCommand(['invoices', 'download', id, '--out', folder.at('')], env);
  expect(exitCode).toBe(0);
  const evidence = await readFile(folder.at(`${id}.evidence.ndjson`), 'utf8');
  expect(evidence === invoices.find((invoice) => invoice.id === id)?.evidence).toBe(true);
});

test.each([
  ['an invoice that is not there', 'inv_none', 3, 'invoice.not_found'],
  ['no id of an invoice', '../inv_none', 2, 'cli.usage'],
])('%s leaves no file', async (_, id, exitCode, code) => {
  const { env } = await serveBilled(1);
  const refused = await runCommand(['invoices', 'download', id, '--out', folder.at('')], env);
  expect(refused.exitCode).toBe(exitCode);
  expect(refused.err).toContain(`(${code})`);
  expect(await readdir(folder.at(''))).toEqual([]);
});

test('a draft, which has no evidence, leaves no file', async () => {
  const { env, idOf } = await serveBilled(1);
  const refused = await runCommand(['invoices', 'download', idOf('2024-01'), '--out', folder.at('')], env);
  expect([refused.exitCode, refused.err]).toEqual([
    3,
    'error: The invoice has no evidence while it is a draft (invoice.no_evidence)\n',
  ]);
  expect(await readdir(folder.at(''))).toEqual([]);
});

test('a file that is there stays as it is', async () => {
  const { env, idOf } = await serveBilled(1);
  const id = idOf('2023-12');
  await folder.write(`${id}.json`, 'mine');
  const refused = await runCommand(['invoices', 'download', id, '--out', folder.at('')], env);
  expect([refused.exitCode, await readFile(folder.at(`${id}.json`), 'utf8')]).toEqual([2, 'mine']);
  expect(refused.err).toContain('is there already (cli.file_unusable)');
});

test('a server that is not there is given up after a while', async () => {
  const env = { COUNTINGHOUSE_KEY: 'chk_test_x', COUNTINGHOUSE_URL: 'http://127.0.0.1:9' };
  const given = await runCommand(['invoices', 'download', 'inv_a', '--out', folder.at('')], env);
  expect([given.exitCode, given.sleptMs.length]).toEqual([3, 7]);
  expect(given.err).toMatch(/gave up after 8 attempts: .*\(cli\.server_unreachable\)/);
});
