import { describe, expect, it } from 'vitest';
import type { Condition, Item, ItemStore } from '../../shared/ports/item-store.ts';
import { get, type ItemsUnderTest, MAIN, put, uniqueKey, uniquePk } from './items-builders.ts';

const RACERS = 40;
const racers = Array.from({ length: RACERS }, (_, index) => index);

const logOf = (item: Item | undefined) => (item?.log ?? []) as readonly number[];

/** What a store under contention may answer besides: the caller tries again, and nothing happened. */
async function untilAnswered<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (thrown) {
      const isNotDone = thrown instanceof Error && 'outcome' in thrown && thrown.outcome === 'not_done';
      if (!isNotDone) throw thrown;
    }
  }
}

export function describeRaces({ items, runs }: ItemsUnderTest): void {
  describe('of many at once', () => {
    it('exactly one puts an item that is absent, and all others see the item of the winner', async () => {
      for (let round = 0; round < Math.min(runs, 10); round += 1) {
        const key = uniqueKey();
        const condition = { kind: 'item_absent' } as const;
        const results = await Promise.all(
          racers.map((racer) => items().put({ table: MAIN, item: { ...key, racer }, condition })),
        );
        const winners = racers.filter((racer) => results[racer]?.ok);
        expect(winners).toHaveLength(1);
        const existing = { ...key, racer: winners[0] };
        expect(await get(items(), key)).toEqual(existing);
        for (const result of results) {
          if (!result.ok) expect(result.error).toEqual({ kind: 'condition_failed', existing });
        }
      }
    });

    it('each addition counts once', async () => {
      const key = uniqueKey();
      const seen = await Promise.all(
        racers.map(async (racer) => {
          const changes = { add: { n: 1, sum: 10n ** 30n + BigInt(racer) } };
          const updated = await items().update({ table: MAIN, key, changes });
          return updated.ok ? updated.value.n : null;
        }),
      );
      expect(seen.map(Number).sort((a, b) => a - b)).toEqual(racers.map((racer) => racer + 1));
      const sum = BigInt(RACERS) * 10n ** 30n + BigInt((RACERS * (RACERS - 1)) / 2);
      expect(await get(items(), key)).toEqual({ ...key, n: RACERS, sum });
    });

    it('one at a time advances a version, none is lost', async () => {
      const key = uniqueKey();
      await put(items(), { ...key, version: 0, log: [] });
      const advance = async (racer: number): Promise<void> => {
        const item = await get(items(), key);
        const version = Number(item?.version);
        const condition: Condition = { kind: 'equal', name: 'version', value: version };
        const log = [...logOf(item), racer];
        const done = await items().put({
          table: MAIN,
          item: { ...key, version: version + 1, log },
          condition,
        });
        if (!done.ok) await advance(racer);
      };
      await Promise.all(racers.slice(0, 10).map(advance));
      const item = await get(items(), key);
      expect(item?.version).toBe(10);
      expect(logOf(item).toSorted((a, b) => a - b)).toEqual(racers.slice(0, 10));
    });

    it('transfers between items keep their sum, whatever is read meanwhile', async () => {
      const pk = uniquePk();
      for (const sk of ['a', 'b', 'c']) await put(items(), { pk, sk, balance: 10 });
      const results = await Promise.all(
        racers.map((racer) => untilAnswered(() => transfer(items(), pk, racer))),
      );
      const page = await items().query({ table: MAIN, pk, limit: 10 });
      const balances = page.items.map(({ balance }) => Number(balance));
      expect(balances.reduce((sum, balance) => sum + balance, 0)).toBe(30);
      expect(Math.min(...balances)).toBeGreaterThanOrEqual(0);
      const left = results.filter(({ from, isDone }) => isDone && from === 'a').length;
      const arrived = results.filter(({ to, isDone }) => isDone && to === 'a').length;
      expect(balances[0]).toBe(10 - left + arrived);
    });
  });
}

async function transfer(items: ItemStore, pk: string, racer: number) {
  const from = 'abc'[racer % 3] ?? '';
  const to = 'abc'[(racer * 2 + 1) % 3] ?? '';
  if (from === to) return { from, to, isDone: false };
  const done = await items.transact([
    {
      op: 'update',
      table: MAIN,
      key: { pk, sk: from },
      changes: { add: { balance: -1 } },
      condition: { kind: 'greater_or_equal', name: 'balance', value: 1 },
    },
    { op: 'update', table: MAIN, key: { pk, sk: to }, changes: { add: { balance: 1 } } },
  ]);
  return { from, to, isDone: done.ok };
}
