import { describe } from 'vitest';
import { createExactClaims } from '../../shared/adapters/claims/exact-claims.ts';
import { createMemoryItems } from '../../shared/adapters/memory/items/memory-items.ts';
import { claimsContract } from './claims.contract.ts';

describe('exact claims in memory', () => {
  const claims = createExactClaims({ items: createMemoryItems() });
  claimsContract({ claims: () => claims, runs: 200 });
});
