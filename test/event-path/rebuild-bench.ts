import { expect } from 'vitest';
import type { Runtime } from '../../local/runtime.ts';
import type { Stores } from '../../local/stores.ts';
import { drawFence } from '../../shared/app/fences/issue-fences.ts';
import { queryMeterUsage } from '../../shared/app/metering/meter-usage.ts';
import { readRollupState } from '../../shared/app/metering/rollup-state.ts';
import type { Aggregation, UsageReadPlan } from '../../shared/domain/metering/usage-read.ts';
import { assert, defined } from '../../shared/kernel/assert.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { drain } from './drive.ts';
import { AGGREGATIONS, expectedValue, type ModelEvent, meterOf } from './rebuild-model.ts';
import { call, createWorld, type World } from './world.ts';

const TENANT = 'acme';
const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** Three days, of which the last one is not over; the tenant's clock stands at its noon. */
export const FIRST_DAY_MS = Date.UTC(2026, 10, 20);
const PRESENT = '2026-11-22T12:00:00.000Z';
const RANGE = { fromMs: FIRST_DAY_MS, toMs: FIRST_DAY_MS + 3 * DAY_MS };

/** The event path with a meter of each of the aggregations, and what its events should come to. */
export async function createRebuildBench(metered: readonly Aggregation[] = AGGREGATIONS) {
  const world = await createWorld([TENANT], { present: PRESENT });
  const secret = defined(world.secrets.get(TENANT), 'the secret of a key');
  const main = world.startProcess();
  const { items, stream } = world.stores;
  const draw = drawFence({ items, stream, clock: world.clock, delayMs: 0 });
  /** A fence in the tenant's lane: the others hold nothing. */
  const putFence = () => draw({ tenant: TENANT });
  const consume = async (process = main) => {
    await drain(world, process, { batchSize: 16 });
  };
  const finishJobs = async (process = main) => {
    for (let round = 0; round < 60; round += 1) {
      // Pauses after failures are long.
      world.clock.advance(round < 10 ? 10_000 : LIMITS.foldLeaseMs + LIMITS.rebuildPauseMs * 16);
      await putFence();
      await consume();
      await main.sweep({ force: true });
      // A start leaves parked rows to the sweeps that follow.
      await main.sweep({ force: false });
      if ((await process.runJobs()).open === 0) return;
    }
    throw new Error('jobs stay open');
  };
  const client = createClient({ world, main, secret });
  for (const aggregation of metered) await client.post('/v1/meters', meterOf(aggregation));
  // Of the customers.
  await finishJobs();
  return {
    world,
    secret,
    main,
    ...client,
    ...createQuestions(world, client.events, metered),
    /** Counts what was sent, with another process where that one is not to be trusted any more. */
    consume,
    putFence,
    finishJobs,
    /** `over` are stores that the process sees otherwise. */
    startProcess: (over: Partial<Stores> = {}) => world.startProcess(undefined, undefined, over),
    dayMs: (day: number) => FIRST_DAY_MS + day * DAY_MS,
    rollupState: (meter: string) => readRollupState(items, { tenant: TENANT, meter, ...RANGE }),
    runJobs: async (process = main) => (await process.runJobs()).open,
    jobs: async () => {
      const { body } = await call(main, { method: 'GET', path: '/v1/jobs', secret });
      return body.data as readonly (Record<string, unknown> & { readonly status: string })[];
    },
  };
}

interface Sender {
  readonly world: World;
  readonly main: Runtime;
  readonly secret: string;
}

