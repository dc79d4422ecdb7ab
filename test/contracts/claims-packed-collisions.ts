import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClaimHash } from '../../shared/adapters/claims/claim-hash.ts';
import {
  createStaging,
  identitiesOf,
  NOW_MS,
  type PackedUnderTest,
  uniqueInstant,
  uniqueTenant,
  uuidAt,
} from './claims-builders.ts';

export function describeCollisions({ items, runs }: PackedUnderTest): void {
  describe('identities that share a hash', () => {
    it('are told apart: nobody loses an event to another', async () => {
      const serialOf = (id: string) => Number.parseInt(id.slice(-12), 16);
      const wishes = fc.array(fc.uniqueArray(fc.nat(11), { minLength: 1 }), { minLength: 2, maxLength: 6 });
      const property = fc.asyncProperty(wishes, fc.integer({ min: 1, max: 4 }), async (wanted, hashes) => {
        const { packed } = createStaging();
        const hash: ClaimHash = ({ id }) => BigInt(serialOf(id) % hashes);
        const [tenant, timeMs] = [uniqueTenant(), uniqueInstant()];
        const all = identitiesOf({ tenant, count: 12, idOf: (serial) => uuidAt(timeMs, serial) });
        const claims = packed({ items: items(), hash });
        const first = new Map<string, string>();
        for (const round of [1, 2]) {
          for (const [chunk, indexes] of wanted.entries()) {
            const identities = indexes.flatMap((index) => all[index] ?? []);
            for (const { id } of identities) if (!first.has(id)) first.set(id, `chunk-${chunk}`);
            const settled = await claims.settle({ chunk: `chunk-${chunk}`, identities, nowMs: NOW_MS });
            expect(settled, `round ${round}`).toEqual(identities.map(({ id }) => first.get(id)));
          }
        }
      });
      await fc.assert(property, { numRuns: runs });
    });

    it('of one chunk are all its own', async () => {
      const { packed } = createStaging();
      const claims = packed({ items: items(), hash: () => 7n });
      const [tenant, timeMs] = [uniqueTenant(), uniqueInstant()];
      const all = identitiesOf({ tenant, count: 1_000, idOf: (serial) => uuidAt(timeMs, serial) });
      const own = all.map(() => 'chunk-1');
      expect(await claims.settle({ chunk: 'chunk-1', identities: all, nowMs: NOW_MS })).toEqual(own);
      expect(await claims.settle({ chunk: 'chunk-2', identities: all, nowMs: NOW_MS })).toEqual(own);
    });
  });
}
