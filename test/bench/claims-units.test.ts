import { describe, expect, test } from 'vitest';
import type { ClaimsMode } from '../../shared/ports/claims.ts';
import { type ClaimLoad, countClaimUnits } from './claims-load.ts';

const PACKED: ClaimsMode = { kind: 'packed', exactUntilMs: 0 };

describe('packed claims of one tenant take at most 0.2 units an event at chunks of 100, in one part', () => {
  test.each([5, 10, 50, 100, 500, 2_000, 10_000, 100_000, 1_000_000])('%i events a second', async (rate) => {
    const load: ClaimLoad = { events: 10_000, chunkEvents: 100, tenants: 1, eventsASecond: rate };
    const { unitsPerEvent } = await countClaimUnits(load, PACKED);
    expect(unitsPerEvent).toBeGreaterThan(0);
    expect(unitsPerEvent).toBeLessThanOrEqual(0.2);
  });
});

describe('packed claims take at most 0.05 units an event at chunks of 5,000', () => {
  const rates = [2_000, 5_000, 20_000, 100_000];
  const loads = [1, 100, 10_000].flatMap((tenants) => rates.map((rate) => [tenants, rate] as const));
  test.each(loads)('%i tenants, %i events a second', async (tenants, rate) => {
    const load: ClaimLoad = { events: 50_000, chunkEvents: 5_000, tenants, eventsASecond: rate };
    const { unitsPerEvent } = await countClaimUnits(load, PACKED);
    expect(unitsPerEvent).toBeGreaterThan(0);
    expect(unitsPerEvent).toBeLessThanOrEqual(0.05);
  });
});

test('exact claims take one unit an event, and so do packed ones of ids that carry no time', async () => {
  const load: ClaimLoad = { events: 1_000, chunkEvents: 100, tenants: 10, eventsASecond: 100 };
  expect(await countClaimUnits(load, { kind: 'exact' })).toMatchObject({ unitsPerEvent: 1 });
  expect(await countClaimUnits({ ...load, opaque: true }, PACKED)).toMatchObject({ unitsPerEvent: 1 });
});
