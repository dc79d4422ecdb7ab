import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createHttpMetrics, createMetricsRegistry } from '../../functions/_kit/metrics.ts';
import { serveApiBindings } from '../../functions/serve-api/handler.ts';
import type { MeterUsageInput } from '../../shared/app/metering/meter-usage.ts';
import { openApiText } from '../../shared/contracts/http/openapi.ts';
import { ROUTES } from '../../shared/contracts/http/routes.ts';
import type { EventRow } from '../../shared/domain/metering/rows.ts';
import { ok } from '../../shared/kernel/result.ts';
import { createApi, START_MS } from './api-under-test.ts';

const EVENT: EventRow = {
  tenant: 'acme',
  chunk: 'x',
  fence: 3,
  revision: 2,
  rowHash: '1',
  source: 'default',
  id: 'e/1',
  type: 'llm.request',
  customer: 'c1',
  customerReference: 's1',
  timeMs: START_MS,
  timeSent: true,
  receivedAtMs: START_MS + 5,
  properties: '{"tokens":7}',
  fingerprint: 'f',
  status: 'counted',
  reason: '',
  link: 0,
};

test('docs/openapi.json is what the route contracts say (npm run openapi)', () => {
  expect(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')).toBe(openApiText());
});

test('every contract has one handler and every handler its contract', async () => {
  const { deps } = await createApi();
  const bound = serveApiBindings(deps).map(({ contract }) => contract.operationId);
  const contracts = Object.keys(ROUTES).filter((operation) => operation !== 'ingestEvents');
  expect([...bound].sort()).toEqual(contracts.sort());
  for (const [name, contract] of Object.entries(ROUTES)) expect(contract.operationId).toBe(name);
});

test('the OpenAPI document is served without a key', async () => {
  const { call } = await createApi();
  const answer = await call('GET', '/v1/openapi.json', { secret: null });
  expect(answer.body).toEqual(JSON.parse(openApiText()));
});

test('an event tells its journey', async () => {
  const { call, rows } = await createApi();
  rows.events.push(EVENT);
  const { status, body } = await call('GET', '/v1/events/e%2F1');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    id: 'e/1',
    customer: 'c1',
    properties: { tokens: 7 },
    reason: null,
    chunk: 'x',
    fence: 3,
    catalogueRevision: 2,
    meters: [{ meter: 'tokens', quantity: '12' }],
  });
});

test('an id that several sources used is ambiguous until the source is named', async () => {
  const { call, rows } = await createApi();
  rows.events.push(EVENT, { ...EVENT, source: 'eu' });
  const ambiguous = await call('GET', '/v1/events/e%2F1');
  expect([ambiguous.status, ambiguous.body.code]).toEqual([409, 'event.ambiguous_id']);
  expect((await call('GET', '/v1/events/e%2F1?source=eu')).body.source).toBe('eu');
});

test('events are listed page by page', async () => {
  const { call, rows } = await createApi();
  for (const index of [3, 2, 1]) rows.events.push({ ...EVENT, id: `e${index}`, timeMs: START_MS + index });
  const first = await call('GET', '/v1/events?limit=2');
  const second = await call('GET', `/v1/events?limit=2&cursor=${first.body.nextCursor}`);
  expect([...first.body.data, ...second.body.data].map(({ id }) => id)).toEqual(['e3', 'e2', 'e1']);
  expect(second.body.nextCursor).toBeNull();
});

const path = '/v1/meters/tokens/usage?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z';
const row = { fromMs: 0, toMs: 1, value: '1.5', dimensions: { model: '=1+1', region: null } };

async function ask(query: string, accept = 'application/json') {
  const asked: MeterUsageInput[] = [];
  const { call } = await createApi({
    queryUsage: async (question) => {
      asked.push(question);
      return ok({ data: [row], completeThroughMs: START_MS, nextCursor: 'next' });
    },
  });
  return { answer: await call('GET', `${path}${query}`, { headers: { accept } }), asked };
}

test('a usage question reaches the query as it was asked', async () => {
  const query =
    '&groupBy=model&groupBy=region&filter[region]=eu&filter[region]=us&filter[model]=a&window=day&timeZone=Europe/Berlin';
  const { answer, asked } = await ask(query);
  expect(asked).toEqual([
    {
      tenant: 'acme',
      meter: 'tokens',
      fromMs: Date.UTC(2026, 0, 1),
      toMs: Date.UTC(2026, 1, 1),
      groupBy: ['model', 'region'],
      filters: { region: ['eu', 'us'], model: ['a'] },
      window: 'day',
      timeZone: 'Europe/Berlin',
      limit: 10_000,
    },
  ]);
  expect(answer.body).toMatchObject({ completeThrough: '2026-11-24T12:00:00.000Z', nextCursor: 'next' });
});

test('usage is CSV on demand, without formulas that a spreadsheet would run', async () => {
  const { answer } = await ask('&groupBy=model&groupBy=region', 'text/csv');
  expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
  expect(answer.text).toBe(
    "from,to,value,model,region\r\n1970-01-01T00:00:00.000Z,1970-01-01T00:00:00.001Z,1.5,'=1+1,\r\n",
  );
  expect(answer.headers['x-complete-through']).toBe('2026-11-24T12:00:00.000Z');
});

test('health is public and honest', async () => {
  let ready = true;
  const { call } = await createApi({ isReady: () => ready });
  expect((await call('GET', '/healthz', { secret: null })).body).toEqual({ status: 'ready' });
  ready = false;
  expect((await call('GET', '/healthz', { secret: null })).status).toBe(503);
});

test('metrics are OpenMetrics, need their scope unless opened, and name operations only', async () => {
  const registry = createMetricsRegistry();
  const { call } = await createApi({ registry, metrics: createHttpMetrics(registry), publicMetrics: true });
  await call('GET', '/v1/meters/secret-name');
  const { text, headers } = await call('GET', '/metrics', { secret: null });
  expect(headers['content-type']).toContain('application/openmetrics-text');
  expect(text).toContain('countinghouse_http_requests_total{operation="getMeter",status="404"} 1');
  expect(text).not.toContain('secret-name');
  expect(text.endsWith('# EOF\n')).toBe(true);
  const closed = await createApi();
  expect((await closed.call('GET', '/metrics')).body.code).toBe('auth.missing_scope');
});
