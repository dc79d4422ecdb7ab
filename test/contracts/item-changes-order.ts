import { describe, expect, it } from 'vitest';
import { type ChangesUnderTest, changesOf, OUTBOX } from './item-changes-builders.ts';
import { uniqueKey, uniquePk } from './items-builders.ts';

const WRITES = 40;
const indexes = Array.from({ length: WRITES }, (_, index) => index);

export function describeChangeOrder(subject: ChangesUnderTest): void {
  const { items } = subject;

  describe('the order of changes', () => {
    it('is that of the writes of an item, whatever else is written meanwhile', async () => {
      const pk = uniquePk();
      const keys = ['a', 'b', 'c'].map((sk) => ({ pk, sk }));
      for (const n of indexes) {
        await Promise.all(keys.map((key) => items().put({ table: OUTBOX, item: { ...key, n } })));
      }
      for (const key of keys) {
        expect((await changesOf(subject, key)).map(({ after }) => after?.n)).toEqual(indexes);
      }
    });

    it('is that in which writes at the same time happened: each sees what the one before it left', async () => {
      const key = uniqueKey();
      const answers = await Promise.all(
        indexes.map(async () => {
          const updated = await items().update({ table: OUTBOX, key, changes: { add: { n: 1 } } });
          return updated.ok ? Number(updated.value.n) : null;
        }),
      );
      expect(answers.toSorted((a, b) => Number(a) - Number(b))).toEqual(indexes.map((index) => index + 1));
      const found = await changesOf(subject, key);
      expect(found.map(({ before, after }) => [before?.n ?? 0, after?.n])).toEqual(
        indexes.map((index) => [index, index + 1]),
      );
    });

    it('keeps an item that is deleted and made again in order, too', async () => {
      const key = uniqueKey();
      for (const n of [1, 2, 3]) {
        await items().put({ table: OUTBOX, item: { ...key, n } });
        await items().delete({ table: OUTBOX, key });
      }
      const found = await changesOf(subject, key);
      expect(found.map(({ before, after }) => [before?.n ?? null, after?.n ?? null])).toEqual(
        [1, 2, 3].flatMap((n) => [
          [null, n],
          [n, null],
        ]),
      );
    });
  });
}
