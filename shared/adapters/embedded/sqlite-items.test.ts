import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Item, ItemStore } from '../../ports/item-store.ts';
import { StoreError } from '../../ports/store-error.ts';
import { createVirtualClock } from '../memory/virtual-clock.ts';
import { type EmbeddedItems, openSqliteItems } from './sqlite-items.ts';

const clock = createVirtualClock({ startMs: Date.UTC(2026, 10, 24) });

let folder = '';
let opened: EmbeddedItems[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sqlite-items-'));
});
afterEach(async () => {
  for (const store of opened) await store.close();
  opened = [];
  await rm(folder, { recursive: true, force: true });
});

function open(options: { readonly pagesMax?: number } = {}): EmbeddedItems {
  const store = openSqliteItems({ path: join(folder, 'items.sqlite'), clock, ...options });
  opened.push(store);
  return store;
}

async function failureOf(work: Promise<unknown>): Promise<StoreError> {
  const thrown: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(thrown instanceof StoreError)) throw new Error(`no StoreError: ${String(thrown)}`);
  return thrown;
}

const KIB = 1024;
const large = (sk: string): Item => ({ pk: 'large', sk, text: sk.repeat(10 * KIB) });
/** Puts until the disk is full; answers what was acknowledged. */
async function fill(items: ItemStore): Promise<readonly Item[]> {
  const done: Item[] = [];
  for (;;) {
    const item = large(String.fromCharCode(97 + done.length));
    try {
      await items.put({ table: 'main', item });
    } catch (thrown) {
      expect(thrown).toMatchObject({ name: 'StoreError', outcome: 'not_done', reason: 'disk_full' });
      return done;
    }
    done.push(item);
  }
}

test('a file that is opened again shows everything that was acknowledged, the index included', async () => {
  const first = open();
  const owned = Array.from({ length: 50 }, (_, index) => {
    const sk = `sk-${String(index).padStart(2, '0')}`;
    return { pk: 'p', sk, n: 10n ** 30n + BigInt(index), ownerPk: 'o', ownerSk: sk };
  });
  await Promise.all(owned.map((item) => first.items.put({ table: 'main', item })));
  await first.items.put({ table: 'claims', item: { pk: 'p', sk: 'sk-00', owner: 'x' } });
  await first.items.update({ table: 'main', key: { pk: 'p', sk: 'sk-00' }, changes: { set: { n: 0 } } });
  await first.items.delete({ table: 'main', key: { pk: 'p', sk: 'sk-01' } });
  await first.close();
  const { items } = open();
  const expected = [{ ...owned[0], n: 0 }, ...owned.slice(2)];
  expect(await items.query({ table: 'main', pk: 'p', limit: 100 })).toEqual({ items: expected });
  const byOwner = { table: 'main', index: 'byOwner', pk: 'o', limit: 100 };
  expect(await items.query(byOwner)).toEqual({ items: expected });
  expect(await items.get({ table: 'claims', key: { pk: 'p', sk: 'sk-00' } })).toMatchObject({ owner: 'x' });
});

test('closing commits what waits, and afterwards everything is refused as not done', async () => {
  const { items, close } = open();
  const item = { pk: 'p', sk: 's' };
  const waiting = Promise.all([items.put({ table: 'main', item }), items.put({ table: 'claims', item })]);
  await Promise.resolve();
  await close();
  expect(await waiting).toEqual([
    { ok: true, value: undefined },
    { ok: true, value: undefined },
  ]);
  const key = { pk: 'p', sk: 's' };
  expect((await failureOf(items.get({ table: 'main', key }))).outcome).toBe('not_done');
  expect((await failureOf(items.put({ table: 'main', item }))).outcome).toBe('not_done');
  expect(await open().items.get({ table: 'main', key })).toEqual(item);
});

test('nobody sees a write before it is durable, and a refusal is answered with the commit that it saw', async () => {
  const { items } = open();
  const key = { pk: 'p', sk: 's' };
  const order: unknown[] = [];
  const condition = { kind: 'item_absent' } as const;
  const puts = ['first', 'second'].map(async (name) => {
    const put = await items.put({ table: 'main', item: { ...key, name }, condition });
    order.push([name, put.ok ? 'done' : put.error.existing?.name]);
  });
  expect(await items.get({ table: 'main', key })).toBeUndefined();
  expect(order).toEqual([]);
  await Promise.all(puts);
  expect(order).toEqual([
    ['first', 'done'],
    ['second', 'first'],
  ]);
  expect(await items.get({ table: 'main', key })).toEqual({ ...key, name: 'first' });
});

