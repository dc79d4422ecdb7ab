import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FoldFault, InsertFault } from '../../shared/adapters/memory/analytics/faults.ts';
import { CONSUME_STEPS } from '../../shared/app/consume/steps.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { drain, killAt } from './drive.ts';
import { createRebuildBench, type RebuildBench, usedAt } from './rebuild-bench.ts';
import { createStruckStores, STRIKES } from './struck-stores.ts';
import { call } from './world.ts';

const METERS = ['sum', 'avg', 'max', 'latest', 'unique_count'] as const;
const INSERT_FAULTS: readonly InsertFault[] = [
  { kind: 'token_without_rows' },
  { kind: 'answer_lost' },
  { kind: 'view_failed', grain: 'hour' },
  { kind: 'view_failed', grain: 'day' },
  { kind: 'not_reached' },
];
const FOLD_FAULTS: readonly FoldFault[] = [
  'answer_lost',
  'half_in',
  'half_answered',
  'runs_on',
  'not_reached',
];

const fields = fc.record({
  day: fc.nat({ max: 2 }),
  hour: fc.nat({ max: 10 }),
  ms: fc.nat({ max: 3 }),
  amount: fc.nat({ max: 50 }),
  user: fc.constantFrom('a', 'b', 'c'),
  region: fc.constantFrom('eu', 'us'),
});
const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('send'), many: fc.array(fields, { minLength: 1, maxLength: 4 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('revoke'), which: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('amend'), which: fc.nat(), to: fields }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('consume') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('kill'),
      step: fc.constantFrom(...CONSUME_STEPS),
      after: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('plan slowly') }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('fail an insert'), fault: fc.constantFrom(...INSERT_FAULTS) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('fail a fold'), fault: fc.constantFrom(...FOLD_FAULTS) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('refuse rows') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('rebuild'),
      meter: fc.constantFrom(...METERS),
      day: fc.nat({ max: 1 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('work') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('strike'),
      call: fc.integer({ min: 1, max: 60 }),
      how: fc.constantFrom(...STRIKES),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rest') }) },
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

/** Everything that may be open: then answers may lack what is not counted yet. */
interface Open {
  release: (() => Promise<void>) | null;
  isRefused: boolean;
}

type Of<D extends Action['do']> = Extract<Action, { readonly do: D }>;
type Doers = { readonly [D in Action['do']]: (asked: Of<D>) => Promise<unknown> };

/** What each action does. `count` numbers events. */
function doers(bench: RebuildBench, open: Open, count: () => number): Doers {
  const { world } = bench;
  const existing = (which: number) => {
    const ids = [...bench.events.keys()];
    return ids[which % ids.length];
  };
  const toEvent = ({ day, hour, ms, ...more }: Of<'amend'>['to'], number: number) =>
    usedAt(number, { day, hour, ms }, more);
  return {
    send: ({ many }) => bench.send(many.map((each) => toEvent(each, count()))),
    revoke: async ({ which }) => {
      const id = existing(which);
      if (id !== undefined) await bench.revoke(id);
    },
    amend: async ({ which, to }) => {
      const id = existing(which);
      if (id !== undefined) await bench.amend({ ...toEvent(to, 0), id });
    },
    consume: () => bench.consume(),
    kill: async ({ step, after }) => {
      const { aroundStep, killed } = killAt({ step, when: after ? 'after' : 'before', occurrence: 1 });
      await drain(world, world.startProcess(aroundStep), { batchSize: 3, killed });
      await bench.main.sweep({ force: true });
    },
    'plan slowly': async () => {
      await open.release?.();
      open.release = await planSlowly(bench);
    },
    'fail an insert': async ({ fault }) => world.faults.strikeNextInsert(fault, 'usage'),
    'fail a fold': async ({ fault }) => world.faults.strikeNextFold(fault),
    'refuse rows': async () => {
      open.isRefused = true;
      world.faults.refuseTenant('acme');
    },
    ...workers(bench, count),
  };
}

function workers(
  bench: RebuildBench,
  count: () => number,
): Pick<Doers, 'rebuild' | 'work' | 'strike' | 'rest'> {
  const { world, main, secret } = bench;
  return {
    rebuild: async ({ meter, day }) => {
      const from = new Date(bench.dayMs(day)).toISOString();
      const body = { from, to: new Date(bench.dayMs(day) + 1).toISOString() };
      const path = `/v1/meters/${meter}/rebuild`;
      const answer = await call(main, { method: 'POST', path, secret, body });
      expect([202, 409]).toContain(answer.status);
    },
    work: async () => {
      world.clock.advance(10_000);
      await bench.putFence();
      await bench.consume();
      await bench.runJobs();
    },
    strike: async ({ call: at, how }) => {
      const meanwhile = async () => {
        await bench.send([usedAt(count(), { day: 0, hour: 3 })]);
        await bench.consume();
      };
      const struck = createStruckStores(world.stores, { call: at, how, meanwhile });
      const running = bench.startProcess(struck.stores).runJobs();
      await Promise.race([running, struck.killed]).catch(() => undefined);
    },
    rest: async () => world.clock.advance(LIMITS.rebuildRestMs),
  };
}

/** A consumer that has read the catalogue and not written its plan, until it is let go on. */
async function planSlowly(bench: RebuildBench): Promise<(() => Promise<void>) | null> {
  const gate = Promise.withResolvers<void>();
  const isPlanning = Promise.withResolvers<'planning'>();
  const { objects } = bench.world.stores;
  const put: typeof objects.put = async (input) => {
    if (input.key.startsWith('plans/')) {
      isPlanning.resolve('planning');
      await gate.promise;
    }
    return await objects.put(input);
  };
  const consuming = bench.consume(bench.startProcess({ objects: { ...objects, put } }));
  const first = await Promise.race([isPlanning.promise, consuming]);
  if (first !== 'planning') return null;
  return async () => {
    gate.resolve();
    await consuming;
  };
}

/** Counts all that was sent, whatever was in its way. */
async function settle(bench: RebuildBench, open: Open): Promise<void> {
  await open.release?.();
  open.release = null;
  if (open.isRefused) bench.world.faults.acceptTenant('acme');
  open.isRefused = false;
  await bench.consume();
  for (let sweep = 0; sweep < 3; sweep += 1) await bench.main.sweep({ force: true });
}

let checks = 0;

async function play(actions: readonly Action[]): Promise<RebuildBench> {
  const bench = await createRebuildBench(METERS);
  const open: Open = { release: null, isRefused: false };
  let sent = 0;
  const count = () => {
    sent += 1;
    return sent;
  };
  const all = doers(bench, open, count);
  for (const asked of actions) {
    await (all[asked.do] as (asked: Action) => Promise<unknown>)(asked);
    if (open.release !== null || open.isRefused) continue;
    await settle(bench, open);
    await bench.check();
    checks += 1;
  }
  await settle(bench, open);
  return bench;
}

test('whatever happens to events, consumers, stores and rebuilds: usage is the fold, and comes from rollups again', async () => {
  const property = fc.asyncProperty(fc.array(action, { minLength: 8, maxLength: 24 }), async (actions) => {
    const bench = await play(actions);
    bench.world.faults.spareInserts();
    // Once for what is under way, and once for what was corrected meanwhile.
    for (let times = 0; times < 2; times += 1) {
      await bench.finishJobs();
      bench.world.clock.advance(LIMITS.rebuildRestMaxMs);
    }
    await bench.finishJobs();
    bench.world.faults.finishLateInserts();
    await bench.check();
    for (const meter of METERS) {
      const { dirtyHoursMs } = await bench.rollupState(meter);
      expect(dirtyHoursMs.filter((hourMs) => hourMs < bench.dayMs(2))).toEqual([]);
    }
    const jobs = await bench.jobs();
    expect(jobs.filter(({ status }) => status !== 'done')).toEqual([]);
    // What rollups answer of the days that are over needs no rows.
    const days = (await bench.grainsOf('sum')).filter(({ toMs }) => toMs <= bench.dayMs(2));
    expect(days.every(({ grain }) => grain !== 'usage')).toBe(true);
  });
  await fc.assert(property, { numRuns: 20 });
  expect(checks).toBeGreaterThan(50);
});
