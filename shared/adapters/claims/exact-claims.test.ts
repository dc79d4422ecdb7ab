import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ClaimedIdentity } from '../../ports/claims.ts';
import type { ItemStore, PutInput } from '../../ports/item-store.ts';
import { StoreError } from '../../ports/store-error.ts';
import { createMemoryItems } from '../memory/items/memory-items.ts';
import { claimKey } from './claim-key.ts';
import { createExactClaims } from './exact-claims.ts';

const NOW_MS = Date.UTC(2026, 10, 24, 12);
const DAY_SECONDS = 86_400;
const identities = (count: number): readonly ClaimedIdentity[] =>
  Array.from({ length: count }, (_, index) => ({
    tenant: 't',
    source: 's',
    id: `id-${index}`,
    timeMs: NOW_MS,
    timeSent: false,
  }));

/** The store with something done before each put. */
function around(items: ItemStore, before: (input: PutInput, count: number) => Promise<void>): ItemStore {
  let count = 0;
  const put = async (input: PutInput) => {
    count += 1;
    await before(input, count);
    return await items.put(input);
  };
  return { ...items, put };
}

test('a claim is one item that lives for the horizon, what the stream keeps, and a day more', async () => {
  const items = createMemoryItems();
  const claims = createExactClaims({ items });
  await claims.settle({ chunk: 'chunk-1', identities: identities(1), nowMs: NOW_MS + 1 });
  const ttl = NOW_MS / 1000 + 1 + (45 + 7 + 1) * DAY_SECONDS;
  const key = { pk: 'claim#["t","s","id-0"]', sk: 'claim' };
  expect(items.all()).toEqual([{ ...key, owner: 'chunk-1', ttl }]);
  expect(await items.get({ table: 'claims', key })).toBeDefined();
});

test('a claim that is over counts until it is deleted; then the event may be claimed anew', async () => {
  const items = createMemoryItems();
  const claims = createExactClaims({ items });
  await claims.settle({ chunk: 'chunk-1', identities: identities(2), nowMs: NOW_MS });
  const laterMs = NOW_MS + 100 * DAY_SECONDS * 1000;
  const second = { chunk: 'chunk-2', identities: identities(2), nowMs: laterMs };
  expect(await claims.settle(second)).toEqual(['chunk-1', 'chunk-1']);
  items.expire(laterMs / 1000);
  expect(await claims.settle(second)).toEqual(['chunk-2', 'chunk-2']);
});

test('no two identities share a key, however long and whatever characters they have', () => {
  const part = fc
    .array(
      fc.constantFrom('a', '"', ',', '","', '\\', '#', '[', '\ud800', '\udc00', '\ufffd', '\u0000', '😀'),
      {
        maxLength: 4,
      },
    )
    .map((parts) => parts.join(''));
  const identity = fc.record({ tenant: part, source: part, id: part });
  const long = fc.tuple(identity, fc.constantFrom('x', 'é')).map(([one, filler]) => {
    return { ...one, id: `${filler.repeat(2_000)}${one.id}` };
  });
  const any = fc.oneof(identity, long);
  fc.assert(
    fc.property(any, any, (left, right) => {
      const isSame = left.tenant === right.tenant && left.source === right.source && left.id === right.id;
      expect(claimKey(left).pk === claimKey(right).pk).toBe(isSame);
      expect(Buffer.byteLength(claimKey(left).pk)).toBeLessThanOrEqual(2_048);
      expect(claimKey(left).pk.isWellFormed()).toBe(true);
    }),
  );
});

test('keys never change: those of yesterday are found today', () => {
  expect(claimKey({ tenant: 'acme', source: 'default', id: '4"2\ud800' })).toEqual({
    pk: 'claim#["acme","default","4\\"2\\ud800"]',
    sk: 'claim',
  });
  expect(claimKey({ tenant: 'acme', source: 'default', id: 'x'.repeat(3_000) })).toEqual({
    pk: 'claim-hash#9d2f47f9ad65b1738106cf687332362a761386a98d4978db70f6b38dc7b8b033',
    sk: 'claim',
  });
});

test('never more puts are under way than allowed, and every identity is settled', async () => {
  const items = createMemoryItems();
  let underWay = 0;
  let most = 0;
  const claims = createExactClaims({
    items: around(items, async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
    }),
  });
  const owners = await claims.settle({ chunk: 'chunk-1', identities: identities(2_000), nowMs: NOW_MS });
  expect(owners).toEqual(Array.from({ length: 2_000 }, () => 'chunk-1'));
  expect(most).toBe(256);
  expect(items.all()).toHaveLength(2_000);
});

test('a store that fails is told as it is, after all that was under way has ended; settling again completes', async () => {
  const items = createMemoryItems();
  const failure = new StoreError({ message: 'throttled', outcome: 'not_done', reason: 'throttled' });
  let underWay = 0;
  const failing = around(items, async (_input, count) => {
    underWay += 1;
    await new Promise((resolve) => setImmediate(resolve));
    underWay -= 1;
    if (count === 300) throw failure;
  });
  const input = { chunk: 'chunk-1', identities: identities(1_000), nowMs: NOW_MS };
  await expect(createExactClaims({ items: failing }).settle(input)).rejects.toBe(failure);
  expect(underWay).toBe(0);
  const made = items.all().length;
  expect(made).toBeGreaterThan(298);
  expect(made).toBeLessThan(600);
  const other = createExactClaims({ items });
  const owners = await other.settle({ ...input, chunk: 'chunk-2' });
  expect(owners.filter((owner) => owner === 'chunk-1')).toHaveLength(made);
  expect(await other.settle(input)).toEqual(owners);
});
