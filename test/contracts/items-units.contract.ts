import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { ItemUnits } from '../../shared/adapters/item-rules/units.ts';
import type { Item, ItemKey, ItemStore, TransactionOperation } from '../../shared/ports/item-store.ts';

export interface UnitsUnderTest {
  readonly items: () => ItemStore;
  readonly units: () => ItemUnits;
}

const KB = 1_024;
const PARTITION = 36;
/** `pk`, `sk` and `filler` with their names, an empty filler. */
const FRAME = 2 + PARTITION + 2 + 1 + 6;
const OWNER = 7 + 36 + 7 + 1;

interface Case {
  readonly name: string;
  /** Sizes of the items that are there, under the sort keys `a`, `b`, … */
  readonly stored?: readonly number[];
  readonly owned?: boolean;
  readonly table?: 'main' | 'claims';
  readonly run: (store: ItemStore, at: Place) => Promise<unknown>;
  readonly read?: number;
  readonly write?: number;
}

interface Place {
  readonly table: string;
  readonly key: (sk: string) => ItemKey;
  /** An item of so many bytes. */
  readonly item: (sk: string, bytes: number) => Item;
  /** The same in the index, whose key is part of the bytes. */
  readonly owned: (sk: string, bytes: number, ownerSk?: string) => Item;
  readonly owner: string;
}

function placeIn(table: string): Place {
  const pk = randomUUID();
  const owner = randomUUID();
  const item = (sk: string, bytes: number) => ({ pk, sk, filler: 'x'.repeat(bytes - FRAME) });
  const owned = (sk: string, bytes: number, ownerSk = 'o') => ({
    ...item(sk, bytes - OWNER),
    ownerPk: owner,
    ownerSk,
  });
  return { table, key: (sk) => ({ pk, sk }), item, owned, owner };
}

const ABSENT = { kind: 'item_absent' } as const;
const PRESENT = { kind: 'item_present' } as const;

const READS: readonly Case[] = [
  { name: 'a get, 4 KB a unit', stored: [4 * KB], run: (s, p) => s.get({ ...p, key: p.key('a') }), read: 1 },
  {
    name: 'a get of a byte more',
    stored: [4 * KB + 1],
    run: (s, p) => s.get({ ...p, key: p.key('a') }),
    read: 2,
  },
  { name: 'a get of a small item', stored: [100], run: (s, p) => s.get({ ...p, key: p.key('a') }), read: 1 },
  { name: 'a get of nothing', run: (s, p) => s.get({ ...p, key: p.key('a') }), read: 1 },
  {
    name: 'several gets at once, each rounded for itself, absent ones too',
    stored: [1.5 * KB, 6.5 * KB],
    run: (s, p) => s.getMany({ ...p, keys: ['a', 'b', 'c', 'd'].map(p.key) }),
    read: 1 + 2 + 1 + 1,
  },
  {
    name: 'a query, by the sum of sizes',
    stored: [1.5 * KB, 6.5 * KB],
    run: (s, p) => s.query({ ...p, pk: p.key('a').pk, limit: 10 }),
    read: 2,
  },
  {
    name: 'a query of what its page has',
    stored: [1.5 * KB, 6.5 * KB],
    run: (s, p) => s.query({ ...p, pk: p.key('a').pk, limit: 1 }),
    read: 1,
  },
  { name: 'a query of nothing', run: (s, p) => s.query({ ...p, pk: p.key('a').pk, limit: 10 }), read: 1 },
  {
    name: 'a query of an index, eventually consistent and so for half',
    stored: [3 * KB, 3 * KB],
    owned: true,
    run: (s, p) => s.query({ ...p, index: 'byOwner', pk: p.owner, limit: 10 }),
    read: 1,
  },
  {
    name: 'a query of an index that finds nothing',
    run: (s, p) => s.query({ ...p, index: 'byOwner', pk: p.owner, limit: 10 }),
    read: 0.5,
  },
];

