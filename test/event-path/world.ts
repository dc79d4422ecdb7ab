import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Context } from 'aws-lambda';
import { createLogger } from '../../functions/_kit/logger.ts';
import { openClaims } from '../../local/claims.ts';
import { createRuntime, type Runtime } from '../../local/runtime.ts';
import type { Stores } from '../../local/stores.ts';
import { createExactClaims } from '../../shared/adapters/claims/exact-claims.ts';
import { createMemoryAnalytics } from '../../shared/adapters/memory/analytics/memory-analytics.ts';
import { createCountedIds } from '../../shared/adapters/memory/counted-ids.ts';
import { createMemoryItems } from '../../shared/adapters/memory/items/memory-items.ts';
import { createMemoryObjects } from '../../shared/adapters/memory/objects/memory-objects.ts';
import { createMemoryStream } from '../../shared/adapters/memory/stream/memory-stream.ts';
import type { AdvanceDeps } from '../../shared/app/clock/advance-clock.ts';
import { setClock } from '../../shared/app/clock/tenant-clock.ts';
import type { StepRunner } from '../../shared/app/consume/steps.ts';
import { createCustomer } from '../../shared/app/customers/create-customer.ts';
import { issueKey } from '../../shared/app/keys/issue-key.ts';
import { createMeter } from '../../shared/app/meters/create-meter.ts';
import { createTenant } from '../../shared/app/tenants/create-tenant.ts';
import { SCOPES } from '../../shared/contracts/http/scopes.ts';
import { assert } from '../../shared/kernel/assert.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { toEvent } from '../api/api-under-test.ts';
import { CUSTOMERS, METERS, TRACE_NOW } from './trace.ts';

const PEPPER = 'a pepper of at least thirty-two characters';
const START_MS = Date.UTC(2026, 10, 24, 12);

/** The whole event path over in-memory twins; time passes when somebody sleeps. Processes come and go, stores stay. */
export async function createWorld(
  tenants: readonly string[] = ['acme'],
  options: {
    readonly claims?: 'packed';
    readonly tenantClaims?: 'exact' | 'packed-by-time';
    /** Where the clocks of the tenants stand. */
    readonly present?: string;
  } = {},
) {
  const clock = createPassingClock();
  const ids = createCountedIds({ clock });
  const items = createMemoryItems();
  const { analytics, faults } = createMemoryAnalytics();
  const objects = createMemoryObjects();
  const packed = { items, objects, clock, pepper: PEPPER, wanted: { mode: 'packed', parts: 1 } } as const;
  const stores: Stores = {
    items,
    stream: createMemoryStream({ shards: 1, clock }),
    objects,
    claims: options.claims === undefined ? createExactClaims({ items }) : await openClaims(packed),
    analytics,
  };
  const config = { items, clock, ids, pepper: PEPPER };
  const secrets = new Map<string, string>();
  const { tenantClaims = 'exact', present = TRACE_NOW } = options;
  for (const key of tenants)
    secrets.set(key, await setUpTenant(config, key, { claims: tenantClaims, present }));
  /** `over`: stores that the process sees in place of these. */
  const startProcess = (
    aroundStep?: StepRunner,
    runDue: AdvanceDeps['runDue'] = async () => undefined,
    over: Partial<Stores> = {},
  ): Runtime =>
    createRuntime({
      stores: { ...stores, ...over },
      clock,
      ids,
      logger: createLogger({ service: 'test', level: 'SILENT' }),
      pepper: PEPPER,
      publicMetrics: true,
      isReady: () => true,
      runDue,
      ...(aroundStep === undefined ? {} : { aroundStep }),
    });
  /** Keys of all claims: what their expiry would delete. */
  const claimItems = () => items.all().filter(({ sk }) => sk === 'claim');
  return { clock, ids, stores, faults, config, secrets, startProcess, claimItems };
}

export type World = Awaited<ReturnType<typeof createWorld>>;

function createPassingClock(): Clock & { advance(ms: number): void } {
  let nowMs = START_MS;
  return {
    nowMs: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
    // A turn, in which others get as far as they can.
    sleep: async (ms) => {
      nowMs += ms;
      await nextTurn();
    },
  };
}

/** A test tenant whose clock stands there, with its meters and customers; answers a key's secret. */
async function setUpTenant(
  config: Parameters<typeof issueKey>[0],
  key: string,
  { claims, present }: { readonly claims: 'exact' | 'packed-by-time'; readonly present: string },
): Promise<string> {
  const tenant = { key, mode: 'test' } as const;
  const drawn = { ...config, drawFence: async () => 1 };
  const outcomes: { readonly ok: boolean }[] = [
    await createTenant(config)({ ...tenant, name: key, claims }),
    await setClock(drawn)({ tenant, nowMs: Date.parse(present) }),
  ];
  for (const meter of METERS) {
    const value = 'value' in meter ? meter.value : null;
    const { eventType, aggregation } = meter;
    const definition = { eventType, aggregation, value, groupBy: {}, filter: null };
    outcomes.push(await createMeter(config)({ tenant, key: meter.key, definition }));
  }
  for (const customer of CUSTOMERS) {
    outcomes.push(await createCustomer(config)({ tenant, key: customer, name: customer, currency: 'USD' }));
  }
  assert(
    outcomes.every(({ ok }) => ok),
    'the tenant is set up',
  );
  const issued = await issueKey(config)({ name: 'all', tenant: key, mode: 'test', scopes: SCOPES });
  assert(issued.ok, 'a key is issued');
  return issued.value.secret;
}

export interface Answered {
  readonly status: number;
  readonly body: Record<string, unknown> & { readonly data: readonly Record<string, unknown>[] };
}

/** Sends a request as API Gateway would; POST /v1/events goes to ingest, everything else to the API. */
export async function call(
  process: Pick<Runtime, 'ingest' | 'api'>,
  request: {
    readonly method: string;
    readonly path: string;
    readonly secret: string;
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
  },
): Promise<Answered> {
  const event = toEvent(request);
  const isIngest = request.method === 'POST' && request.path === '/v1/events';
  const result = await (isIngest ? process.ingest : process.api)(event, {} as Context);
  return { status: result.statusCode ?? 0, body: JSON.parse(result.body ?? 'null') };
}
