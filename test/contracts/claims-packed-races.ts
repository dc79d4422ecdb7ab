import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClaimedIdentity } from '../../shared/ports/claims.ts';
import type { ItemStore } from '../../shared/ports/item-store.ts';
import {
  createStaging,
  identitiesOf,
  NOW_MS,
  type PackedUnderTest,
  uniqueInstant,
  uniqueTenant,
  uuidAt,
} from './claims-builders.ts';

const CONSUMERS = 16;
/** Long names fill a slot with few events, so that races also meet slots as they are sealed. */
const LONG = 'x'.repeat(180);

/** Every call of the store happens when the scheduler says so. */
export function scheduled(items: ItemStore, scheduler: fc.Scheduler): ItemStore {
  return {
    ...items,
    get: scheduler.scheduleFunction((input) => items.get(input)),
    getMany: scheduler.scheduleFunction((input) => items.getMany(input)),
    put: scheduler.scheduleFunction((input) => items.put(input)),
    update: scheduler.scheduleFunction((input) => items.update(input)),
  };
}

/** Each event has one owner, whom all were told that asked for it, and who is one of them. */
export function expectOneOwnerEach(
  asked: readonly { readonly chunk: string; readonly identities: readonly ClaimedIdentity[] }[],
  told: readonly (readonly string[])[],
): ReadonlyMap<string, string> {
  const owners = new Map<string, Set<string>>();
  const wanted = new Map<string, Set<string>>();
  for (const [place, { chunk, identities }] of asked.entries()) {
    for (const [index, { id }] of identities.entries()) {
      owners.set(id, (owners.get(id) ?? new Set()).add(told[place]?.[index] ?? 'nobody'));
      wanted.set(id, (wanted.get(id) ?? new Set()).add(chunk));
    }
  }
  const agreed = new Map<string, string>();
  for (const [id, names] of owners) {
    expect([...names]).toHaveLength(1);
    const [owner = 'nobody'] = names;
    expect(wanted.get(id)?.has(owner)).toBe(true);
    agreed.set(id, owner);
  }
  return agreed;
}

export function describeRaces({ items, runs }: PackedUnderTest): void {
  describe('sixteen consumers on the slots of one lane', () => {
    const wishes = fc.array(fc.uniqueArray(fc.nat(29), { minLength: 1, maxLength: 12 }), {
      minLength: CONSUMERS,
      maxLength: CONSUMERS,
    });

    it('agree on one owner for each event, in whatever order the store sees their calls', async () => {
      const property = fc.asyncProperty(fc.scheduler(), wishes, async (scheduler, wanted) => {
        const { packed } = createStaging();
        const [tenant, firstMs] = [uniqueTenant(), uniqueInstant()];
        const idOf = (serial: number) => uuidAt(firstMs + (serial % 3) * 400, serial);
        const all = identitiesOf({ tenant, count: 30, idOf });
        const asked = wanted.map((indexes, consumer) => ({
          chunk: `${LONG}${consumer}`,
          identities: indexes.flatMap((index) => all[index] ?? []),
        }));
        const told = await scheduler.waitFor(
          Promise.all(
            asked.map((input) =>
              packed({ items: scheduled(items(), scheduler) }).settle({ ...input, nowMs: NOW_MS }),
            ),
          ),
        );
        const agreed = expectOneOwnerEach(asked, told);
        const late = await packed({ items: items() }).settle({
          chunk: 'late',
          identities: all,
          nowMs: NOW_MS,
        });
        expect(late).toEqual(all.map(({ id }) => agreed.get(id) ?? 'late'));
      });
      await fc.assert(property, { numRuns: runs });
    });

    it('share a second of thousands of events', async () => {
      const { packed } = createStaging();
      const [tenant, firstMs] = [uniqueTenant(), uniqueInstant()];
      const idOf = (serial: number) => uuidAt(firstMs + (serial % 900), serial);
      const all = identitiesOf({ tenant, count: 3_200, idOf });
      const asked = Array.from({ length: CONSUMERS }, (_, consumer) => ({
        chunk: `chunk-${consumer}`,
        identities: all.filter(
          (_, index) => index % CONSUMERS === consumer || (index + 1) % CONSUMERS === consumer,
        ),
      }));
      const claims = asked.map(() => packed({ items: items() }));
      const settle = () =>
        Promise.all(
          asked.map(async (input, index) => (await claims[index]?.settle({ ...input, nowMs: NOW_MS })) ?? []),
        );
      const told = await settle();
      expect(expectOneOwnerEach(asked, told).size).toBe(3_200);
      expect(await settle()).toEqual(told);
    });
  });
}
