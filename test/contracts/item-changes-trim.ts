import { describe, expect, it } from 'vitest';
import type { ChangeTrim } from '../../shared/adapters/item-rules/feeds.ts';
import type { VirtualClock } from '../../shared/adapters/memory/virtual-clock.ts';
import { InvariantError } from '../../shared/kernel/assert.ts';
import type { ItemChanges } from '../../shared/ports/item-changes.ts';
import type { ItemStore } from '../../shared/ports/item-store.ts';
import { OUTBOX, put, readShard } from './item-changes-builders.ts';

interface TrimmedItems {
  readonly items: ItemStore;
  readonly changes: ItemChanges;
  readonly trim: (input: ChangeTrim) => Promise<number>;
  /** Deletes what expired before that second. */
  readonly expire: (nowSeconds: number) => Promise<void>;
}

/** How our own stores date and forget changes, and what they delete themselves; DynamoDB has its own pace. */
export function itemChangesTrimContract(subject: {
  readonly clock: VirtualClock;
  /** A store of its own each time. */
  readonly open: () => Promise<TrimmedItems>;
}): void {
  const { clock } = subject;
  const key = { pk: 'p', sk: 's' };

  /** The changes of one item, read from wherever they are. */
  async function readAll(changes: ItemChanges, after?: string) {
    const pages = [];
    for (const shardId of await changes.shards(OUTBOX))
      pages.push(await readShard(changes, { shardId, ...(after === undefined ? {} : { after }) }));
    return pages.flat();
  }

  /** Ten writes of one item, one a second: 0, 1, 2 … */
  async function openFilled() {
    const opened = await subject.open();
    const startMs = clock.nowMs();
    for (let n = 0; n < 10; n += 1) {
      await put(opened.items, { ...key, n });
      await clock.advance(1_000);
    }
    const positions = (await readAll(opened.changes)).map(({ sequenceNumber }) => sequenceNumber);
    const numbers = async (after?: string) =>
      (await readAll(opened.changes, after)).map((change) => change.after?.n);
    return { ...opened, startMs, numbers, at: (index: number) => positions[index] ?? '' };
  }

  describe('a change', () => {
    it('is dated by the clock', async () => {
      const { changes, startMs } = await openFilled();
      const times = (await readAll(changes)).map(({ changedAtMs }) => changedAtMs - startMs);
      expect(times).toEqual(Array.from({ length: 10 }, (_, index) => index * 1_000));
    });

    it('can be read as soon as its write is acknowledged', async () => {
      const { items, changes } = await subject.open();
      for (let n = 0; n < 20; n += 1) {
        await put(items, { ...key, n });
        expect((await readAll(changes)).at(-1)?.after).toEqual({ ...key, n });
      }
    });

    it('of an item that expired says so, and one of an item that was deleted before does not', async () => {
      const { items, changes, expire } = await subject.open();
      const [old, young] = [
        { ...key, sk: 'old', ttl: 99, n: 1 },
        { ...key, sk: 'young', ttl: 100 },
      ];
      const deleted = { ...key, sk: 'deleted', ttl: 98 };
      for (const item of [old, young, deleted]) await put(items, item);
      await items.put({ table: 'claims', item: { ...key, ttl: 99 } });
      await items.delete({ table: OUTBOX, key: { pk: deleted.pk, sk: deleted.sk } });
      await expire(100);
      await expire(100);
      const gone = (await readAll(changes)).filter(({ after }) => after === null);
      expect(gone).toHaveLength(2);
      expect(gone.find((change) => change.key.sk === 'deleted')).toMatchObject({ cause: 'write' });
      expect(gone.find((change) => change.key.sk === 'old')).toMatchObject({
        key: { pk: 'p', sk: 'old' },
        before: old,
        after: null,
        cause: 'expiry',
      });
      await put(items, { ...key, sk: 'old', n: 2 });
      expect((await readAll(changes)).find(({ after }) => after?.n === 2)?.before).toBeNull();
    });
  });

  describe('trim', () => {
    it('deletes what is older than an instant, and answers how much', async () => {
      const { trim, startMs, numbers } = await openFilled();
      expect(await trim({ table: OUTBOX, before: startMs })).toBe(0);
      expect(await trim({ table: OUTBOX, before: startMs + 3_000 })).toBe(3);
      expect(await numbers()).toEqual([3, 4, 5, 6, 7, 8, 9]);
      expect(await trim({ table: OUTBOX, before: startMs + 3_001 })).toBe(1);
      expect(await numbers()).toEqual([4, 5, 6, 7, 8, 9]);
    });

    it('keeps what somebody has still to read, however old it is', async () => {
      const { trim, numbers, at } = await openFilled();
      await clock.advance(86_400_000);
      expect(await trim({ table: OUTBOX, before: clock.nowMs(), upTo: '0' })).toBe(0);
      expect(await trim({ table: OUTBOX, before: clock.nowMs(), upTo: at(5) })).toBe(6);
      expect(await numbers()).toEqual([6, 7, 8, 9]);
    });

    it('goes on with the oldest that is left when asked from a position that is gone', async () => {
      const { trim, startMs, numbers, at } = await openFilled();
      await trim({ table: OUTBOX, before: startMs + 5_000 });
      expect(await numbers(at(1))).toEqual([5, 6, 7, 8, 9]);
      expect(await numbers(at(6))).toEqual([7, 8, 9]);
    });

    it('does not give a position again after everything is deleted, and images go on joining', async () => {
      const { items, changes, trim, numbers, at } = await openFilled();
      expect(await trim({ table: OUTBOX, before: clock.nowMs() })).toBe(10);
      expect(await numbers()).toEqual([]);
      await put(items, { ...key, n: 10 });
      const rest = await readAll(changes, at(9));
      expect(rest.map(({ before, after }) => [before?.n, after?.n])).toEqual([[9, 10]]);
    });

    it('deletes more than one commit may', async () => {
      const { items, changes, trim } = await subject.open();
      await Promise.all(Array.from({ length: 600 }, (_, n) => put(items, { ...key, n })));
      const { sequenceNumber } = (await readAll(changes))[516] ?? { sequenceNumber: '' };
      await clock.advance(1);
      expect(await trim({ table: OUTBOX, before: clock.nowMs(), upTo: sequenceNumber })).toBe(517);
      const left = (await readAll(changes)).map(({ after }) => after?.n);
      expect(left).toEqual(Array.from({ length: 83 }, (_, index) => 517 + index));
    });

    it('of a table without a feed is a bug of the caller', async () => {
      const { trim } = await subject.open();
      await expect(trim({ table: 'main', before: 0 })).rejects.toThrow(InvariantError);
    });
  });
}
