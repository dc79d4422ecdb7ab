import { expect, test } from 'vitest';
import { createMemoryItems, type MemoryItems } from './memory-items.ts';

const BY_OWNER = { table: 'main', index: 'byOwner', pk: 'o', limit: 10 };
const owned = (sk: string, ownerSk = sk) => ({ pk: 'p', sk, ownerPk: 'o', ownerSk });
const put = (items: MemoryItems, item: ReturnType<typeof owned>) => items.put({ table: 'main', item });
const sksOf = async (items: MemoryItems) => (await items.query(BY_OWNER)).items.map(({ sk }) => sk);

test('an index that lags shows nothing before it catches up, then exactly what was written until then', async () => {
  const items = createMemoryItems({ indexLags: true });
  await put(items, owned('a'));
  await put(items, owned('b'));
  expect(await sksOf(items)).toEqual([]);
  items.catchUpIndex();
  await put(items, owned('a', 'c'));
  await items.delete({ table: 'main', key: { pk: 'p', sk: 'b' } });
  expect((await items.query(BY_OWNER)).items).toEqual([owned('a'), owned('b')]);
  items.catchUpIndex();
  expect((await items.query(BY_OWNER)).items).toEqual([owned('a', 'c')]);
});

test('the table never lags, and neither does the index unless it is asked to', async () => {
  const lagging = createMemoryItems({ indexLags: true });
  await put(lagging, owned('a'));
  expect((await lagging.query({ table: 'main', pk: 'p', limit: 10 })).items).toEqual([owned('a')]);
  expect(await lagging.get({ table: 'main', key: { pk: 'p', sk: 'a' } })).toEqual(owned('a'));
  const prompt = createMemoryItems();
  await put(prompt, owned('a'));
  expect(await sksOf(prompt)).toEqual(['a']);
});

test('items past their ttl are returned and count until the sweep, which takes those whose second is over', async () => {
  const items = createMemoryItems();
  const ttls = { over: 99, now: 100, later: 101, text: '1', large: 10n ** 20n };
  for (const [sk, ttl] of Object.entries(ttls))
    await items.put({ table: 'claims', item: { pk: 'p', sk, ttl } });
  const key = { pk: 'p', sk: 'over' };
  const claim = { table: 'claims', item: { ...key, ttl: 500 }, condition: { kind: 'item_absent' } } as const;
  expect((await items.put(claim)).ok).toBe(false);
  expect(await items.get({ table: 'claims', key })).toEqual({ ...key, ttl: 99 });
  items.expire(100);
  const left = await items.query({ table: 'claims', pk: 'p', limit: 10 });
  expect(left.items.map(({ sk }) => sk)).toEqual(['large', 'later', 'now', 'text']);
  expect((await items.put(claim)).ok).toBe(true);
});

test('a sweep does not reach an index that lags', async () => {
  const items = createMemoryItems({ indexLags: true });
  await items.put({ table: 'main', item: { ...owned('a'), ttl: 1 } });
  items.catchUpIndex();
  items.expire(2);
  expect(items.all()).toEqual([]);
  expect(await sksOf(items)).toEqual(['a']);
});

test('all items are copies: changing one changes nothing that is stored', async () => {
  const items = createMemoryItems();
  await items.put({ table: 'main', item: { pk: 'p', sk: 's', list: [1] } });
  const [item] = items.all() as unknown as [{ list: number[] }];
  item.list.push(2);
  expect(items.all()).toEqual([{ pk: 'p', sk: 's', list: [1] }]);
});

test('faults go around it, as another implementation of the port', async () => {
  const items = createMemoryItems();
  const failing = {
    ...items,
    put: async (input: Parameters<MemoryItems['put']>[0]) => {
      await items.put(input);
      throw new Error('the answer was lost');
    },
  };
  await expect(failing.put({ table: 'main', item: { pk: 'p', sk: 's' } })).rejects.toThrow('lost');
  expect(await failing.get({ table: 'main', key: { pk: 'p', sk: 's' } })).toEqual({ pk: 'p', sk: 's' });
});
