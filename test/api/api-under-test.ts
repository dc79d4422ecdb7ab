import { Buffer } from 'node:buffer';
import type { Context } from 'aws-lambda';
import { createMetricsRegistry } from '../../functions/_kit/metrics.ts';
import type { ApiEvent, ApiResult } from '../../functions/_kit/request.ts';
import type { ServeApiDeps } from '../../functions/serve-api/deps.ts';
import { createHandler } from '../../functions/serve-api/handler.ts';
import { createMemoryObjects } from '../../shared/adapters/memory/objects/memory-objects.ts';
import { authenticateSecret } from '../../shared/app/auth/authenticate-secret.ts';
import { createAcceptanceClock } from '../../shared/app/ingest/acceptance-clock.ts';
import { issueKey } from '../../shared/app/keys/issue-key.ts';
import { createRateLimiter } from '../../shared/app/limits/rate-limiter.ts';
import { createTenant } from '../../shared/app/tenants/create-tenant.ts';
import { DOCS_ROUTES } from '../../shared/contracts/http/docs.ts';
import type { RouteContract } from '../../shared/contracts/http/route.ts';
import { ROUTES } from '../../shared/contracts/http/routes.ts';
import type { Scope } from '../../shared/contracts/http/scopes.ts';
import type { EventRow, QuarantineRow } from '../../shared/domain/metering/rows.ts';
import { assert } from '../../shared/kernel/assert.ts';
import { ok } from '../../shared/kernel/result.ts';
import type { AnalyticsReader } from '../../shared/ports/analytics.ts';
import { createHookedItems } from './hooked-items.ts';

export const START_MS = Date.UTC(2026, 10, 24, 12);

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body as a client receives it. */
  readonly bytes: Buffer;
  // A test looks into bodies by name; a wrong name fails its assertion.
  readonly body: Record<string, never> & {
    errors: { path: string; code: string }[];
    data: Record<string, unknown>[];
  };
}