/** Sends events and corrections, and knows what they make of each event. */
function createClient({ world, main, secret }: Sender) {
  const post = async (path: string, body: object) => {
    const answer = await call(main, { method: 'POST', path, secret, body });
    assert(answer.status < 300, `${path} is answered with ${answer.status} ${JSON.stringify(answer.body)}`);
    world.clock.advance(10);
    return answer.body;
  };
  /** By id; gone once it is revoked. */
  const events = new Map<string, ModelEvent>();
  const revisions = new Map<string, number>();
  const correct = async (id: string, action: 'revoke' | 'amend', body: object) => {
    const revision = (revisions.get(id) ?? 0) + 1;
    await post(`/v1/events/${id}/${action}`, { revision, reason: 'it was wrong', ...body });
    revisions.set(id, revision);
  };
  return {
    post,
    events,
    send: async (sent: readonly ModelEvent[]) => {
      await post('/v1/events', { events: sent });
      for (const event of sent) events.set(event.id, event);
    },
    revoke: async (id: string) => {
      await correct(id, 'revoke', {});
      events.delete(id);
    },
    amend: async (event: ModelEvent) => {
      await correct(event.id, 'amend', { event });
      events.set(event.id, event);
    },
  };
}

/** Asks for usage as clients do. */
function createQuestions(
  { stores }: World,
  events: ReadonlyMap<string, ModelEvent>,
  metered: readonly Aggregation[],
) {
  const plans: UsageReadPlan[] = [];
  const hooks: { duringRead?: (() => Promise<void>) | undefined } = {};
  const usage = async (plan: UsageReadPlan) => {
    plans.push(plan);
    const { duringRead } = hooks;
    hooks.duringRead = undefined;
    await duringRead?.();
    return await stores.analytics.usage(plan);
  };
  const query = queryMeterUsage({ items: stores.items, analytics: { ...stores.analytics, usage } });
  const ask = async (aggregation: Aggregation, more: { window?: string; groupBy?: readonly string[] }) => {
    const asked = { tenant: TENANT, meter: aggregation, ...RANGE, filters: {}, limit: 10_000 };
    const found = await query({ ...asked, groupBy: [], ...more });
    assert(found.ok, 'usage is answered');
    return found.value.data;
  };
  const checkOne = async (aggregation: Aggregation) => {
    const whole = await ask(aggregation, {});
    // After each answer: what is counted while a question is answered is in the answer.
    expect(whole.map(({ value }) => value)).toEqual([expectedValue([...events.values()], aggregation)]);
    for (const window of ['day', 'hour']) {
      const cut = await ask(aggregation, { window });
      const expected = cut.map(({ fromMs, toMs }) => {
        const isInside = (time: string) => Date.parse(time) >= fromMs && Date.parse(time) < toMs;
        const inside = [...events.values()].filter(({ time }) => isInside(time));
        return expectedValue(inside, aggregation);
      });
      expect(cut.map(({ value }) => value)).toEqual(expected);
    }
    const grouped = await ask(aggregation, { groupBy: ['region'] });
    const regions = Map.groupBy(events.values(), ({ properties }) => properties.region);
    const expected = [...regions].map(([region, own]) => [region, expectedValue(own, aggregation)]);
    expect(grouped.map(({ value, dimensions }) => [dimensions.region, value])).toEqual(expected.toSorted());
  };
  return {
    /** Runs once, when a question was begun and nothing is read yet. */
    hooks,
    /** Every answer of every aggregation is the fold of the events as they are. */
    check: async (aggregations = metered) => {
      for (const aggregation of aggregations) await checkOne(aggregation);
    },
    /** Where the whole range is read from. */
    grainsOf: async (aggregation: Aggregation) => {
      plans.splice(0);
      await ask(aggregation, {});
      return plans.flatMap(({ segments }) => segments);
    },
  };
}

export type RebuildBench = Awaited<ReturnType<typeof createRebuildBench>>;

/** Events of the three days, told apart by their numbers. */
export function usedAt(
  number: number,
  at: { readonly day: number; readonly hour: number; readonly ms?: number },
  fields: Partial<ModelEvent['properties']> = {},
): ModelEvent {
  const timeMs = FIRST_DAY_MS + at.day * DAY_MS + at.hour * HOUR_MS + (at.ms ?? 0);
  return {
    id: `used-${number}`,
    type: 'used',
    customer: 'acme',
    time: new Date(timeMs).toISOString(),
    properties: { amount: number, user: `user-${number % 3}`, region: 'eu', ...fields },
  };
}
