import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { identityKey } from '../../domain/events/staged-entry.ts';
import type { ClaimedIdentity } from '../../ports/claims.ts';
import type { Item, ItemStore, PutInput } from '../../ports/item-store.ts';
import { StoreError } from '../../ports/store-error.ts';
import { itemBytes } from '../item-rules/values.ts';
import { createMemoryItems } from '../memory/items/memory-items.ts';
import { createClaimHash } from './claim-hash.ts';
import { createPackedClaims, type PackedClaimsDeps } from './packed-claims.ts';

const NOW_MS = Date.UTC(2026, 10, 24, 12);
const SECOND = NOW_MS / 1000;
const TTL = SECOND + (45 + 7 + 1) * 86_400;
const KEY = 'a key of this deployment alone';
const CHUNK = '019a0a5b-7c00-7000-8000-0123456789ab';

function uuidAt(timeMs: number, serial = 0): string {
  const time = timeMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${serial.toString(16).padStart(12, '0')}`;
}

const identity = (id: string, over: Partial<ClaimedIdentity> = {}): ClaimedIdentity => ({
  tenant: 'acme',
  source: 'default',
  id,
  timeMs: NOW_MS,
  timeSent: false,
  ...over,
});
const many = (count: number, idOf: (serial: number) => string) =>
  Array.from({ length: count }, (_, serial) => identity(idOf(serial)));

function hashOf({ tenant, source, id }: ClaimedIdentity): string {
  const text = JSON.stringify([tenant, source, id]);
  return createHmac('sha256', KEY).update(text).digest('hex').slice(0, 16);
}

function world(over: Partial<PackedClaimsDeps> = {}) {
  const items = createMemoryItems();
  const claims = createPackedClaims({
    items,
    hash: createClaimHash(KEY),
    mode: { kind: 'packed', exactUntilMs: 0 },
    parts: 1,
    isPackedByTime: async () => false,
    stagedIdentities: async () => new Set(),
    ...over,
  });
  const settle = (identities: readonly ClaimedIdentity[], chunk = CHUNK, nowMs = NOW_MS) =>
    claims.settle({ chunk, identities, nowMs });
  return { items, claims, settle };
}

const SLOT = { pk: `slot#32#${SECOND}#0`, sk: 'slot' };
const chunkBytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));

describe('what is stored never changes: slots of yesterday are found today', () => {
  test('a slot is named by lane, second and part, a chunk in it by its id in short', async () => {
    const { items, settle } = world();
    const ids = [uuidAt(NOW_MS), uuidAt(NOW_MS, 1)];
    await settle(ids.map((id) => identity(id)));
    const hashes = chunkBytes(`209c1504a3d4128d${hashOf(identity(uuidAt(NOW_MS, 1)))}`);
    const slot = { ...SLOT, v: 1, version: NOW_MS, ttl: TTL, cAZoKW3wAcACAAAEjRWeJqw: hashes };
    expect(items.all()).toEqual([slot]);
    await settle([identity('01m86ptpg0tsv4rrffq69g5fav')], 'no uuid');
    const hash = chunkBytes(hashOf(identity('01m86ptpg0tsv4rrffq69g5fav')));
    expect(items.all()).toEqual([{ ...slot, version: NOW_MS + 1, 'nno uuid': hash }]);
  });

  test('each event has its part, by source and id', async () => {
    const { items, settle } = world({ parts: 16 });
    await settle(many(6, (serial) => uuidAt(NOW_MS, serial)));
    const parts = items.all().map(({ pk }) => pk);
    expect(parts.sort()).toEqual(['0', '1', '10', '6', '9'].map((part) => `slot#32#${SECOND}#${part}`));
  });

  test('below a full slot entries part by the bits of their millisecond, then by those of their hashes', async () => {
    const { items, settle } = world();
    await settle(many(1_100, (serial) => uuidAt(NOW_MS + (serial % 2 === 0 ? 511 : 512), serial)));
    expect(items.all().map(({ sk }) => sk)).toEqual(['slot', 'slot0', 'slot1']);
    const same = world();
    await same.settle(many(8_000, (serial) => uuidAt(NOW_MS + 3, serial)));
    const names = same.items.all().map(({ sk }) => sk);
    const milliseconds = '0000000011';
    const lines = Array.from({ length: 11 }, (_, level) => `slot${milliseconds.slice(0, level)}`);
    expect(names).toEqual(expect.arrayContaining([...lines, `slot${milliseconds}0`, `slot${milliseconds}1`]));
    const below = same.items.all().filter(({ sk }) => sk === `slot${milliseconds}1`);
    const first = Number.parseInt(
      Buffer.from(below[0]?.cAZoKW3wAcACAAAEjRWeJqw as Uint8Array).toString('hex', 0, 1),
      16,
    );
    expect(first).toBeGreaterThanOrEqual(0x80);
  });
});