test('expired items stay until they are deleted, the oldest first, at most so many at once', async () => {
  const { items, deleteExpired } = open();
  const put = (table: string, sk: string, ttl: Item[string]) =>
    items.put({ table, item: { pk: 'p', sk, ttl } });
  await Promise.all([
    put('claims', 'c', 97),
    put('main', 'a', 99),
    put('main', 'b', 98),
    put('main', 'now', 100),
  ]);
  await Promise.all([put('main', 'text', '1'), put('main', 'large', 10n ** 20n), put('main', 'none', null)]);
  const left = async () => {
    const pages = [];
    for (const table of ['main', 'claims']) pages.push(await items.query({ table, pk: 'p', limit: 100 }));
    return pages.flatMap((page) => page.items.map(({ sk }) => sk)).sort();
  };
  expect(await left()).toEqual(['a', 'b', 'c', 'large', 'none', 'now', 'text']);
  expect(await deleteExpired(97, 10)).toBe(0);
  expect(await deleteExpired(100, 1)).toBe(1);
  expect(await left()).not.toContain('b');
  expect(await deleteExpired(100, 10)).toBe(2);
  expect(await deleteExpired(100, 10)).toBe(0);
  expect(await left()).toEqual(['large', 'none', 'now', 'text']);
  const again = { table: 'main', item: { pk: 'p', sk: 'now', ttl: 500 } };
  await items.put(again);
  expect(await deleteExpired(200, 10)).toBe(0);
});

test('a full disk refuses what does not fit as not done, does nothing by half, and goes on reading', async () => {
  const { items } = open({ pagesMax: 60 });
  const small = { pk: 'small', sk: 's', n: 1 };
  await items.put({ table: 'main', item: small });
  const done = await fill(items);
  expect(done.length).toBeGreaterThan(3);
  const key = { pk: 'small', sk: 's' };
  const changes = { add: { n: 1 } };
  const failure = await failureOf(
    items.transact([
      { op: 'update', table: 'main', key, changes },
      { op: 'put', table: 'claims', item: { pk: 'claim', sk: 's' } },
      { op: 'put', table: 'main', item: large('z') },
    ]),
  );
  expect(failure).toMatchObject({ outcome: 'not_done', reason: 'disk_full' });
  expect(await items.get({ table: 'main', key })).toEqual(small);
  expect(await items.get({ table: 'claims', key: { pk: 'claim', sk: 's' } })).toBeUndefined();
  expect(await items.get({ table: 'main', key: { pk: 'large', sk: 'z' } })).toBeUndefined();
  for (const item of done) {
    expect(await items.get({ table: 'main', key: { pk: item.pk, sk: item.sk } })).toEqual(item);
  }
});

test('beside a write that does not fit, others of the same commit succeed or fail by themselves', async () => {
  const { items } = open({ pagesMax: 60 });
  const small = { pk: 'small', sk: 's', n: 1 };
  await items.put({ table: 'main', item: small });
  const done = await fill(items);
  const key = { pk: 'small', sk: 's' };
  const [refused, updated, deleted] = await Promise.allSettled([
    items.put({ table: 'main', item: large('z') }),
    items.update({ table: 'main', key, changes: { add: { n: 1 } } }),
    items.delete({ table: 'main', key: { pk: 'large', sk: 'a' } }),
  ]);
  expect(refused).toMatchObject({ status: 'rejected', reason: { outcome: 'not_done', reason: 'disk_full' } });
  expect(updated).toEqual({ status: 'fulfilled', value: { ok: true, value: { ...small, n: 2 } } });
  expect(deleted).toEqual({ status: 'fulfilled', value: { ok: true, value: undefined } });
  expect(await items.put({ table: 'main', item: large('z') })).toEqual({ ok: true, value: undefined });
  const page = await items.query({ table: 'main', pk: 'large', limit: 100 });
  expect(page.items.map(({ sk }) => sk)).toEqual([...done.slice(1).map(({ sk }) => sk), 'z']);
});

test('what a full disk refused is still refused after opening again, and everything else is there', async () => {
  const first = open({ pagesMax: 60 });
  const done = await fill(first.items);
  await first.close();
  const { items } = open();
  const found = await items.query({ table: 'main', pk: 'large', limit: 100 });
  expect(found).toEqual({ items: done });
  expect((await items.put({ table: 'main', item: large('z') })).ok).toBe(true);
});
