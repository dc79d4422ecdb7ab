import { describe } from 'vitest';
import { createExactClaims } from '../../shared/adapters/claims/exact-claims.ts';
import { createMemoryItems } from '../../shared/adapters/memory/items/memory-items.ts';
import { claimsContract } from './claims.contract.ts';
import { createStaging, NOW_MS, uuidAt } from './claims-builders.ts';
import { packedClaimsContract } from './claims-packed.contract.ts';

const opaque = (serial: number) => `id-${serial}`;
const sameInstant = (serial: number) => uuidAt(NOW_MS, serial);
/** Twenty ids a second. */
const spread = (serial: number) => uuidAt(NOW_MS + serial * 50, serial);

describe('exact claims in memory', () => {
  const claims = createExactClaims({ items: createMemoryItems() });
  claimsContract({ claims: () => claims, idOf: opaque, runs: 200 });
});

describe.each([
  ['of ids that carry no time', opaque, 1],
  ['of ids of one instant', sameInstant, 1],
  ['of ids of many instants', spread, 1],
  ['in sixteen parts', sameInstant, 16],
] as const)('packed claims in memory, %s', (_name, idOf, parts) => {
  const { packed } = createStaging();
  const claims = packed({ items: createMemoryItems(), parts });
  claimsContract({ claims: () => claims, idOf, runs: 100 });
});

describe.each(['exact', 'packed-transition'] as const)('claims in memory where the mode is %s', (kind) => {
  const { packed } = createStaging();
  const claims = packed({ items: createMemoryItems(), mode: { kind } });
  claimsContract({ claims: () => claims, idOf: sameInstant, runs: 50 });
});

describe('packed claims in memory', () => {
  const items = createMemoryItems();
  packedClaimsContract({
    items: () => items,
    expire: async (nowSeconds) => items.expire(nowSeconds),
    runs: 100,
    eventsOfOneInstant: 100_000,
  });
});