describe('a slot', () => {
  test('has at most 4 KB, and is full before there is another below it', async () => {
    const { items, settle } = world();
    for (let chunk = 0; chunk < 30; chunk += 1) {
      const idOf = (serial: number) => uuidAt(NOW_MS + 7, chunk * 97 + serial);
      await settle(many(97, idOf), `chunk-${chunk}`);
    }
    const slots = items.all();
    expect(slots.length).toBeGreaterThan(5);
    for (const slot of slots) {
      expect(itemBytes(slot)).toBeLessThanOrEqual(4_096);
      const hasBelow = slots.some(({ sk }) => sk !== slot.sk && sk.startsWith(slot.sk));
      if (!hasBelow) continue;
      expect(slot.sealed).toBe(true);
      expect(itemBytes(slot)).toBeGreaterThan(3_960);
    }
  });

  test('is written once by each chunk, however many events of the chunk it takes in', async () => {
    const items = createMemoryItems();
    const calls: string[] = [];
    const counted = counting(items, (name) => calls.push(name));
    const { settle } = world({ items: counted });
    const ids = (from: number) => many(300, (serial) => uuidAt(NOW_MS + (serial % 3) * 1_000, from + serial));
    await settle(ids(0));
    expect(calls).toEqual(['put', 'put', 'put']);
    await settle(ids(300), 'chunk-2');
    expect(calls.slice(3)).toEqual(['update', 'update', 'update']);
    // Another process knows nothing of the slots, and is told of them by the store.
    await world({ items: counted }).settle(ids(600), 'chunk-3');
    expect(calls.slice(6).sort()).toEqual(['put', 'put', 'put', 'update', 'update', 'update']);
  });

  test('is never taken for what a process remembers of it', async () => {
    const items = createMemoryItems();
    const calls: string[] = [];
    const stagedIdentities = async () =>
      new Set(many(9, (serial) => uuidAt(NOW_MS, serial)).map(identityKey));
    const here = world({ items: counting(items, (name) => calls.push(name)), stagedIdentities });
    const there = world({ items, stagedIdentities });
    const ids = (...serials: number[]) => serials.map((serial) => identity(uuidAt(NOW_MS, serial)));
    await here.settle(ids(0, 1), 'chunk-1');
    await there.settle(ids(2, 3), 'chunk-2');
    expect(await here.settle(ids(3, 4), 'chunk-3')).toEqual(['chunk-2', 'chunk-3']);
    expect(calls).toEqual(['put', 'update', 'update']);
    expect(await here.settle(ids(0, 2, 4), 'chunk-4')).toEqual(['chunk-1', 'chunk-2', 'chunk-3']);
    expect(calls.slice(3)).toEqual(['get']);
    items.expire(TTL + 1);
    expect(await here.settle(ids(0), 'chunk-5')).toEqual(['chunk-5']);
  });

  test('that others write all the time is left for later', async () => {
    const items = createMemoryItems();
    const { settle } = world({
      items: {
        ...items,
        put: async (input) => {
          const { pk, sk, v = 1, version = 1, ttl = 1 } = input.item;
          await items.put({ ...input, item: { pk, sk, v, version, ttl } });
          return await items.put(input);
        },
        update: async (input) => {
          await items.update({ ...input, changes: { add: { version: 1 } } });
          return await items.update(input);
        },
      },
    });
    const failure = { name: 'StoreError', outcome: 'not_done', reason: 'throttled' };
    await expect(settle([identity(uuidAt(NOW_MS))])).rejects.toMatchObject(failure);
  });
});

function counting(items: ItemStore, on: (name: string) => void): ItemStore {
  return {
    ...items,
    get: (input) => {
      on('get');
      return items.get(input);
    },
    put: (input) => {
      on('put');
      return items.put(input);
    },
    update: (input) => {
      on('update');
      return items.update(input);
    },
  };
}

