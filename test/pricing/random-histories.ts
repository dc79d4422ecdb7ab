import fc from 'fast-check';
import type { Aggregation } from '../../shared/domain/metering/usage-read.ts';
import type { Charge } from '../../shared/domain/rating/charge.ts';
import { defined } from '../../shared/kernel/assert.ts';
import { anyBilling } from '../invoicing/random-billing.ts';
import { killedAt, stalledAt } from './mortal-ports.ts';
import { CUSTOMERS, createPricingWorld, type PricingWorld } from './pricing-world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const METERS: readonly Aggregation[] = ['sum', 'count', 'max', 'min', 'avg', 'latest', 'unique_count'];

const event = fc.record({
  customer: fc.constantFrom(...CUSTOMERS),
  meter: fc.constantFrom(...METERS),
  /** Before now; some lie a little ahead. */
  agoMs: fc.oneof(fc.integer({ min: -240_000, max: HOUR_MS }), fc.integer({ min: 0, max: 30 * DAY_MS })),
  quantity: fc.integer({ min: 0, max: 90_000 }).map((units) => `${units / 1_000}`),
  uniqueKey: fc.constantFrom('a', 'b', 'c'),
});
const kind = <K extends string>(name: K) => fc.constant(name);
const customer = fc.constantFrom(...CUSTOMERS);
const call = fc.integer({ min: 1, max: 45 });

/** What may happen next. Whatever is not allowed by then does not happen. */
const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: kind('count'), events: fc.array(event, { minLength: 1, maxLength: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: kind('takeBack'), index: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ do: kind('fence') }) },
  { weight: 3, arbitrary: fc.record({ do: kind('price'), behindAFence: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: kind('priceTwice') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: kind('kill'),
      call,
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: kind('stall'), call }) },
  { weight: 1, arbitrary: fc.record({ do: kind('letGo') }) },
  { weight: 2, arbitrary: fc.record({ do: kind('wait'), ms: fc.integer({ min: 1, max: 12 * DAY_MS }) }) },
  { weight: 1, arbitrary: fc.record({ do: kind('bill') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: kind('subscribe'),
      customer,
      inMs: fc.integer({ min: -40 * DAY_MS, max: 5 * DAY_MS }),
      version: fc.constantFrom(1, undefined),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: kind('cancel'),
      index: fc.nat(),
      at: fc.constantFrom('now' as const, 'period_end' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: kind('publish'),
      inMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 8 * DAY_MS })),
      apply: fc.constantFrom('next_period' as const, 'immediately' as const),
    }),
  },
);
type Action = Parameters<Parameters<typeof action.map>[0]>[0];

export const anyHistory = fc.record({
  versions: anyBilling.map(({ versions }) => versions),
  cadence: fc.constantFrom('day' as const, 'week' as const, 'month' as const),
  actions: fc.array(action, { minLength: 3, maxLength: 40 }),
});
type History = Parameters<Parameters<typeof anyHistory.map>[0]>[0];

/**
 * Plays a history to its end: all that is due is billed, a last fence has passed, pricing has run once more without trouble,
 * and only then processes that stood still go on. Answers the world and the last fence.
 */
export async function play({ versions, cadence, actions }: History) {
  const world = await createPricingWorld({ charges: versions[0], cadence });
  const stalled: { letGo(): void; readonly ended: Promise<unknown> }[] = [];
  await world.subscribe('acme', 'sub_0', world.clock.nowMs());
  for (const [index, next] of actions.entries()) {
    // No two things happen at one instant.
    await world.clock.advance(1);
    await act({ world, versions, stalled, index }, next);
  }
  await world.clock.advance(1);
  await world.bill('last');
  const fence = await world.passFence();
  await world.price();
  for (const { letGo } of stalled) letGo();
  await Promise.all(stalled.map(({ ended }) => ended));
  return { world, fence };
}

interface Stage {
  readonly world: PricingWorld;
  readonly versions: readonly (readonly Charge[])[];
  readonly stalled: { letGo(): void; readonly ended: Promise<unknown> }[];
  readonly index: number;
}

async function act({ world, versions, stalled, index }: Stage, next: Action): Promise<void> {
  const nowMs = world.clock.nowMs();
  switch (next.do) {
    case 'count':
      await world.count(next.events.map(({ agoMs, ...row }) => ({ ...row, timeMs: nowMs - agoMs })));
      return;
    case 'takeBack':
      await takeBack(world, next.index);
      return;
    case 'fence':
      await world.passFence();
      return;
    case 'price':
      if (next.behindAFence) await world.passFence();
      await world.price();
      return;
    case 'priceTwice':
      await Promise.all([world.price(), world.price()]);
      return;
    case 'kill':
      await ended(world.price(killedAt(world.ports, next)));
      return;
    case 'stall': {
      const { ports, letGo } = stalledAt(world.ports, next.call);
      stalled.push({ letGo, ended: ended(world.price(ports)) });
      return;
    }
    case 'letGo':
      for (const { letGo } of stalled) letGo();
      return;
    case 'wait':
      await world.clock.advance(next.ms);
      return;
    case 'bill':
      await world.bill(`bill-${index}`);
      return;
    default:
      await change({ world, versions, stalled, index }, next);
  }
}

/** A change of the configuration. */
async function change(
  { world, versions, index }: Stage,
  next: Extract<Action, { readonly do: 'subscribe' | 'cancel' | 'publish' }>,
): Promise<void> {
  const nowMs = world.clock.nowMs();
  if (next.do === 'subscribe') {
    await world.subscribe(next.customer, `sub_${index + 1}`, nowMs + next.inMs, next.version);
  }
  if (next.do === 'cancel') {
    const subscriptions = await world.subscriptions();
    const { key } = defined(subscriptions[next.index % subscriptions.length], 'a subscription');
    await world.cancel(key, next.at);
  }
  if (next.do === 'publish') {
    const charges = defined(versions[world.versions.length % versions.length], 'charges');
    await world.publish({ charges, effectiveFromMs: nowMs + next.inMs, apply: next.apply });
  }
}

/** A killed process does not even tell why. */
async function ended(run: Promise<unknown>): Promise<void> {
  await run.catch(() => undefined);
}

async function takeBack(world: PricingWorld, index: number): Promise<void> {
  const rows = world.usage.filter(
    ({ id, sign }) => sign === 1 && !world.usage.some((row) => row.id === id && row.sign === -1),
  );
  const row = rows[index % Math.max(rows.length, 1)];
  if (row === undefined) return;
  const { fence: _fence, ...taken } = row;
  await world.count([{ ...taken, sign: -1, revision: row.revision + 1 }]);
}
