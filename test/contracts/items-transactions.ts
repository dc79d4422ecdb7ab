import { describe, expect, it } from 'vitest';
import type { TransactionOperation } from '../../shared/ports/item-store.ts';
import { get, type ItemsUnderTest, MAIN, put, uniqueKey, uniquePk } from './items-builders.ts';

export function describeTransactions({ items }: ItemsUnderTest): void {
  describe('a transaction', () => {
    it('does everything, across partitions and tables', async () => {
      const [created, replaced, changed, deleted, checked, claim] = Array.from({ length: 6 }, uniqueKey);
      if (!created || !replaced || !changed || !deleted || !checked || !claim) throw new Error('six keys');
      for (const key of [replaced, changed, deleted, checked]) await put(items(), { ...key, n: 1 });
      const done = await items().transact([
        { op: 'put', table: MAIN, item: { ...created, n: 2 }, condition: { kind: 'item_absent' } },
        { op: 'put', table: MAIN, item: { ...replaced, m: 2 } },
        { op: 'update', table: MAIN, key: changed, changes: { add: { n: 1 } } },
        { op: 'delete', table: MAIN, key: deleted, condition: { kind: 'equal', name: 'n', value: 1 } },
        { op: 'check', table: MAIN, key: checked, condition: { kind: 'item_present' } },
        { op: 'put', table: 'claims', item: claim },
      ]);
      expect(done).toEqual({ ok: true, value: undefined });
      expect(await get(items(), created)).toEqual({ ...created, n: 2 });
      expect(await get(items(), replaced)).toEqual({ ...replaced, m: 2 });
      expect(await get(items(), changed)).toEqual({ ...changed, n: 2 });
      expect(await get(items(), deleted)).toBeUndefined();
      expect(await get(items(), checked)).toEqual({ ...checked, n: 1 });
      expect(await items().get({ table: 'claims', key: claim })).toEqual(claim);
    });

    it('does nothing where one condition fails, and names each failure in order with its item', async () => {
      const [absent, one, two, free] = Array.from({ length: 4 }, uniqueKey);
      if (!absent || !one || !two || !free) throw new Error('four keys');
      await put(items(), { ...one, value: [1, 2n ** 60n] });
      await put(items(), { ...two, n: 5 });
      const done = await items().transact([
        { op: 'put', table: MAIN, item: free, condition: { kind: 'item_absent' } },
        { op: 'put', table: MAIN, item: one, condition: { kind: 'item_absent' } },
        { op: 'check', table: MAIN, key: absent, condition: { kind: 'item_present' } },
        {
          op: 'update',
          table: MAIN,
          key: two,
          changes: { add: { n: 1 } },
          condition: { kind: 'less', name: 'n', value: 5 },
        },
      ]);
      expect(done).toEqual({
        ok: false,
        error: {
          kind: 'transaction_cancelled',
          reasons: [
            null,
            { kind: 'condition_failed', existing: { ...one, value: [1, 2n ** 60n] } },
            { kind: 'condition_failed' },
            { kind: 'condition_failed', existing: { ...two, n: 5 } },
          ],
        },
      });
      expect(await get(items(), free)).toBeUndefined();
      expect(await get(items(), two)).toEqual({ ...two, n: 5 });
    });

    it('takes 100 operations, and each of them can stop it', async () => {
      const pk = uniquePk();
      const operations: TransactionOperation[] = Array.from({ length: 100 }, (_, index) => {
        const item = { pk, sk: `sk-${index}`, text: 'x'.repeat(20_000) };
        return { op: 'put', table: MAIN, item, condition: { kind: 'item_absent' } };
      });
      const query = { table: MAIN, pk, limit: 1 };
      for (const stopped of [0, 50, 99]) {
        const check = { op: 'check', table: MAIN, key: { pk, sk: 'x' }, condition: { kind: 'item_present' } };
        const done = await items().transact(
          operations.map((operation, index) =>
            index === stopped ? (check as TransactionOperation) : operation,
          ),
        );
        const reasons = operations.map((_, index) =>
          index === stopped ? { kind: 'condition_failed' } : null,
        );
        expect(done).toEqual({ ok: false, error: { kind: 'transaction_cancelled', reasons } });
        expect(await items().query(query)).toEqual({ items: [] });
      }
      expect(await items().transact(operations)).toEqual({ ok: true, value: undefined });
      const keys = operations.map((_, index) => ({ pk, sk: `sk-${index}` }));
      expect(await items().getMany({ table: MAIN, keys })).toHaveLength(100);
    });
  });
}
