import { describe, expect, it } from 'vitest';
import type { ClaimsMode } from '../../shared/ports/claims.ts';
import {
  createStaging,
  DAY_MS,
  identitiesOf,
  LIFETIME_MS,
  NOW_MS,
  PACKED,
  type PackedUnderTest,
  uniqueInstant,
  uniqueTenant,
  uuidAt,
} from './claims-builders.ts';

export function describeExpiry({ items, expire }: PackedUnderTest): void {
  /** Consumers of one tenant whose ids carry `timeMs`: chunk, first serial, how many, when; answers who owns them. */
  const consumers = (timeMs: number, mode: ClaimsMode = PACKED) => {
    const claims = createStaging().packed({ items: items(), mode });
    const tenant = uniqueTenant();
    return async (chunk: string, [from, count]: readonly [number, number], nowMs: number) => {
      const identities = identitiesOf({ tenant, count, idOf: (index) => uuidAt(timeMs, from + index) });
      return [...new Set(await claims.settle({ chunk, identities, nowMs }))];
    };
  };

  describe('a slot', () => {
    // A store may delete what is over as soon as the second after its `ttl` begins.
    it.each([
      ['made at a full second', 0, 0],
      ['made a millisecond after it', 1, 1],
      ['made a millisecond before the next', 999, 1],
    ])(
      '%s lives for the horizon, what the stream keeps and a day, to the second',
      async (_name, ms, seconds) => {
        const settle = consumers(uniqueInstant());
        const lastSecond = (NOW_MS + LIFETIME_MS) / 1000 + seconds;
        await settle('chunk-1', [0, 3], NOW_MS + ms);
        await expire(lastSecond);
        expect(await settle('chunk-2', [0, 3], lastSecond * 1000)).toEqual(['chunk-1']);
        await expire(lastSecond + 1);
        expect(await settle('chunk-3', [0, 3], lastSecond * 1000 + 1000)).toEqual(['chunk-3']);
      },
    );

    it('of ids that are stamped ahead lives as long after their time', async () => {
      const aheadMs = uniqueInstant() + 400 * DAY_MS;
      const settle = consumers(aheadMs);
      const lastSecond = Math.ceil((aheadMs + LIFETIME_MS) / 1000);
      await settle('chunk-1', [0, 3], NOW_MS);
      await expire(lastSecond);
      expect(await settle('chunk-2', [0, 3], lastSecond * 1000)).toEqual(['chunk-1']);
      await expire(lastSecond + 1);
      expect(await settle('chunk-3', [0, 3], lastSecond * 1000 + 1000)).toEqual(['chunk-3']);
    });

    it('counts while it is there, expired or not', async () => {
      const settle = consumers(uniqueInstant());
      await settle('chunk-1', [0, 3], NOW_MS);
      expect(await settle('chunk-2', [0, 3], NOW_MS + 10 * LIFETIME_MS)).toEqual(['chunk-1']);
    });

    it('lives longer with every later claim in it, and never shorter', async () => {
      const settle = consumers(uniqueInstant());
      await settle('chunk-1', [0, 3], NOW_MS);
      await settle('chunk-2', [3, 3], NOW_MS + 10 * DAY_MS);
      await settle('chunk-3', [6, 3], NOW_MS - DAY_MS);
      const lastSecond = (NOW_MS + 10 * DAY_MS + LIFETIME_MS) / 1000;
      await expire(lastSecond);
      const laterMs = lastSecond * 1000;
      expect(await settle('late', [0, 3], laterMs)).toEqual(['chunk-1']);
      expect(await settle('late', [3, 3], laterMs)).toEqual(['chunk-2']);
      expect(await settle('late', [6, 3], laterMs)).toEqual(['chunk-3']);
    });

    it('that is gone is made anew, also by a consumer that had read the old one', async () => {
      const settle = consumers(uniqueInstant());
      await settle('chunk-1', [0, 3], NOW_MS);
      await expire((NOW_MS + LIFETIME_MS) / 1000 + 1);
      const laterMs = NOW_MS + LIFETIME_MS + 2_000;
      expect(await settle('chunk-2', [0, 5], laterMs)).toEqual(['chunk-2']);
      expect(await settle('chunk-3', [0, 5], laterMs)).toEqual(['chunk-2']);
    });
  });

  describe('slots below a sealed one', () => {
    it('are found as long as an id of their second can come, however late they were written', async () => {
      const timeMs = uniqueInstant();
      const settle = consumers(timeMs);
      await settle('chunk-1', [0, 700], timeMs);
      await settle('chunk-2', [700, 50], timeMs + 45 * DAY_MS);
      const lastSecond = Math.floor((timeMs + LIFETIME_MS) / 1000);
      await expire(lastSecond);
      expect(await settle('late', [0, 700], lastSecond * 1000)).toEqual(['chunk-1']);
      expect(await settle('late', [700, 50], lastSecond * 1000)).toEqual(['chunk-2']);
    });

    it('of ids that are older than the horizon live as long as their last claim', async () => {
      const settle = consumers(uniqueInstant() - 200 * DAY_MS);
      await settle('chunk-1', [0, 700], NOW_MS);
      const laterMs = NOW_MS + 30 * DAY_MS;
      await settle('chunk-2', [700, 50], laterMs);
      const lastSecond = (laterMs + LIFETIME_MS) / 1000;
      await expire(lastSecond);
      expect(await settle('late', [700, 50], lastSecond * 1000)).toEqual(['chunk-2']);
    });
  });

  describe('ids that are stamped ahead', () => {
    it('are remembered after their time, where claims are exact and where they were', async () => {
      const aheadMs = uniqueInstant() + 100 * DAY_MS;
      const { packed } = createStaging();
      const identities = identitiesOf({
        tenant: uniqueTenant(),
        count: 5,
        idOf: (serial) => uuidAt(aheadMs, serial),
      });
      const settle = (mode: ClaimsMode, chunk: string, nowMs: number) =>
        packed({ items: items(), mode }).settle({ chunk, identities, nowMs });
      expect(new Set(await settle({ kind: 'exact' }, 'chunk-1', NOW_MS))).toEqual(new Set(['chunk-1']));
      const laterMs = NOW_MS + 90 * DAY_MS;
      await expire(laterMs / 1000);
      for (const mode of [{ kind: 'exact' }, { kind: 'packed-transition' }, PACKED] as const) {
        expect(new Set(await settle(mode, 'late', laterMs))).toEqual(new Set(['chunk-1']));
      }
    });
  });
}
