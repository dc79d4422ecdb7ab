import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../shared/kernel/assert.ts';
import { LIMITS } from '../../shared/kernel/limits.ts';
import type { Item } from '../../shared/ports/item-store.ts';
import { type ChangesUnderTest, OUTBOX, readShard, writeSeries } from './item-changes-builders.ts';
import { uniqueKey } from './items-builders.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index));

export function describeChangeReads(subject: ChangesUnderTest): void {
  const { changes, runs } = subject;

  /** The texts of one item's changes in a shard behind a position, whoever else wrote meanwhile. */
  async function textsBehind(pk: string, input: Parameters<typeof readShard>[1]) {
    const found = await readShard(changes(), input);
    return found.flatMap(({ key, after }) =>
      key.pk === pk && after?.text !== undefined ? [after.text] : [],
    );
  }

  describe('reading', () => {
    it('goes on from any position with exactly the rest, in pages of any size', async () => {
      const property = fc.asyncProperty(fc.nat(19), fc.integer({ min: 1, max: 30 }), async (index, limit) => {
        const key = uniqueKey();
        const texts = numbers(20);
        const { shardId, positions } = await writeSeries(subject, { key, texts });
        const after = positions[index] ?? '';
        expect(await textsBehind(key.pk, { shardId, after, limit })).toEqual(texts.slice(index + 1));
      });
      await fc.assert(property, { numRuns: Math.min(runs, 30) });
    });

    it('from the start answers the oldest first', async () => {
      const key = uniqueKey();
      const texts = numbers(5);
      const { shardId } = await writeSeries(subject, { key, texts });
      expect(await textsBehind(key.pk, { shardId, limit: 7 })).toEqual(texts);
    });

    it('answers nothing at the end, and what comes next from there', async () => {
      const key = uniqueKey();
      const { shardId, positions } = await writeSeries(subject, { key, texts: ['first'] });
      const rest = await readShard(changes(), { shardId, after: positions[0] ?? '' });
      const last = rest.at(-1)?.sequenceNumber ?? '';
      expect(await changes().read({ table: OUTBOX, shardId, after: last, limit: 10 })).toEqual([]);
      await writeSeries(subject, { key, texts: ['next'] });
      expect(await textsBehind(key.pk, { shardId, after: last })).toEqual(['next']);
    });

    it('by two readers at their own pace shows each of them everything', async () => {
      const key = uniqueKey();
      const texts = numbers(12);
      const { shardId, positions } = await writeSeries(subject, { key, texts });
      const [after = ''] = positions;
      const seen: string[][] = [[], []];
      const readers = [1, 5].map((limit, index) => ({ limit, index, after }));
      while (readers.some(({ index }) => seen[index]?.at(-1) !== positions.at(-1))) {
        for (const reader of readers) {
          const { limit, index } = reader;
          const page = await changes().read({ table: OUTBOX, shardId, after: reader.after, limit });
          reader.after = page.at(-1)?.sequenceNumber ?? reader.after;
          const own = page.filter((change) => change.key.pk === key.pk && change.after?.text !== undefined);
          seen[index]?.push(...own.map(({ sequenceNumber }) => sequenceNumber));
        }
      }
      expect(seen).toEqual([positions.slice(1), positions.slice(1)]);
    });

    it('answers at most 1 MB, and at least one change while there is one', async () => {
      const key = uniqueKey();
      const large = Array.from({ length: 4 }, (_, index) => String(index).repeat(390_000));
      const { shardId, positions } = await writeSeries(subject, { key, texts: ['small', ...large] });
      let after = positions[0] ?? '';
      const texts: unknown[] = [];
      for (;;) {
        const page = await changes().read({ table: OUTBOX, shardId, after, limit: 100 });
        if (page.length === 0) break;
        expect(page.length === 1 || sizeOf(page) <= LIMITS.changeReadBytes).toBe(true);
        texts.push(...page.filter((change) => change.key.pk === key.pk).map((change) => change.after?.text));
        after = page.at(-1)?.sequenceNumber ?? after;
      }
      expect(texts.filter((text) => text !== undefined)).toEqual(large);
    });
  });

  describe('a read that nobody may ask for', () => {
    it.each([0, 1_001, 1.5])('of %d changes is a bug of the caller', async (limit) => {
      const [shardId = ''] = await changes().shards(OUTBOX);
      await expect(changes().read({ table: OUTBOX, shardId, limit })).rejects.toThrow(InvariantError);
    });

    it.each(['', '01', '-1', '1e3', 'x'])('behind the position %j is a bug of the caller', async (after) => {
      const [shardId = ''] = await changes().shards(OUTBOX);
      const read = changes().read({ table: OUTBOX, shardId, after, limit: 1 });
      await expect(read).rejects.toThrow(InvariantError);
    });

    it('of a shard that does not exist is refused', async () => {
      await expect(changes().read({ table: OUTBOX, shardId: 'other', limit: 1 })).rejects.toThrow();
    });

    it.each(['claims', 'main', 'other'])(
      'of the table %s, which has no feed, is a bug of the caller',
      async (table) => {
        const [shardId = ''] = await changes().shards(OUTBOX);
        await expect(changes().shards(table)).rejects.toThrow(InvariantError);
        await expect(changes().read({ table, shardId, limit: 1 })).rejects.toThrow(InvariantError);
      },
    );
  });
}

/** The least that the images take: their texts. */
function sizeOf(page: readonly { readonly before: Item | null; readonly after: Item | null }[]): number {
  const textOf = (item: Item | null) => String(item?.text ?? '');
  return page.reduce((sum, { before, after }) => sum + textOf(before).length + textOf(after).length, 0);
}
