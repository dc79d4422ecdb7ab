import { describe, expect, it } from 'vitest';
import type { ClaimedIdentity, Claims, ClaimsMode } from '../../shared/ports/claims.ts';
import type { ItemStore } from '../../shared/ports/item-store.ts';
import { StoreError } from '../../shared/ports/store-error.ts';
import {
  createStaging,
  identitiesOf,
  NOW_MS,
  type PackedUnderTest,
  uniqueInstant,
  uniqueTenant,
  uuidAt,
} from './claims-builders.ts';
import { expectOneOwnerEach } from './claims-packed-races.ts';

/** A store whose call `failing` (from 1) ends without an answer, before or after it happened, and all later ones with it. */
function dying(items: ItemStore, failing: number, happens: boolean) {
  let calls = 0;
  const lost = () => new StoreError({ message: 'killed', outcome: 'unknown', reason: 'unreachable' });
  const wrap =
    <I, O>(call: (input: I) => Promise<O>) =>
    async (input: I): Promise<O> => {
      calls += 1;
      if (calls > failing || (calls === failing && !happens)) throw lost();
      const answer = await call(input);
      if (calls >= failing) throw lost();
      return answer;
    };
  const store: ItemStore = {
    ...items,
    get: wrap((input) => items.get(input)),
    getMany: wrap((input) => items.getMany(input)),
    put: wrap((input) => items.put(input)),
    update: wrap((input) => items.update(input)),
  };
  return { store, calls: () => calls };
}

const MODES: readonly ClaimsMode[] = [
  { kind: 'packed-transition' },
  { kind: 'packed', exactUntilMs: NOW_MS + 1 },
  { kind: 'packed', exactUntilMs: NOW_MS },
];
const FIRST_CHUNKS = 14;
/** Long names fill slots with few events. */
const nameOf = (name: string) => `${'x'.repeat(240)}${name}`;

export function describeCrashes({ items }: PackedUnderTest): void {
  describe.each(MODES)(
    'a consumer that is killed at any call of the store, where the mode is $kind',
    (mode) => {
      const settle = (claims: Claims, name: string, identities: readonly ClaimedIdentity[]) =>
        claims.settle({ chunk: nameOf(name), identities, nowMs: NOW_MS });

      /** What becomes of a consumer that is killed at a call, and whether all agree on the owners afterwards. */
      const round = async (failing: number, happens: boolean): Promise<'died' | 'lived'> => {
        const { packed } = createStaging();
        const [tenant, firstMs] = [uniqueTenant(), uniqueInstant()];
        const idOf = (serial: number) =>
          serial % 5 === 0 ? `id-${serial}` : uuidAt(firstMs + serial, serial);
        const all = identitiesOf({ tenant, count: 60, idOf });
        const claims = packed({ items: items(), mode });
        const first = all.slice(0, FIRST_CHUNKS);
        // So many long names leave little room in the first slot: the killed one meets it as it is sealed.
        for (const [index, identity] of first.entries()) await settle(claims, `first${index}`, [identity]);
        const mine = all.slice(10);
        const { store } = dying(items(), failing, happens);
        const outcome = await settle(packed({ items: store, mode }), 'killed', mine).then(
          () => 'lived' as const,
          (thrown: unknown) => {
            if (!(thrown instanceof StoreError)) throw thrown;
            return 'died' as const;
          },
        );
        const others = all.slice(20);
        const after = await settle(packed({ items: items(), mode }), 'other', others);
        const again = await settle(packed({ items: items(), mode }), 'killed', mine);
        const asked = [
          ...first.map((identity, index) => ({ chunk: nameOf(`first${index}`), identities: [identity] })),
          { chunk: nameOf('other'), identities: others },
          { chunk: nameOf('killed'), identities: mine },
        ];
        expectOneOwnerEach(asked, [...first.map((_, index) => [nameOf(`first${index}`)]), after, again]);
        return outcome;
      };

      it.each([
        ['before it happens', false],
        ['after it happened', true],
      ])('%s: settling again gives every event one owner', async (_when, happens) => {
        let failing = 1;
        while ((await round(failing, happens)) === 'died') failing += 1;
        // A slot, one below it, and the exact claims of every fifth.
        expect(failing).toBeGreaterThan(10);
      });
    },
  );
}