describe('which claims share slots', () => {
  const isExact = (item: Item) => item.pk.startsWith('claim#');
  const exactIn = async (one: ClaimedIdentity, over: Partial<PackedClaimsDeps> = {}) => {
    const { items, settle } = world(over);
    await settle([one]);
    return items.all().map(isExact);
  };

  test.each([
    ['a UUIDv7', uuidAt(NOW_MS), false],
    ['a ULID in lower case', '01m86ptpg0tsv4rrffq69g5fav', false],
    ['a UUIDv7 of 2020', uuidAt(Date.UTC(2020, 0, 1)), false],
    ['a UUIDv7 of 2099', uuidAt(Date.UTC(2100, 0, 1) - 1), false],
    ['a UUIDv7 of 1970', uuidAt(0), true],
    ['a UUIDv7 of 2200', uuidAt(Date.UTC(2200, 0, 1)), true],
    ['a UUIDv4', 'c56a4180-65aa-42ec-a945-5fd21dec0538', true],
    ['a UUIDv1', '2ed6657d-e927-11eb-9a03-0242ac130003', true],
    ['a word of a ULID’s length', '01m86ptpg0tsv4rrffq69g5fau', true],
  ])('%s', async (_name, id, exact) => {
    expect(await exactIn(identity(id))).toEqual([exact]);
    expect(await exactIn(identity(id), { mode: { kind: 'exact' } })).toEqual(
      id === uuidAt(Date.UTC(2100, 0, 1) - 1) ? [false, true] : [true],
    );
  });

  test('exact ones take a slot besides only where their ids are stamped more than five minutes ahead', async () => {
    const exact = { mode: { kind: 'exact' } } as const;
    expect(await exactIn(identity(uuidAt(NOW_MS + 300_000)), exact)).toEqual([true]);
    expect(await exactIn(identity(uuidAt(NOW_MS + 300_001)), exact)).toEqual([false, true]);
  });

  test('the choice of a tenant is asked for only where it matters', async () => {
    const asked: string[] = [];
    const isPackedByTime = async (tenant: string) => {
      asked.push(tenant);
      return tenant === 'by-time';
    };
    const sent = { timeMs: NOW_MS, timeSent: true };
    expect(await exactIn(identity('order-1', { ...sent, tenant: 'by-time' }), { isPackedByTime })).toEqual([
      false,
    ]);
    expect(await exactIn(identity('order-1', sent), { isPackedByTime })).toEqual([true]);
    expect(asked).toEqual(['by-time', 'acme']);
    const exact = { isPackedByTime, mode: { kind: 'exact' } } as const;
    await exactIn(identity('order-1', { ...sent, tenant: 'by-time' }), exact);
    await exactIn(identity('order-1', { tenant: 'by-time' }), { isPackedByTime });
    await exactIn(identity(uuidAt(NOW_MS), { ...sent, tenant: 'by-time' }), { isPackedByTime });
    expect(asked).toHaveLength(2);
  });

  test('a packed claim by time lies in the second that its event was sent with', async () => {
    const { items, settle } = world({ isPackedByTime: async () => true });
    await settle([
      identity('a', { timeMs: -1, timeSent: true }),
      identity('b', { timeMs: 999, timeSent: true }),
    ]);
    expect(items.all().map(({ pk }) => pk)).toEqual(['slot#32#-1#0', 'slot#32#0#0']);
  });
});

test('what a chunk was staged with is read once for each other chunk that holds something, and for no more', async () => {
  const read: string[] = [];
  const staged = new Map<string, Set<string>>();
  const { settle } = world({
    stagedIdentities: async (chunk) => {
      read.push(chunk);
      return staged.get(chunk) ?? new Set();
    },
  });
  const all = many(90, (serial) => uuidAt(NOW_MS, serial));
  for (const [index, chunk] of ['chunk-0', 'chunk-1', 'chunk-2'].entries()) {
    const own = all.slice(index * 20, index * 20 + 40);
    staged.set(chunk, new Set(own.map(identityKey)));
    await settle(own, chunk);
  }
  expect(read).toEqual(['chunk-0', 'chunk-1']);
  await settle(all, 'chunk-3');
  expect(read.slice(2).sort()).toEqual(['chunk-0', 'chunk-1', 'chunk-2']);
});

test('a store that fails is told as it is, after all that was under way has ended; never too much is', async () => {
  const items = createMemoryItems();
  const failure = new StoreError({ message: 'throttled', outcome: 'not_done', reason: 'throttled' });
  let underWay = 0;
  let most = 0;
  let puts = 0;
  const put = async (input: PutInput) => {
    puts += 1;
    const isFailing = puts === 100;
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay -= 1;
    if (isFailing) throw failure;
    return await items.put(input);
  };
  const all = many(1_000, (serial) => uuidAt(NOW_MS + serial * 1_000, serial));
  const failing = world({ items: { ...items, put } });
  await expect(failing.settle(all)).rejects.toBe(failure);
  expect([underWay, most]).toEqual([0, 64]);
  expect(items.all().length).toBeLessThan(200);
  expect(new Set(await world({ items }).settle(all))).toEqual(new Set([CHUNK]));
});
