import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClaimedIdentity, Claims } from '../../shared/ports/claims.ts';
import { DAY_MS, identitiesOf as identities, NOW_MS, uniqueTenant, uuidAt } from './claims-builders.ts';

export interface ClaimsUnderTest {
  /** One store for all tests of a file: each takes tenants of its own. */
  readonly claims: () => Claims;
  /** Ids of the kind that is tried. */
  readonly idOf: (serial: number) => string;
  /** Runs of each property. */
  readonly runs: number;
}

const all = <T>(value: T, count: number) => Array.from({ length: count }, () => value);

/** What every implementation of the port must do. */
export function claimsContract({ claims, idOf, runs }: ClaimsUnderTest): void {
  const identitiesOf = (tenant: string, count: number) => identities({ tenant, count, idOf });
  const settle = (chunk: string, wanted: readonly ClaimedIdentity[], nowMs = NOW_MS) =>
    claims().settle({ chunk, identities: wanted, nowMs });

  describe('one after the other', () => {
    it('the first chunk owns an event, and everybody is told so, again and again', async () => {
      const [a, b, c] = identitiesOf(uniqueTenant(), 3) as [
        ClaimedIdentity,
        ClaimedIdentity,
        ClaimedIdentity,
      ];
      expect(await settle('chunk-1', [a, b])).toEqual(['chunk-1', 'chunk-1']);
      expect(await settle('chunk-2', [c, b, a])).toEqual(['chunk-2', 'chunk-1', 'chunk-1']);
      expect(await settle('chunk-1', [a, b, c])).toEqual(['chunk-1', 'chunk-1', 'chunk-2']);
      expect(await settle('chunk-3', [])).toEqual([]);
    });

    it('an event that a chunk names twice is its own twice', async () => {
      const [a, b] = identitiesOf(uniqueTenant(), 2) as [ClaimedIdentity, ClaimedIdentity];
      expect(await settle('chunk-1', [a, b, a, a])).toEqual(all('chunk-1', 4));
      expect(await settle('chunk-2', [a, a])).toEqual(all('chunk-1', 2));
    });

    it('a claim counts as long as it is there, also after its time', async () => {
      const identities = identitiesOf(uniqueTenant(), 2);
      await settle('chunk-1', identities, NOW_MS - 100 * DAY_MS);
      expect(await settle('chunk-2', identities, NOW_MS + 365 * DAY_MS)).toEqual(all('chunk-1', 2));
    });

    it('thousands are settled in one call, in order', async () => {
      const identities = identitiesOf(uniqueTenant(), 3_000);
      const odd = identities.filter((_, index) => index % 2 === 1);
      expect(await settle('odd', odd)).toEqual(all('odd', odd.length));
      const owners = identities.map((_, index) => (index % 2 === 1 ? 'odd' : 'all'));
      expect(await settle('all', identities)).toEqual(owners);
    });
  });

  describe('identities', () => {
    it('are told apart, whatever they hold and however long they are', async () => {
      const part = fc.oneof(
        fc.constantFrom(
          '',
          'a',
          'A',
          '/',
          '#',
          '"',
          '","',
          '\\',
          '\u0000',
          'é',
          'e\u0301',
          '😀',
          '\ud83d',
          '\ude00',
        ),
        fc.constantFrom('é'.repeat(256), '\u0000'.repeat(256), '😀'.repeat(128), 'x'.repeat(256)),
        fc.array(fc.nat(0xffff), { maxLength: 4 }).map((units) => String.fromCharCode(...units)),
      );
      const carrying = fc.nat(3).map((serial) => uuidAt(NOW_MS, serial));
      const identity = fc.record({ suffix: part, source: part, id: fc.oneof(part, carrying) });
      const property = fc.asyncProperty(
        fc.uniqueArray(identity, { minLength: 2, maxLength: 8, selector: (one) => JSON.stringify(one) }),
        async (drawn) => {
          const tenant = uniqueTenant();
          const identities = drawn.map(({ suffix, source, id }) => ({
            tenant: `${tenant}${suffix}`,
            source,
            id,
            timeMs: NOW_MS,
            timeSent: false,
          }));
          for (const [index, one] of identities.entries()) {
            expect(await settle(`chunk-${index}`, [one])).toEqual([`chunk-${index}`]);
          }
          const owners = identities.map((_, index) => `chunk-${index}`);
          expect(await settle('late', identities)).toEqual(owners);
        },
      );
      await fc.assert(property, { numRuns: runs });
    });
  });

  describe('of chunks at the same time', () => {
    it('exactly one owns each event, and all agree on which', async () => {
      const chunks = Array.from({ length: 8 }, (_, index) => `chunk-${index}`);
      const property = fc.asyncProperty(
        fc.array(fc.uniqueArray(fc.nat(19), { minLength: 1 }), { minLength: 2, maxLength: chunks.length }),
        async (wanted) => {
          const tenant = uniqueTenant();
          const at = (indexes: readonly number[]) =>
            indexes.map((index) => ({
              tenant,
              source: 's',
              id: idOf(index),
              timeMs: NOW_MS,
              timeSent: false,
            }));
          const told = await Promise.all(
            wanted.map((indexes, chunk) => settle(`chunk-${chunk}`, at(indexes))),
          );
          const owners = new Map<number, Set<string>>();
          for (const [chunk, indexes] of wanted.entries()) {
            for (const [place, index] of indexes.entries()) {
              const owner = told[chunk]?.[place] ?? 'nobody';
              owners.set(index, (owners.get(index) ?? new Set()).add(owner));
            }
          }
          for (const [index, names] of owners) {
            const [owner = 'nobody'] = names;
            expect(names.size).toBe(1);
            expect(wanted[chunks.indexOf(owner)]).toContain(index);
            expect(await settle('late', at([index]))).toEqual([owner]);
          }
        },
      );
      await fc.assert(property, { numRuns: runs });
    });
  });
}
