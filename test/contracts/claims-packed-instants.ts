import { describe, expect, it } from 'vitest';
import {
  createStaging,
  identitiesOf,
  NOW_MS,
  type PackedUnderTest,
  uniqueInstant,
  uniqueTenant,
  uuidAt,
} from './claims-builders.ts';

const CHUNK_EVENTS = 5_000;

export function describeInstants({ items, eventsOfOneInstant }: PackedUnderTest): void {
  describe('the time that ids carry', () => {
    it(`${eventsOfOneInstant} events of one instant have one owner each`, async () => {
      const claims = createStaging().packed({ items: items() });
      const [tenant, timeMs] = [uniqueTenant(), uniqueInstant()];
      const chunkOf = (first: number) => `chunk-${first / CHUNK_EVENTS}`;
      const batch = (first: number) =>
        identitiesOf({ tenant, count: CHUNK_EVENTS, idOf: (index) => uuidAt(timeMs, first + index) });
      for (let first = 0; first < eventsOfOneInstant; first += CHUNK_EVENTS) {
        const owners = await claims.settle({
          chunk: chunkOf(first),
          identities: batch(first),
          nowMs: NOW_MS,
        });
        expect(new Set(owners)).toEqual(new Set([chunkOf(first)]));
      }
      for (let first = 0; first < eventsOfOneInstant; first += CHUNK_EVENTS) {
        const sample = batch(first).filter((_, index) => index % 97 === 0);
        const owners = await claims.settle({ chunk: 'late', identities: sample, nowMs: NOW_MS });
        expect(new Set(owners)).toEqual(new Set([chunkOf(first)]));
      }
    });

    it.each([
      ['1970', 0],
      ['2020', Date.UTC(2020, 0, 1)],
      ['2099', Date.UTC(2099, 11, 31, 23, 59, 59, 999)],
      ['2200', Date.UTC(2200, 0, 1)],
    ])('the time of an id may be of %s', async (_year, timeMs) => {
      const claims = createStaging().packed({ items: items() });
      const tenant = uniqueTenant();
      const wanted = identitiesOf({ tenant, count: 700, idOf: (serial) => uuidAt(timeMs, serial) });
      const [first, both] = [wanted.slice(0, 600), wanted.slice(500)];
      const settle = (chunk: string, identities: typeof wanted) =>
        claims.settle({ chunk, identities, nowMs: NOW_MS });
      expect(await settle('chunk-1', first)).toEqual(first.map(() => 'chunk-1'));
      const owners = both.map((_, index) => (index < 100 ? 'chunk-1' : 'chunk-2'));
      expect(await settle('chunk-2', both)).toEqual(owners);
      expect(await settle('chunk-1', both)).toEqual(owners);
    });

    it('the same id of another tenant or source, or in the other case, is another event', async () => {
      const claims = createStaging().packed({ items: items() });
      const [tenant, timeMs] = [uniqueTenant(), uniqueInstant()];
      const [one] = identitiesOf({ tenant, count: 1, idOf: () => uuidAt(timeMs, 10) });
      if (one === undefined) throw new Error('there is one');
      const others = [
        { ...one, tenant: `${tenant}2` },
        { ...one, source: 'other' },
        { ...one, id: one.id.toUpperCase() },
      ];
      const all = [one, ...others];
      for (const [index, identity] of all.entries()) {
        const settled = await claims.settle({
          chunk: `chunk-${index}`,
          identities: [identity],
          nowMs: NOW_MS,
        });
        expect(settled).toEqual([`chunk-${index}`]);
      }
    });
  });

  describe('tenants that pack by time', () => {
    const opaque = (serial: number) => `order-${serial}`;

    it('an event that comes again with the same time has its owner', async () => {
      const tenant = uniqueTenant();
      const claims = createStaging().packed({ items: items(), byTime: new Set([tenant]) });
      const sent = { tenant, count: 50, idOf: opaque, timeMs: uniqueInstant(), timeSent: true };
      const settle = (chunk: string, input: Parameters<typeof identitiesOf>[0]) =>
        claims.settle({ chunk, identities: identitiesOf(input), nowMs: NOW_MS });
      expect(new Set(await settle('chunk-1', sent))).toEqual(new Set(['chunk-1']));
      expect(new Set(await settle('chunk-2', sent))).toEqual(new Set(['chunk-1']));
    });

    it('an event without a time is claimed exactly, however it comes again', async () => {
      const tenant = uniqueTenant();
      const claims = createStaging().packed({ items: items(), byTime: new Set([tenant]) });
      const received = { tenant, count: 50, idOf: opaque, timeMs: uniqueInstant() };
      const settle = (chunk: string, timeMs: number) =>
        claims.settle({ chunk, identities: identitiesOf({ ...received, timeMs }), nowMs: NOW_MS });
      expect(new Set(await settle('chunk-1', received.timeMs))).toEqual(new Set(['chunk-1']));
      expect(new Set(await settle('chunk-2', received.timeMs + 60_000))).toEqual(new Set(['chunk-1']));
    });

    it('an id that carries a time is found by that, whatever time its event is sent with', async () => {
      const tenant = uniqueTenant();
      const claims = createStaging().packed({ items: items(), byTime: new Set([tenant]) });
      const at = uniqueInstant();
      const settle = (chunk: string, timeMs: number) => {
        const idOf = (serial: number) => uuidAt(at, serial);
        const identities = identitiesOf({ tenant, count: 50, idOf, timeMs, timeSent: true });
        return claims.settle({ chunk, identities, nowMs: NOW_MS });
      };
      expect(new Set(await settle('chunk-1', at))).toEqual(new Set(['chunk-1']));
      expect(new Set(await settle('chunk-2', at + 60_000))).toEqual(new Set(['chunk-1']));
    });
  });
}
