import { expect } from 'vitest';
import type { Stores } from '../../local/stores.ts';
import { queryMeterUsage } from '../../shared/app/metering/meter-usage.ts';
import { readRollupState } from '../../shared/app/metering/rollup-state.ts';
import type { Aggregation, UsageReadPlan } from '../../shared/domain/metering/usage-read.ts';
import { assert, defined } from '../../shared/kernel/assert.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { drain } from './drive.ts';
import { AGGREGATIONS, expectedValue, type ModelEvent, meterOf } from './rebuild-model.ts';
import { call, createWorld } from './world.ts';

export const TENANT = 'acme';
const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** Three days, of which the last one is not over; the tenant's clock stands at its noon. */
export const FIRST_DAY_MS = Date.UTC(2026, 10, 20);
const PRESENT = '2026-11-22T12:00:00.000Z';
const RANGE = { fromMs: FIRST_DAY_MS, toMs: FIRST_DAY_MS + 3 * DAY_MS };

/** The event path with a meter of each aggregation, and what its events should come to. */
export async function createRebuildBench() {
  const world = await createWorld([TENANT], { present: PRESENT });
  const secret = defined(world.secrets.get(TENANT), 'the secret of a key');
  const plans: UsageReadPlan[] = [];
  const analytics = {
    ...world.stores.analytics,
    usage: async (plan: UsageReadPlan) => {
      plans.push(plan);
      return await world.stores.analytics.usage(plan);
    },
  };
  const { items } = world.stores;
  const query = queryMeterUsage({ items, analytics });
  const main = world.startProcess();
  const post = async (path: string, body: object) => {
    const answer = await call(main, { method: 'POST', path, secret, body });
    assert(answer.status < 300, `${path} is answered with ${answer.status} ${JSON.stringify(answer.body)}`);
    // Whatever is sent at one time is one batch of the stream.
    world.clock.advance(10);
    return answer.body;
  };
  for (const aggregation of AGGREGATIONS) await post('/v1/meters', meterOf(aggregation));

  /** What clients made of each event, by id; gone once it is revoked. */
  const events = new Map<string, ModelEvent>();
  const revisions = new Map<string, number>();

  const ask = async (aggregation: Aggregation, more: { window?: string; groupBy?: readonly string[] }) => {
    const asked = { tenant: TENANT, meter: aggregation, ...RANGE, filters: {}, limit: 10_000 };
    const found = await query({ ...asked, groupBy: [], ...more });
    assert(found.ok, 'usage is answered');
    return found.value.data;
  };

  const finishJobs = async (process = main) => {
    for (let round = 0; round < 60; round += 1) {
      world.clock.advance(round < 10 ? 10_000 : LIMITS.foldLeaseMs + LIMITS.rebuildPauseMs * 16);
      await main.issueFence();
      await drain(world, main, { batchSize: 4 });
      await main.sweep({ force: true });
      if ((await process.runJobs()).open === 0) return;
    }
    throw new Error('jobs stay open');
  };
  // Of the customers.
  await finishJobs();

  return {
    world,
    secret,
    main,
    events,
    post,
    send: async (sent: readonly ModelEvent[]) => {
      await post('/v1/events', { events: sent });
      for (const event of sent) if (!revisions.has(event.id)) events.set(event.id, event);
      for (const event of sent) if (!revisions.has(event.id)) revisions.set(event.id, 0);
    },
    revoke: async (id: string) => {
      const revision = (revisions.get(id) ?? 0) + 1;
      await post(`/v1/events/${id}/revoke`, { revision, reason: 'never happened' });
      revisions.set(id, revision);
      events.delete(id);
    },
    amend: async (event: ModelEvent) => {
      const revision = (revisions.get(event.id) ?? 0) + 1;
      await post(`/v1/events/${event.id}/amend`, { revision, reason: 'wrong', event });
      revisions.set(event.id, revision);
      events.set(event.id, event);
    },
    /** Counts what was sent, with another process where that one is not to be trusted any more. */
    consume: async (process = main) => {
      await drain(world, process, { batchSize: 4 });
    },
    /** Another process; `over` are stores that it sees otherwise. */
    startProcess: (over: Partial<Stores> = {}) => world.startProcess(undefined, undefined, over),
    dayMs: (day: number) => FIRST_DAY_MS + day * DAY_MS,
    rollupState: (meter: string) => readRollupState(items, { tenant: TENANT, meter, ...RANGE }),
    /** Every answer of every aggregation is the fold of the events as they are. */
    check: async (aggregations = AGGREGATIONS) => {
      const all = [...events.values()];
      const between = (fromMs: number, toMs: number) =>
        all.filter(({ time }) => Date.parse(time) >= fromMs && Date.parse(time) < toMs);
      const regions = [...new Set(all.map(({ properties }) => properties.region))].sort();
      for (const aggregation of aggregations) {
        const whole = await ask(aggregation, {});
        expect(whole.map(({ value }) => value)).toEqual([expectedValue(all, aggregation)]);
        for (const window of ['day', 'hour']) {
          const cut = await ask(aggregation, { window });
          const expected = cut.map(({ fromMs, toMs }) => expectedValue(between(fromMs, toMs), aggregation));
          expect(cut.map(({ value }) => value)).toEqual(expected);
        }
        const grouped = await ask(aggregation, { groupBy: ['region'] });
        const expected = regions.map((region) => {
          const own = all.filter(({ properties }) => properties.region === region);
          return [region, expectedValue(own, aggregation)];
        });
        expect(grouped.map(({ value, dimensions }) => [dimensions.region, value])).toEqual(expected);
      }
    },
    /** Where an aggregation of the whole range, or of some days, is read from. */
    grainsOf: async (aggregation: Aggregation) => {
      plans.splice(0);
      await ask(aggregation, {});
      return plans.flatMap(({ segments }) => segments);
    },
    runJobs: async (process = main) => (await process.runJobs()).open,
    jobs: async () => {
      const { body } = await call(main, { method: 'GET', path: '/v1/jobs', secret });
      return body.data as readonly (Record<string, unknown> & { readonly status: string })[];
    },
    /** Passes fences and takes jobs on until none is open: pauses after failures are long. */
    finishJobs,
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