const WRITES: readonly Case[] = [
  { name: 'a put, 1 KB a unit', run: (s, p) => s.put({ ...p, item: p.item('a', KB) }), write: 1 },
  { name: 'a put of a byte more', run: (s, p) => s.put({ ...p, item: p.item('a', KB + 1) }), write: 2 },
  {
    name: 'a put over a larger item',
    stored: [5 * KB],
    run: (s, p) => s.put({ ...p, item: p.item('a', 99) }),
    write: 5,
  },
  {
    name: 'a put over a smaller item',
    stored: [99],
    run: (s, p) => s.put({ ...p, item: p.item('a', 3 * KB) }),
    write: 3,
  },
  {
    name: 'a put on a condition that holds',
    run: (s, p) => s.put({ ...p, item: p.item('a', 2 * KB), condition: ABSENT }),
    write: 2,
  },
  {
    name: 'a put on a condition that does not: the item that is there',
    stored: [3 * KB],
    run: (s, p) => s.put({ ...p, item: p.item('a', 9 * KB), condition: ABSENT }),
    write: 3,
  },
  {
    name: 'a put on a condition that needs an item: one where there is none',
    run: (s, p) => s.put({ ...p, item: p.item('a', 9 * KB), condition: PRESENT }),
    write: 1,
  },
  {
    name: 'a put over an item on a condition that holds: the larger of both',
    stored: [3 * KB],
    run: (s, p) => s.put({ ...p, item: p.item('a', 100), condition: PRESENT }),
    write: 3,
  },
  {
    name: 'an update that grows the item',
    stored: [KB],
    run: (s, p) => s.update({ ...p, key: p.key('a'), changes: { set: { more: 'x'.repeat(KB - 4) } } }),
    write: 2,
  },
  {
    name: 'an update that shrinks the item',
    stored: [3 * KB],
    run: (s, p) => s.update({ ...p, key: p.key('a'), changes: { remove: ['filler'] } }),
    write: 3,
  },
  {
    name: 'an update of little in a large item',
    stored: [7 * KB],
    run: (s, p) =>
      s.update({ ...p, key: p.key('a'), changes: { set: { filler: 'y'.repeat(7 * KB - FRAME) } } }),
    write: 7,
  },
  {
    name: 'an update that makes the item',
    run: (s, p) =>
      s.update({ ...p, key: p.key('a'), changes: { set: { filler: 'y'.repeat(2 * KB - FRAME) } } }),
    write: 2,
  },
  {
    name: 'an update on a condition that does not hold',
    stored: [2 * KB],
    run: (s, p) => s.update({ ...p, key: p.key('a'), changes: { set: { n: 1 } }, condition: ABSENT }),
    write: 2,
  },
  { name: 'a delete', stored: [2.5 * KB], run: (s, p) => s.delete({ ...p, key: p.key('a') }), write: 3 },
  { name: 'a delete of nothing', run: (s, p) => s.delete({ ...p, key: p.key('a') }), write: 1 },
  {
    name: 'a delete on a condition that does not hold',
    stored: [2.5 * KB],
    run: (s, p) => s.delete({ ...p, key: p.key('a'), condition: ABSENT }),
    write: 3,
  },
];