export interface CallOptions {
  readonly secret?: string | null;
  readonly body?: unknown;
  readonly rawBody?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The handler over memory: virtual time, counted ids, one tenant of each mode, and an operator. */
export async function createApi(overrides: Partial<ServeApiDeps> = {}) {
  const world = createWorld();
  const deps: ServeApiDeps = { ...world.deps, ...overrides };
  const handler = createHandler(deps);
  const call = (method: string, path: string, options: CallOptions = {}) =>
    send((event) => handler(event, {} as Context), { method, path, secret: secrets.acme, ...options });
  for (const [key, mode] of [
    ['acme', 'test'],
    ['globex', 'test'],
    ['real', 'live'],
  ] as const) {
    await createTenant(world.deps)({ key, name: key, mode });
  }
  const issue = async (tenant: string | null, scopes: readonly Scope[]) => {
    const mode = tenant === 'real' ? ('live' as const) : ('test' as const);
    const issued = await issueKey(world.deps)({ name: 'a key', tenant, mode, scopes });
    if (!issued.ok) throw new Error(issued.error.code);
    return issued.value.secret;
  };
  const secrets = {
    acme: await issue('acme', TENANT_SCOPES),
    globex: await issue('globex', TENANT_SCOPES),
    real: await issue('real', TENANT_SCOPES),
    operator: await issue(null, ['operator']),
  };
  /** All items but the counters of requests. */
  const kept = () => world.items.all().filter(({ sk }) => sk !== 'bucket');
  return { ...world, deps, call, issue, secrets, handler, kept };
}

const TENANT_SCOPES: readonly Scope[] = [
  'tenant:read',
  'keys:read',
  'keys:write',
  'events:read',
  'meters:read',
  'meters:write',
  'usage:read',
  'customers:read',
  'customers:write',
  'plans:read',
  'plans:write',
  'subscriptions:read',
  'subscriptions:write',
  'invoices:read',
  'clock:read',
  'clock:write',
];

function createWorld() {
  const items = createHookedItems();
  const time = { nowMs: START_MS };
  const logged: unknown[] = [];
  const rows: { events: EventRow[]; quarantine: QuarantineRow[] } = { events: [], quarantine: [] };
  let drawn = 0;
  const clock = { nowMs: () => time.nowMs, sleep: async () => undefined };
  const log = (...words: unknown[]) => void logged.push(words);
  const pepper = 'a pepper of at least thirty-two characters';
  const base = { items, clock, ids: countedIds(), pepper };
  const deps: ServeApiDeps = {
    ...base,
    authenticateSecret: authenticateSecret(base),
    takeTokens: createRateLimiter({ items, clock, onOutage: log, onRefused: () => undefined }),
    logger: { warn: log, error: log },
    analytics: readerOf(rows),
    drawFence: async () => ++drawn,
    runDue: async () => undefined,
    queryUsage: async () => ok({ data: [], completeThroughMs: null, nextCursor: null }),
    renderInvoicePdf: async () => new Uint8Array([0x25, 0xff]),
    readDocsAsset: async (name) => `the file ${name}`,
    registry: createMetricsRegistry(),
    publicMetrics: false,
    isReady: () => true,
    objects: createMemoryObjects(),
    producer: { send: async ({ lines }) => lines.map(() => true) },
    acceptanceClock: createAcceptanceClock({ items, clock }),
  };
  return { deps, items, time, logged, rows, fencesDrawn: () => drawn };
}

function countedIds() {
  let count = 0;
  return {
    uuid: () => {
      count += 1;
      return `01900000-0000-7000-8000-${String(count).padStart(12, '0')}`;
    },
    secret: () => {
      count += 1;
      return `secret${count}`.padEnd(43, 'x');
    },
  };
}

function readerOf(rows: { events: EventRow[]; quarantine: QuarantineRow[] }): AnalyticsReader {
  return {
    usage: async () => [],
    usageGroups: async () => [],
    snapshotUsage: async () => [],
    duplicatesOf: async () => [],
    evidence: async () => ({ rows: [], next: null }),
    priced: async () => [],
    customersChanged: async () => [],
    conflicts: async () => [],
    changes: async () => [],
    jobEvents: async () => [],
    standingEvents: async () => [],
    standingTotals: async () => [],
    foldedTotals: async () => [],
    metersOfEvent: async () => [{ meter: 'tokens', quantity: '12' }],
    quarantine: async ({ tenant, limit }) =>
      rows.quarantine.filter((row) => row.tenant === tenant).slice(0, limit),
    events: async ({ tenant, id, source, limit, after }) =>
      rows.events
        .filter(
          (row) =>
            row.tenant === tenant && (id ?? row.id) === row.id && (source ?? row.source) === row.source,
        )
        .filter((row) => after === undefined || row.timeMs < after.timeMs)
        .slice(0, limit),
  };
}

async function send(
  handler: (event: ApiEvent) => Promise<ApiResult>,
  request: CallOptions & { readonly method: string; readonly path: string },
): Promise<Answer> {
  const result = await handler(toEvent(request));
  const text = result.body ?? '';
  checkAgainstContract(request, result.statusCode ?? 0, text);
  const isJson = /\bjson\b/.test(String(result.headers?.['content-type'])) && text !== '';
  return {
    status: result.statusCode ?? 0,
    headers: result.headers as Record<string, string>,
    text,
    bytes: Buffer.from(text, result.isBase64Encoded ? 'base64' : 'utf8'),
    body: isJson ? JSON.parse(text) : undefined,
  };
}

export function toEvent(request: CallOptions & { readonly method: string; readonly path: string }): ApiEvent {
  const { method, path, secret } = request;
  const [rawPath = '', rawQueryString = ''] = path.split('?');
  const body = request.rawBody ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    headers: {
      ...(typeof secret === 'string' ? { authorization: `Bearer ${secret}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...request.headers,
    },
    ...(body === undefined ? {} : { body: Buffer.from(body).toString('base64') }),
    isBase64Encoded: true,
    requestContext: { http: { method, path: rawPath } } as ApiEvent['requestContext'],
  };
}

/** Every success that a test sees must be what its contract promises. */
function checkAgainstContract(
  request: { readonly method: string; readonly path: string },
  status: number,
  text: string,
) {
  const [path = ''] = request.path.split('?');
  const contracts = Object.values<RouteContract>({ ...ROUTES, ...DOCS_ROUTES }).filter(
    ({ method, path: pattern }) =>
      method === request.method && new RegExp(`^${pattern.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );
  const response = contracts[0]?.responses[status];
  if (status >= 400 || request.method === 'HEAD') return;
  assert(
    response !== undefined,
    `${request.method} ${path} answered ${status}, which its contract does not know`,
  );
  const schema = response.content['application/json'];
  if (schema === undefined || !text.startsWith('{')) return;
  const parsed = schema.safeParse(JSON.parse(text));
  assert(parsed.success, `an answer is not what its contract says: ${parsed.error?.message}`);
}
