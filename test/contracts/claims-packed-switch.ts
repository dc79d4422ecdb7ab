import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClaimedIdentity, ClaimsMode } from '../../shared/ports/claims.ts';
import {
  createStaging,
  identitiesOf,
  NOW_MS,
  type PackedUnderTest,
  uniqueInstant,
  uniqueTenant,
  uuidAt,
} from './claims-builders.ts';
import { expectOneOwnerEach, scheduled } from './claims-packed-races.ts';

const EXACT: ClaimsMode = { kind: 'exact' };
const TRANSITION: ClaimsMode = { kind: 'packed-transition' };
const PACKED_SINCE_NOW: ClaimsMode = { kind: 'packed', exactUntilMs: NOW_MS + 1 };

/** Which modes run at once, one stage after the other. */
const ROLLING = [
  [EXACT],
  [EXACT, TRANSITION],
  [TRANSITION],
  [TRANSITION, PACKED_SINCE_NOW],
  [PACKED_SINCE_NOW],
];
/** One process that is started anew. */
const RESTARTED = [[EXACT], [PACKED_SINCE_NOW]];

const IDS = 16;
/** Of the stages, which ids each of four consumers takes in; the modes of a stage are dealt out in turn. */
const wishes = fc.array(
  fc.array(fc.uniqueArray(fc.nat(IDS - 1), { maxLength: 10 }), { minLength: 4, maxLength: 4 }),
  {
    minLength: ROLLING.length,
    maxLength: ROLLING.length,
  },
);

export function describeSwitch({ items, runs }: PackedUnderTest): void {
  describe.each([
    ['a rolling deployment', ROLLING],
    ['a restart', RESTARTED],
  ] as const)('packed claims switched on by %s', (_name, stages) => {
    it('keep the owners of exact claims, and agree with whoever runs the mode beside theirs', async () => {
      const property = fc.asyncProperty(fc.scheduler(), wishes, async (scheduler, wanted) => {
        const { packed } = createStaging();
        const [tenant, timeMs] = [uniqueTenant(), uniqueInstant()];
        const all = identitiesOf({ tenant, count: IDS, idOf: (serial) => uuidAt(timeMs, serial) });
        const asked: { readonly chunk: string; readonly identities: readonly ClaimedIdentity[] }[] = [];
        const told: (readonly string[])[] = [];
        for (const [stage, modes] of stages.entries()) {
          const inputs = (wanted[stage] ?? []).map((indexes, consumer) => ({
            chunk: `chunk-${stage}-${consumer}`,
            identities: indexes.flatMap((index) => all[index] ?? []),
          }));
          const settled = inputs.map((input, consumer) => {
            const mode = modes[consumer % modes.length] ?? EXACT;
            const claims = packed({ items: scheduled(items(), scheduler), mode });
            return claims.settle({ ...input, nowMs: NOW_MS });
          });
          asked.push(...inputs);
          told.push(...(await scheduler.waitFor(Promise.all(settled))));
        }
        const agreed = expectOneOwnerEach(asked, told);
        const last = packed({ items: items(), mode: PACKED_SINCE_NOW });
        const late = await last.settle({ chunk: 'late', identities: all, nowMs: NOW_MS });
        expect(late).toEqual(all.map(({ id }) => agreed.get(id) ?? 'late'));
      });
      await fc.assert(property, { numRuns: runs });
    });
  });

  describe('packed claims over exact ones', () => {
    const settleExact = async (idOf: (serial: number) => string) => {
      const { packed } = createStaging();
      const identities = identitiesOf({ tenant: uniqueTenant(), count: 300, idOf });
      const exact = packed({ items: items(), mode: EXACT });
      await exact.settle({ chunk: 'exact', identities, nowMs: NOW_MS });
      const settle = (exactUntilMs: number) =>
        packed({ items: items(), mode: { kind: 'packed', exactUntilMs } });
      return { identities, settle };
    };

    it('find them until the last millisecond before they are no longer looked for', async () => {
      const timeMs = uniqueInstant();
      const { identities, settle } = await settleExact((serial) => uuidAt(timeMs, serial));
      const owners = await settle(NOW_MS + 1).settle({ chunk: 'packed', identities, nowMs: NOW_MS });
      expect(new Set(owners)).toEqual(new Set(['exact']));
    });

    it('no longer look for them from then on', async () => {
      const timeMs = uniqueInstant();
      const { identities, settle } = await settleExact((serial) => uuidAt(timeMs, serial));
      const owners = await settle(NOW_MS).settle({ chunk: 'packed', identities, nowMs: NOW_MS });
      expect(new Set(owners)).toEqual(new Set(['packed']));
    });

    it('always find those of ids that carry no time', async () => {
      const { identities, settle } = await settleExact((serial) => `id-${serial}`);
      const owners = await settle(0).settle({ chunk: 'packed', identities, nowMs: NOW_MS });
      expect(new Set(owners)).toEqual(new Set(['exact']));
    });
  });
}