const INDEXED: readonly Case[] = [
  {
    name: 'an item that the index takes up',
    run: (s, p) => s.put({ ...p, item: p.owned('a', 2 * KB) }),
    write: 2 + 2,
  },
  {
    name: 'an item with half of the index’ key',
    run: (s, p) => s.put({ ...p, item: { ...p.item('a', KB), ownerSk: 'o' } }),
    write: 2,
  },
  {
    name: 'an item in the index that changes',
    stored: [2 * KB],
    owned: true,
    run: (s, p) => s.put({ ...p, item: p.owned('a', 3 * KB) }),
    write: 3 + 3,
  },
  {
    name: 'an item in the index that stays as it is',
    stored: [2 * KB],
    owned: true,
    run: (s, p) => s.put({ ...p, item: p.owned('a', 2 * KB) }),
    write: 2,
  },
  {
    name: 'an item that takes another place in the index: one entry goes, another comes',
    stored: [2 * KB],
    owned: true,
    run: (s, p) => s.put({ ...p, item: p.owned('a', 3 * KB, 'p') }),
    write: 3 + 2 + 3,
  },
  {
    name: 'an item that leaves the index',
    stored: [2 * KB],
    owned: true,
    run: (s, p) => s.update({ ...p, key: p.key('a'), changes: { remove: ['ownerPk'] } }),
    write: 2 + 2,
  },
  {
    name: 'an item that is deleted from table and index',
    stored: [2 * KB],
    owned: true,
    run: (s, p) => s.delete({ ...p, key: p.key('a') }),
    write: 2 + 2,
  },
  {
    name: 'another table, which has no index',
    table: 'claims',
    run: (s, p) => s.put({ ...p, item: p.owned('a', 2 * KB) }),
    write: 2,
  },
];

const operations = (p: Place, isMet: boolean): readonly TransactionOperation[] => [
  { op: 'put', table: p.table, item: p.owned('a', 2 * KB), condition: isMet ? PRESENT : ABSENT },
  { op: 'update', table: p.table, key: p.key('b'), changes: { set: { n: 1 } } },
  { op: 'delete', table: p.table, key: p.key('c') },
  { op: 'check', table: p.table, key: p.key('d'), condition: { kind: 'not_equal', name: 'n', value: 1 } },
  { op: 'put', table: p.table, item: p.item('e', 5 * KB) },
];

const TRANSACTIONS: readonly Case[] = [
  {
    name: 'a transaction: each operation twice, also a check, and the index once',
    stored: [KB, 3 * KB, 4 * KB, 2 * KB],
    run: (s, p) => s.transact(operations(p, true)),
    // The update adds three bytes to its item.
    write: 2 * (2 + 4 + 4 + 2 + 5) + 2,
  },
  {
    name: 'a transaction that is cancelled: the same without what an update would add, and no index',
    stored: [KB, 3 * KB, 4 * KB, 2 * KB],
    run: (s, p) => s.transact(operations(p, false)),
    write: 2 * (2 + 3 + 4 + 2 + 5),
  },
  {
    name: 'a transaction on items that are not there',
    run: (s, p) => s.transact([{ op: 'delete', table: p.table, key: p.key('a') }]),
    write: 2,
  },
];

/** Request units by DynamoDB's published rules; the cases are its documentation's, or as near as sizes allow. */
export function itemUnitsContract({ items, units }: UnitsUnderTest): void {
  it.each([...READS, ...WRITES, ...INDEXED, ...TRANSACTIONS])('$name', async (one) => {
    const place = placeIn(one.table ?? 'main');
    for (const [index, bytes] of (one.stored ?? []).entries()) {
      const sk = 'abcdef'.charAt(index);
      const item = one.owned === true ? place.owned(sk, bytes) : place.item(sk, bytes);
      await items().put({ table: place.table, item });
    }
    const before = units().of(place.table);
    await one.run(items(), place);
    const after = units().of(place.table);
    const used = { read: after.read - before.read, write: after.write - before.write };
    expect(used).toEqual({ read: one.read ?? 0, write: one.write ?? 0 });
  });

  it('of a call that is refused as a bug of ours there are none', async () => {
    const before = units().of('main');
    await expect(items().put({ table: 'main', item: { pk: '', sk: 's' } })).rejects.toThrow();
    await expect(items().get({ table: 'none', key: { pk: 'p', sk: 's' } })).rejects.toThrow();
    expect(units().of('main')).toEqual(before);
    expect(units().of('none')).toEqual({ read: 0, write: 0 });
  });
}
