import { expect, test } from 'vitest';
import { dueToItem } from '../../shared/app/records/due-item.ts';
import { laneKey } from '../../shared/app/records/lane.ts';
import { parkedToItem } from '../../shared/app/records/parked-part.ts';
import { tenantKey } from '../../shared/app/records/tenant.ts';
import { TABLES } from '../../shared/contracts/names.ts';
import { laneOfTenant } from '../../shared/domain/events/lane.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import { createApi } from './api-under-test.ts';

const START = '2026-01-01T00:00:00.000Z';
const LATER = '2026-02-01T00:00:00.000Z';

/** A fence counts as passed in the tenant's lane as soon as it is drawn, unless the test says otherwise. */
async function createSubject(passes = true) {
  const api = await createApi({
    drawFence: async ({ tenant }) => {
      drawn += 1;
      const set = { passedNumber: drawn, passedTimeMs: 1 };
      const key = laneKey(laneOfTenant(tenant));
      if (passes) await api.items.update({ table: TABLES.main, key, changes: { set } });
      return drawn;
    },
  });
  let drawn = 0;
  const advance = (to: string, options = {}) =>
    api.call('POST', '/v1/clock/advance', { body: { to }, ...options });
  return { ...api, advance };
}

test('a set clock moves forward, and stands there', async () => {
  const { call, advance } = await createSubject();
  await call('PUT', '/v1/clock', { body: { now: START } });
  expect(await advance(LATER)).toMatchObject({ status: 200, body: { now: LATER, status: 'ready' } });
  expect((await call('GET', '/v1/clock')).body).toMatchObject({ now: LATER });
  expect(await advance(LATER)).toMatchObject({ status: 200, body: { now: LATER, status: 'ready' } });
});

test('while the fence has not passed it is advancing, and nobody sends the clock elsewhere', async () => {
  const { call, advance, deps, time } = await createSubject(false);
  await call('PUT', '/v1/clock', { body: { now: START } });
  const sleep = async (ms: number) => {
    time.nowMs += ms;
  };
  Object.assign(deps.clock, { sleep });
  const before = time.nowMs;
  const answer = await advance(LATER);
  expect(answer).toMatchObject({
    status: 202,
    body: { now: LATER, status: 'advancing', advancingTo: LATER },
  });
  expect(time.nowMs - before).toBeGreaterThanOrEqual(LIMITS.clockAdvanceMs);
  const elsewhere = await advance('2026-03-01T00:00:00.000Z');
  expect(elsewhere).toMatchObject({ status: 409, body: { code: 'clock.advancing' } });
  // Whoever meets an advance that somebody else left behind learns here with what to go on.
  const seen = await call('GET', '/v1/clock');
  expect(seen.body).toEqual({ now: LATER, status: 'advancing', advancingTo: LATER });
});

test('while a store refuses rows of the tenant it is advancing, and the same call goes on once it has them', async () => {
  const { call, advance, items, deps, time } = await createSubject();
  await call('PUT', '/v1/clock', { body: { now: START } });
  const sleep = async (ms: number) => {
    time.nowMs += ms;
  };
  Object.assign(deps.clock, { sleep });
  const part = { tenant: 'acme', chunk: 'c', table: 'usage', partition: '202601', rows: 1 } as const;
  const item = parkedToItem({ ...part, reason: 'refused', parkedAtMs: 0, watermarkMs: 0 });
  await items.put({ table: TABLES.main, item });
  expect(await advance(LATER)).toMatchObject({ status: 202, body: { now: LATER, status: 'advancing' } });
  await items.delete({ table: TABLES.main, key: { pk: item.pk, sk: item.sk } });
  expect(await advance(LATER)).toMatchObject({ status: 200, body: { now: LATER, status: 'ready' } });
});

// Found by the simulation: the one that was behind failed with an internal error.
test('the same call sent twice at once: both arrive, and what is due on the way is done', async () => {
  const due = { tenant: 'acme', dueAtMs: Date.parse('2026-01-15T00:00:00.000Z') };
  const item = dueToItem({ ...due, kind: 'period_end', id: 'sub' });
  const second: Promise<unknown>[] = [];
  const api = await createApi({
    drawFence: async ({ tenant }) => {
      const key = laneKey(laneOfTenant(tenant));
      const set = { passedNumber: 7, passedTimeMs: 1 };
      await api.items.update({ table: TABLES.main, key, changes: { set } });
      // While the first one draws its fence, the second one goes all the way.
      if (
        second.length === 0 &&
        (await api.items.get({ table: TABLES.main, key: { pk: item.pk, sk: item.sk } })) !== undefined
      ) {
        second.push(advance());
        await second[0];
      }
      return 7;
    },
    runDue: async () => {
      await api.items.delete({ table: TABLES.main, key: { pk: item.pk, sk: item.sk } });
    },
  });
  const advance = () => api.call('POST', '/v1/clock/advance', { body: { to: LATER } });
  await api.call('PUT', '/v1/clock', { body: { now: START } });
  await api.items.put({ table: TABLES.main, item });
  const arrived = { status: 200, body: { now: LATER, status: 'ready' } };
  expect(await advance()).toMatchObject(arrived);
  expect(await second[0]).toMatchObject(arrived);
});

test('backwards, in real time, and for a live tenant it is refused, and nothing has changed', async () => {
  const { call, advance, secrets, items } = await createSubject();
  expect(await advance(LATER)).toMatchObject({ status: 409, body: { code: 'clock.not_set' } });
  await call('PUT', '/v1/clock', { body: { now: LATER } });
  const stored = () => items.get({ table: TABLES.main, key: tenantKey('acme') });
  const before = await stored();
  expect(await advance(START)).toMatchObject({ status: 409, body: { code: 'clock.backwards' } });
  expect(await stored()).toEqual(before);
  const live = await advance(LATER, { secret: secrets.real });
  expect(live).toMatchObject({ status: 409, body: { code: 'clock.live_tenant' } });
  expect(await advance('tomorrow')).toMatchObject({ status: 400, body: { code: 'request.invalid_field' } });
});
